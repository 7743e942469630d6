"""Pages load their files compressed, once a release; and a page of the owner or of a visitor comes compressed too."""

from __future__ import annotations

import gzip
import re

from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip, deflate"}
MOST = 90_000  # bytes of a first visit, compressed
FILE = re.compile(r'(?:src|href)="(/static/[^"]+)"')


def test_the_files_of_a_page_are_compressed_and_kept_for_a_year(client: FlaskClient) -> None:
    files = set(FILE.findall(client.get("/").text))
    assert len(files) >= 4
    for file in files:
        answer = client.get(file, headers=GZIP)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=31536000, immutable"), file
        assert answer.headers.get("Content-Encoding") == "gzip", file
        assert gzip.decompress(answer.data) == client.get(file).data
        assert client.get(file, headers={**GZIP, "If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_first_visit_weighs_little_and_the_next_page_needs_no_other_file(client: FlaskClient) -> None:
    page = client.get("/", headers=GZIP)
    text = gzip.decompress(page.data).decode()
    files = set(FILE.findall(text))
    assert len(files) < 8
    assert len(page.data) + sum(len(client.get(file, headers=GZIP).data) for file in files) < MOST
    for path in ("/contribute", "/models"):
        assert set(FILE.findall(client.get(path).text)) <= files, path


def test_a_file_of_another_release_is_not_kept(client: FlaskClient) -> None:
    answer = client.get("/static/css/inkloop.css?v=older", headers=GZIP)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


def test_a_file_without_a_version_is_sent_as_it_lies_there(client: FlaskClient) -> None:
    assert b'import "./menu.js";' in client.get("/static/js/pages.js").data
    assert (
        b"import" not in client.get("/static/js/pages.js?v=").data.replace(b"import.meta", b"").replace(b"important", b"")[:2000]
    )
    for name in ("none.css", "../main.py", "js/%2e%2e/%2e%2e/main.py", "js"):
        assert client.get(f"/static/{name}?v=1").status_code == 404, name


def test_bootstrap_has_what_pages_use_and_little_else(client: FlaskClient) -> None:
    address = next(file for file in FILE.findall(client.get("/").text) if "bootstrap" in file)
    css = client.get(address).text
    assert ".btn" in css
    assert ".carousel" not in css
    assert len(css) < 40_000
