"""The files that pages load, in the form in which pages load them: scripts joined, Bootstrap reduced, under a name of their own.

A page asks for ``/static/js/pages.js?v=HASH``. The hash is that of the bytes, so the answer may be kept for a year. The same
address without ``v`` sends the file as it lies in ``static``.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for

from functions.web.join_modules import IMPORT, join
from functions.web.reduce_css import reduce_css

REDUCED = "vendor/bootstrap/bootstrap.min.css"
WORD = re.compile(r"[\w-]+")
A_YEAR = 365 * 24 * 3600  # seconds
TEXTS = (".js", ".css", ".svg", ".webmanifest")


@dataclass(frozen=True)
class Asset:
    """A file as pages load it."""

    body: bytes
    kind: str

    @cached_property
    def version(self) -> str:
        """The beginning of the SHA-256 of the bytes."""
        return hashlib.sha256(self.body).hexdigest()[:12]

    @cached_property
    def packed(self) -> bytes:
        """The bytes compressed with gzip; without a time stamp, so that each process makes the same."""
        return gzip.compress(self.body, 9, mtime=0)


class Assets:
    """The files below ``static`` as pages load them, each made when it is first asked for and then kept."""

    def __init__(self, static: Path, templates: Path) -> None:
        self._static, self._templates = static, templates
        self._made: dict[str, Asset] = {}

    def find(self, name: str) -> Asset | None:
        """Return an asset by its path below ``static``, None if there is no such file."""
        if name not in self._made:
            path = self._static / name
            if ".." in Path(name).parts or not path.is_file():
                return None
            self._made[name] = Asset(self._bytes(name), mimetypes.guess_type(name)[0] or "application/octet-stream")
        return self._made[name]

    def _bytes(self, name: str) -> bytes:
        if name.startswith("js/") and name.endswith(".js"):
            return self._script(name).encode()
        if name == REDUCED:
            return reduce_css((self._static / name).read_text("utf-8"), self._words()).encode()
        return (self._static / name).read_bytes()

    def _script(self, name: str) -> str:
        text = (self._static / name).read_text("utf-8")
        return join(name, lambda path: (self._static / path).read_text("utf-8")) if IMPORT.search(text) else text

    def _words(self) -> frozenset[str]:
        """Return all words of templates and scripts; the names of classes are among them."""
        files = [*self._templates.rglob("*.html"), *(self._static / "js").rglob("*.js")]
        return frozenset(word for path in files for word in WORD.findall(path.read_text("utf-8")))


@lru_cache(maxsize=4)
def _assets(static: Path, templates: Path) -> Assets:
    """Return the assets of two folders; the applications of a process share them."""
    return Assets(static, templates)


def install(app: Flask) -> None:
    """Give templates ``asset(name)``, an asset's address, and let the static view of ``app`` send assets by version."""
    assets = _assets(Path(app.static_folder or "static"), Path(app.root_path) / "templates")
    send_plain = app.view_functions["static"]

    def address(name: str) -> str:
        found = assets.find(name)
        return url_for("static", filename=name, v=None if found is None else found.version)

    def send(filename: str) -> Response:
        found = assets.find(filename) if "v" in request.args else None
        return send_plain(filename) if found is None else _response(found, filename)  # type: ignore[return-value]

    app.view_functions["static"] = send
    app.context_processor(lambda: {"asset": address})
    app.extensions["asset"] = address


def _response(asset: Asset, filename: str) -> Response:
    packed = filename.endswith(TEXTS) and request.accept_encodings.quality("gzip") > 0
    response = Response(asset.packed if packed else asset.body, mimetype=asset.kind)
    if packed:
        response.content_encoding = "gzip"
    response.vary.add("Accept-Encoding")
    response.set_etag(f"{asset.version}{'-gzip' if packed else ''}")
    if request.args["v"] == asset.version:
        response.cache_control.public, response.cache_control.max_age = True, A_YEAR
        response.cache_control.immutable = True
    else:  # a page of another release, while processes change over
        response.cache_control.no_cache = True
    return response.make_conditional(request)  # type: ignore[return-value]
