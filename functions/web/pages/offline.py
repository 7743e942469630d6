"""What makes the platform installable, and lets Recognise and Contribute work without a connection."""

from __future__ import annotations

import gzip
import hashlib
import json
from functools import cache
from pathlib import Path

from flask import Response, current_app, jsonify, render_template, request, url_for

from functions.settings import ROOT
from functions.web.pages.public import current_words, in_language, pages

RELEASE_HEADER = "Inkloop-Release"
STATIC = ROOT / "static"
# What pages load, and what they may ask for without a connection. LiteRT.js, which is large, is kept only where it was wanted.
FILES = (
    "css/inkloop.css",
    "css/inkloop.svg",
    "js/deviceNetworks.js",
    "js/deviceWorker.js",
    "js/pages.js",
    "js/theme.js",
    "vendor/bootstrap/bootstrap.min.css",
)


@pages.get("/manifest.webmanifest")
def manifest() -> Response:
    """Describe the app that a browser can install."""
    home = url_for("pages.recognise")
    icons = [_icon(f"inkloop-{size}", size) for size in (192, 512)] + [_icon("inkloop-maskable-512", 512, "maskable")]
    response = jsonify(
        id=home,
        name="Inkloop",
        short_name="Inkloop",
        description=current_words()("site.description"),
        lang=current_words().language,
        start_url=home,
        scope=home,
        display="standalone",
        background_color="#faf6ee",
        theme_color="#b5432a",
        icons=icons,
    )
    response.mimetype = "application/manifest+json"
    return in_language(response)


@pages.get("/service-worker.js")
def service_worker() -> Response:
    """Send the service worker, which must lie above all pages. It names the files, so a new release changes its bytes."""
    files = [current_app.extensions["asset"](name) for name in FILES]
    facts = json.dumps({"id": release(), "root": request.script_root, "files": [*files, url_for("pages.offline")]})
    body = f"const RELEASE = {facts};\n{(STATIC / 'js' / 'serviceWorker.js').read_text('utf-8')}"
    response = Response(body, mimetype="text/javascript")
    if request.accept_encodings.quality("gzip"):
        response.set_data(gzip.compress(response.get_data(), mtime=0))
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.cache_control.no_cache = True
    response.add_etag()
    return response.make_conditional(request)  # type: ignore[return-value]


@pages.get("/offline")
def offline() -> Response:
    """Show what works without a connection, instead of a page that needs one."""
    return in_language(Response(render_template("offline.html", sets=(), chosen=None)))


@pages.after_request
def name_release(response: Response) -> Response:
    """Name the release that made a page, so that no other release keeps it."""
    response.headers[RELEASE_HEADER] = release()
    return response


def _icon(name: str, size: int, purpose: str = "any") -> dict[str, str]:
    """Describe an icon; a system cuts a ``maskable`` one to the form of its own icons."""
    src = url_for("static", filename=f"css/{name}.png")
    return {"src": src, "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


@cache
def release() -> str:
    """Return the id of this release: the same for the same files, templates and words."""
    folders = (STATIC, ROOT / "templates", Path(__file__).parent / "words")
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        digest.update(path.name.encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
