"""The pages as they are sent: languages, policy, what they tell their scripts."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from functions.settings import ROOT

PAGES = ("/", "/contribute")
STATIC = ROOT / "static"


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


def read(client: FlaskClient, path: str, **headers: str) -> tuple[str, Reader]:
    answer = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.status_code == 200
    return answer.text, Reader(answer.text)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_stands_inline_and_everything_comes_from_here(client: FlaskClient, path: str) -> None:
    _, page = read(client, path)
    assert page.inline == []
    assert [address for address in page.addresses if not re.match(r"[/#](?!/)", address)] == []


@pytest.mark.parametrize("path", PAGES)
def test_every_file_a_page_names_is_there(client: FlaskClient, path: str) -> None:
    _, page = read(client, path)
    for address in page.addresses:
        if not address.startswith("#"):
            assert client.get(address).status_code == 200, address


def test_every_module_imports_files_that_are_there() -> None:
    for script in (STATIC / "js").glob("*.js"):
        for name in re.findall(r"""(?:from|import) "(\./[^"]+)";""", script.read_text()):
            assert (script.parent / name).exists(), f"{script.name} imports {name}"


def test_a_page_tells_its_scripts_set_labels_and_words(client: FlaskClient) -> None:
    _, page = read(client, "/")
    told = json.loads(page.data)
    assert (told["api"], told["set"], told["language"]) == ("/api/v1", "digits", "en")
    assert told["labels"] == list("0123456789")
    assert told["words"]["answer.empty"] == "Draw something"


@pytest.mark.parametrize("path", PAGES)
def test_the_browsers_language_is_spoken(client: FlaskClient, path: str) -> None:
    assert '<html lang="en"' in read(client, path)[0]
    assert '<html lang="ru"' in read(client, path, Accept_Language="de, ru-RU;q=0.8, en;q=0.5")[0]
    assert '<html lang="en"' in read(client, path, Accept_Language="de")[0]


def test_a_chosen_language_is_remembered(client: FlaskClient) -> None:
    russian = client.get("/?lang=ru")
    assert russian.headers["Content-Language"] == "ru"
    assert {"Accept-Language", "Cookie"} <= set(russian.vary)
    assert '<html lang="ru"' in read(client, "/contribute", Accept_Language="en")[0]
    assert '<html lang="en"' in read(client, "/?lang=en")[0]


def test_a_language_nobody_wrote_is_not_remembered(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/?lang=xx").headers


def test_the_way_to_the_other_language_keeps_the_set(client: FlaskClient) -> None:
    _, page = read(client, "/contribute?set=digits")
    assert "/contribute?set=digits&lang=ru" in page.addresses


def test_an_unknown_set_is_told_on_a_page_in_the_visitors_language(client: FlaskClient) -> None:
    answer = client.get("/?set=nowhere", headers={"Accept-Language": "ru"})
    assert answer.status_code == 404
    assert "Такого набора символов нет." in answer.text
    assert Reader(answer.text).inline == []


def test_what_is_vendored_is_what_was_published() -> None:
    listed = {}
    for line in (STATIC / "vendor" / "VERSIONS").read_text().splitlines():
        if found := re.fullmatch(r"([0-9a-f]{64})  (\S+)", line):
            listed[found[2]] = found[1]
    folder = STATIC / "vendor"
    there = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file() and path.name != "VERSIONS"}
    assert listed == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in there.items()}


def test_no_file_sends_the_browser_elsewhere() -> None:
    for path in STATIC.rglob("*"):
        if path.suffix in (".js", ".css"):
            text = path.read_text()
            assert "sourceMappingURL" not in text, path.name
            assert not re.search(r"""(?:url\(|import |from )["']?(?:https?:)?//""", text), path.name
