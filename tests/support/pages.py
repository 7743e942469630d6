"""Reading pages as a browser does, and signing in as the owner."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from flask.testing import FlaskClient

PASSWORD = "the owner's password"


class Reader(HTMLParser):
    """Collects what a content security policy or a broken link would trip over."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.addresses: list[str] = []
        self.data = ""
        self._inside: dict[str, str | None] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = dict(attrs)
        self.inline += [f"{tag} {name}" for name in about if name == "style" or name.startswith("on")]
        self.addresses += [about[name] or "" for name in ("src", "href") if name in about]
        if tag == "style":
            self.inline.append("style")
        self._inside = about if tag == "script" else None

    def handle_data(self, data: str) -> None:
        if self._inside is None or not data.strip():
            return
        if self._inside.get("type") == "application/json":
            self.data += data
        else:
            self.inline.append("script")


def sign_in(client: FlaskClient, password: str = PASSWORD) -> str:
    """Sign in and return the CSRF token of the page."""
    answer = client.post("/admin/login", data={"password": password}, follow_redirects=True)
    assert answer.status_code == 200
    return re.search(r'name="csrf" value="([^"]+)"', answer.text)[1]


def read(client: FlaskClient, path: str, **headers: str) -> tuple[str, Reader]:
    answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 200
    return answer.text, Reader(answer.text)
