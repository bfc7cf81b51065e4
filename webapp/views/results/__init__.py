"""Pages: what a round found, difference by difference, its pictures, and the files to take away."""

from __future__ import annotations

from typing import Final

from flask import Blueprint

from webapp.views.results import comments, files, pages

blueprint = Blueprint("results", __name__, url_prefix="/waves/<wave_id>")

# Address under the round, name of the page, its method, and what answers there.
PAGES: Final = (
    ("/results", "overview", "GET", pages.overview),
    ("/results/differences", "differences", "GET", pages.differences),
    ("/results/differences/<difference_id>", "difference", "GET", pages.difference),
    ("/results/map", "map", "GET", pages.on_map),
    ("/results/promises/<any(champion, partner):role>", "promises", "GET", pages.promises),
    ("/results/answers", "answers", "GET", pages.answers),
    ("/results/by-name", "by_name", "GET", pages.by_name),
    ("/results/comments", "comments", "GET", comments.listing),
    ("/results/comments/<comment_id>/hide", "hide_comment", "POST", comments.hide),
    ("/results/comments/<comment_id>/show", "show_comment", "POST", comments.show),
    ("/results.json", "as_json", "GET", files.as_json),
    ("/charts/<name>.<any(svg, png):kind>", "chart", "GET", files.chart),
    ("/export", "ask_export", "POST", files.ask_export),
    ("/export.zip", "export", "GET", files.export),
)

for _address, _name, _method, _view in PAGES:
    blueprint.add_url_rule(_address, endpoint=_name, view_func=_view, methods=[_method])
