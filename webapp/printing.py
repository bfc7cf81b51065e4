"""Pages as PDF, made by an engine that fetches nothing from anywhere."""

from __future__ import annotations

from typing import Any, Final

from webapp.faults import Refused

try:
    import weasyprint

    _LACKING = ""
except ImportError:
    weasyprint = None
    _LACKING = "the package weasyprint: pip install 'muster[pdf]'"
except OSError:
    # The package is there, the library that sets its letters is not.
    weasyprint = None
    _LACKING = "the library Pango: apt install libpango-1.0-0 libpangoft2-1.0-0"

# Tagged for screen readers, as the page itself is.
VARIANT: Final = "pdf/ua-1"


class NoEngine(Refused):
    """This machine cannot make PDF files; the sentence says what it lacks."""


def require() -> None:
    """Raise ``NoEngine`` where PDF files cannot be made."""
    if _LACKING:
        raise NoEngine(f"PDF files need {_LACKING}")


def pdf(page: str, style: str) -> bytes:
    """An HTML page as PDF, with this style sheet alone; the same page gives the same bytes.

    Raises ``NoEngine`` where the engine is not installed.
    """
    content: bytes = laid_out(page, style).write_pdf(
        pdf_variant=VARIANT, pdf_identifier=b"muster", custom_metadata=False
    )
    return content


def laid_out(page: str, style: str) -> Any:
    """The page set on paper: its ``pages`` carry the anchors that stand on them."""
    require()
    # A fetcher that knows no protocol refuses every address, those of files included.
    nothing = weasyprint.urls.URLFetcher(allowed_protocols=())
    sheet = weasyprint.CSS(string=style, url_fetcher=nothing)
    return weasyprint.HTML(string=page, url_fetcher=nothing).render(stylesheets=[sheet])
