"""The pages as they are sent: languages, policy, what they tell their scripts."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions import registry
from functions.records.tables import SymbolSetRow
from functions.settings import ROOT
from functions.verbs.define import add_label
from functions.web.pages import public, translations
from functions.web.pages.translations import words
from functions.web.platform import Platform
from tests.support import tiny_models
from tests.support.pages import Reader, read

PAGES = ("/", "/contribute", "/models")
STATIC = ROOT / "static"


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
            assert client.get(address, follow_redirects=True).status_code == 200, address


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


def test_a_file_of_words_more_is_a_language_more(client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(translations.FOLDER, tmp_path / "words")
    german = words("en").sentences | {"language.name": "Deutsch"}
    (tmp_path / "words" / "de.json").write_text(json.dumps(german), "utf-8")
    monkeypatch.setattr(translations, "FOLDER", tmp_path / "words")
    for module in (translations, public):
        monkeypatch.setattr(module, "LANGUAGES", translations.languages_in(tmp_path / "words"))
    assert '<html lang="de"' in read(client, "/", Accept_Language="de-AT, en;q=0.5")[0]
    assert ">Deutsch</a>" in read(client, "/")[0]


def test_a_language_nobody_wrote_is_not_remembered(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/?lang=xx").headers


@pytest.fixture
def client_of_two(make_app: Callable[..., Flask], tmp_path: Path) -> FlaskClient:
    """A visitor's browser where ``digits`` ships, and then ``letters``; the owner's ``shapes`` have no networks yet."""
    tiny_models.ship(tmp_path / "models", name="letters", labels=tuple("OPQopq"))
    app = make_app()
    with app.extensions["inkloop"].database.writing() as session:
        session.add(SymbolSetRow(name="shapes", labels=["star", "heart"], origin="owner"))
    return app.test_client()


def told(client: FlaskClient, path: str) -> dict[str, Any]:
    return dict(json.loads(read(client, path)[1].data))


@pytest.mark.parametrize(
    ("path", "name"), [("/", "recognise"), ("/read", "read"), ("/contribute", "contribute"), ("/models", "models")]
)
def test_every_set_is_one_click_away_on_the_same_page(client_of_two: FlaskClient, path: str, name: str) -> None:
    text, page = read(client_of_two, path)
    assert {f"/{name}/{chosen}" for chosen in ("digits", "letters", "shapes")} <= set(page.addresses)
    assert 'aria-current="true"><span>Digits</span>' in text, "an address without a set is of the first one"
    assert 'aria-current="true"><span>letters</span>' in read(client_of_two, f"/{name}/letters")[0]


def test_a_set_that_was_chosen_is_remembered_and_an_address_that_names_one_is_stronger(client_of_two: FlaskClient) -> None:
    assert told(client_of_two, "/contribute/letters")["set"] == "letters"
    for path, place in (("/", "/recognise/letters"), ("/contribute?lang=ru", "/contribute/letters?lang=ru")):
        answer = client_of_two.get(path)
        assert (answer.status_code, answer.location) == (302, place)
        assert "Cookie" in answer.vary
    assert told(client_of_two, "/recognise/digits")["set"] == "digits"
    assert told(client_of_two, "/")["set"] == "digits"


def test_a_page_that_is_fetched_ahead_for_offline_use_is_no_choice(client_of_two: FlaskClient) -> None:
    assert "Set-Cookie" not in client_of_two.get("/contribute/letters", headers={"Inkloop-Ahead": "1"}).headers
    assert told(client_of_two, "/")["set"] == "digits"


def test_a_remembered_set_that_is_gone_is_forgotten(client_of_two: FlaskClient) -> None:
    client_of_two.set_cookie("set", "gone")
    assert told(client_of_two, "/")["set"] == "digits"


def test_addresses_of_older_links_lead_to_the_set_they_name(client_of_two: FlaskClient) -> None:
    client_of_two.get("/recognise/letters")
    for old, new in (("/?set=digits", "/recognise/digits"), ("/contribute?set=letters&lang=ru", "/contribute/letters?lang=ru")):
        assert client_of_two.get(old).location == new


def test_visiting_without_choosing_sets_no_cookie(client_of_two: FlaskClient) -> None:
    assert "Set-Cookie" not in client_of_two.get("/").headers
    assert "set=letters" in client_of_two.get("/recognise/letters").headers["Set-Cookie"]


def test_where_there_is_nothing_to_choose_from_nothing_is_remembered(client: FlaskClient) -> None:
    assert "Set-Cookie" not in client.get("/recognise/digits").headers


def test_the_way_to_the_other_language_keeps_page_and_set(client: FlaskClient) -> None:
    _, page = read(client, "/contribute/digits")
    assert "/contribute/digits?lang=ru" in page.addresses


def test_a_set_that_has_learned_nothing_says_what_is_missing_and_leads_to_contribute(client_of_two: FlaskClient) -> None:
    for path in ("/recognise/shapes", "/models/shapes"):
        text, page = read(client_of_two, path)
        assert "This set has no trained networks yet" in text
        assert "Drawings still needed: 60. Symbols with enough drawings: 0 of 2." in text
        assert "/contribute/shapes" in page.addresses
    assert told(client_of_two, "/contribute/shapes")["readiness"] == {
        "labels": ["star", "heart"],
        "missing": {"star": 30, "heart": 30},
        "needed": 30,
    }


def test_a_label_that_was_added_is_missed_though_the_set_answers(client_of_two: FlaskClient) -> None:
    add_label(client_of_two.application.extensions["inkloop"].database, "letters", "R")
    assert told(client_of_two, "/recognise/letters")["readiness"]["missing"] == {"R": 30}
    assert "Not learned yet: R." in read(client_of_two, "/models/letters")[0]


def test_more_than_three_sets_are_a_menu_that_shows_their_labels(client_of_two: FlaskClient) -> None:
    with client_of_two.application.extensions["inkloop"].database.writing() as session:
        session.add(SymbolSetRow(name="vowels", labels=list("AEIOU"), origin="owner"))
    text, page = read(client_of_two, "/contribute/shapes")
    assert re.search(r"<span>vowels</span>\s*<small>A E I O U</small>", text)
    assert "/contribute/vowels" in page.addresses


def test_the_models_page_tells_the_figures_that_a_version_has(client: FlaskClient, here: Platform) -> None:
    bins = [{"low": 0.8, "high": 1.0, "count": 100, "confidence": 0.9, "accuracy": 0.88}]
    after = {"count": 1200, "accuracy": 0.9875, "alike_as_one": 0.9934, "ece": 0.02, "false_rejects": 0.015, "rejected": 0.91}
    holdout = {"before": {}, "after": after}
    with here.database.writing() as session:
        registry.live(session, "digits")["cnn"].metrics = {"holdout": holdout, "reliability": bins}
    text, page = read(client, "/models")
    for figure in ("98.75", "99.34", "1.5", "91.0"):
        assert f"{figure}\u00a0%" in text
    assert "Test drawings: 1,200" in text
    assert text.count("<circle") == 1 and "off by 2.00 percentage points" in text
    assert "Nobody has measured" in text, "the other one has no figures"
    assert page.inline == []
    russian = read(client, "/models?lang=ru")[0]
    assert "98,75\u00a0%" in russian and "Тестовых рисунков: 1\u00a0200" in russian


def test_an_unknown_set_is_told_on_a_page_in_the_visitors_language(client: FlaskClient) -> None:
    for path in ("/?set=nowhere", "/contribute/nowhere"):
        answer = client.get(path, headers={"Accept-Language": "ru"})
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
