"""Style sheet, script and icon: served under names that change with their content."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any, Final
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

from webapp.config import Settings
from webapp.views import headers

FOLDER: Final = Path(__file__).parent.parent / "static"
HASHED: Final = re.compile(r"\.[0-9a-f]{12}\.\w+$")


def init_app(app: Flask, settings: Settings) -> None:
    """Serve the static files, and let ``url_for("static", ...)`` give their present names."""
    names = {
        path.relative_to(FOLDER).as_posix(): path
        for path in sorted(FOLDER.rglob("*"))
        if path.is_file()
    }
    hashed = {name: _hashed(name, path.read_bytes()) for name, path in names.items()}

    def fixed(response_headers: Headers, _path: str, _url: str) -> None:
        for name, value in headers.standing(settings).items():
            response_headers[name] = value

    files = WhiteNoise(
        app.wsgi_app,
        allow_all_origins=False,
        add_headers_function=fixed,
        immutable_file_test=lambda _path, url: bool(HASHED.search(url)),
    )
    for name, path in names.items():
        packed = _packed(path, settings.instance / "static" / hashed[name])
        files.add_file_to_dictionary(f"/static/{hashed[name]}", str(packed))
    # Browsers look here by themselves, so no page has to name it and wait for it.
    files.add_file_to_dictionary("/favicon.ico", str(names["icon.svg"]))
    app.wsgi_app = files  # type: ignore[method-assign]
    app.add_url_rule("/static/<path:filename>", endpoint="static", build_only=True)

    @app.url_defaults
    def present_name(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["filename"] = hashed[values["filename"]]


def _hashed(name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"


def _packed(source: Path, target: Path) -> Path:
    """A copy of the file with its compressed forms beside it, made once.

    Where the folder cannot be written to, the file is served as it is.
    """
    if target.exists():
        return target
    beside = target.with_name(f"{os.getpid()}-{target.name}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(source.read_bytes())
        for made in Compressor(quiet=True).compress(str(beside)):
            ending = made.removeprefix(str(beside))
            Path(made).replace(f"{target}{ending}")
        beside.replace(target)
    except OSError:
        return source
    return target
