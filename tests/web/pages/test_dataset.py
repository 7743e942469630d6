"""The page of the dataset, as visitors and the owner get it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.records.tables import DrawingRow, Sample, new_id
from functions.web.pages import dataset as page
from functions.web.platform import Platform
from tests.support.factories import add_sample
from tests.support.filled_set import fill_set
from tests.support.pages import Reader, read, sign_in


def shown(text: str) -> list[str]:
    """Return the ids of the drawings on a page, in order."""
    gallery = re.search(r'<ol class="gallery".*?</ol>', text, re.DOTALL)
    return re.findall(r'href="/dataset/\w+/([0-9a-f]{32})"', gallery[0]) if gallery else []


@pytest.fixture
def ids(here: Platform) -> list[str]:
    """Sixty samples of the set ``mixed``, oldest first."""
    return fill_set(here.database, here.store)


def rows(here: Platform, **which: Any) -> list[str]:
    with here.database.reading() as session:
        return [one.id for one in session.query(Sample).filter_by(set_name="mixed", **which).order_by(Sample.id.desc())]


def test_visitors_see_accepted_drawings_newest_first(client: FlaskClient, here: Platform, ids: list[str]) -> None:
    text, reader = read(client, "/dataset/mixed")
    assert shown(text) == rows(here, status="accepted")
    assert reader.inline == []
    assert text.count('class="pen"') > 30, "lines are drawn in the page"
    assert text.count("/api/v1/samples/") == 5, "uploads are pictures"


def test_pages_follow_one_another_and_keep_their_filters(
    client: FlaskClient, here: Platform, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "ON_PAGE", 7)
    address, found = "/dataset/mixed?split=train", []
    while address:
        text, reader = read(client, address)
        found += shown(text)
        older = [one for one in reader.addresses if "cursor=" in one and "lang=" not in one]
        assert all("split=train" in one for one in older)
        address = older[0] if older else ""
    assert found == rows(here, status="accepted", split="train")


def test_labels_sources_and_dates_filter(client: FlaskClient, here: Platform, ids: list[str]) -> None:
    assert shown(client.get("/dataset/mixed?label=con").text) == rows(here, status="accepted", label="con")
    assert shown(client.get("/dataset/mixed?label=not+a+symbol").text) == rows(here, status="accepted", label=None)
    assert shown(client.get("/dataset/mixed?source=correction").text) == rows(here, status="accepted", source="correction")
    assert shown(client.get("/dataset/mixed?to=2020-01-01").text) == []
    assert client.get("/dataset/mixed?label=nothing").status_code == 422
    assert client.get("/dataset/mixed?endpoint=x").status_code == 400


def test_another_language_keeps_the_filters(client: FlaskClient, ids: list[str]) -> None:
    _, reader = read(client, "/dataset/mixed?label=con&split=train")
    assert any("lang=ru" in one and "label=con" in one and "split=train" in one for one in reader.addresses)


def test_what_is_not_accepted_is_for_the_owner_only(client: FlaskClient, here: Platform, ids: list[str]) -> None:
    assert client.get("/dataset/mixed?status=pending").status_code == 403
    assert 'name="status"' not in client.get("/dataset/mixed").text
    sign_in(client)
    assert shown(client.get("/dataset/mixed?status=pending").text) == rows(here, status="pending")
    assert client.get("/dataset/mixed?status=withdrawn").status_code == 400, "withdrawn drawings are for nobody"


def test_balance_and_growth_are_told(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        for label in ("7", "7", "1", None):
            add_sample(session, label)
    text = client.get("/dataset/digits").text
    assert "Accepted drawings: 4." in text
    assert re.search(r'aria-label="7: 2"', text)
    assert re.search(r'aria-label="not a symbol: 1"', text)
    assert re.search(r"<rect[^>]*><title[^>]*>[^<]*: 4</title>", text)
    assert re.search(r'</time></td><td class="figure">4</td>', text.partition('id="growth"')[2])


@pytest.mark.parametrize(
    ("language", "since", "day"), [("en", "From", r"\d+ \w+ \d{4}"), ("ru", "Начало", r"\d+ \w+\.? \d{4}\sг\.")]
)
def test_a_set_of_today_has_grown_by_the_minute(client: FlaskClient, here: Platform, language: str, since: str, day: str) -> None:
    with here.database.writing() as session:
        sample = add_sample(session, "7", "rejected")  # whose id is as old as this process
        columns = {column.name: getattr(sample, column.key) for column in Sample.__table__.c}
        session.execute(Sample.__table__.insert(), columns | {"id": new_id(), "status": "accepted"})
    section = client.get(f"/dataset/digits?lang={language}").text.partition('id="growth"')[2]
    bars = re.findall(rf'<title data-at="([^"]+)" data-count="(\d+)">{day}, \d\d:\d\d UTC: \d+</title>', section)
    assert [count for _, count in bars] == ["0"] * 23 + ["1"], "the chart ends now"
    begins = [datetime.fromisoformat(at) for at, _ in bars]
    assert {later - begin for begin, later in pairwise(begins)} == {timedelta(minutes=5)}
    assert f'<th scope="col">{since}</th>' in section
    assert section.count('data-with="time"') == 2, "where the chart begins, and a row of its table"


def test_an_older_set_has_grown_by_the_day(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        sample = add_sample(session, "7")
        old = int(sample.id[:12], 16) - 5 * 86_400_000
        session.execute(
            Sample.__table__.insert(),
            {c.name: getattr(sample, c.key) for c in Sample.__table__.c} | {"id": f"{old:012x}{sample.id[12:]}"},
        )
    section = client.get("/dataset/digits").text.partition('id="growth"')[2]
    bars = re.findall(r"<rect[^>]*><title>[^<,]+: (\d+)</title>", section)
    assert bars == ["0"] * 18 + ["1", "0", "0", "0", "0", "1"]


def test_the_data_card_says_how_the_drawings_were_collected_checked_and_divided(client: FlaskClient, here: Platform) -> None:
    english, russian = (client.get(f"/dataset/digits?lang={lang}").text for lang in ("en", "ru"))
    for shown, words in (
        (english, ("pseudonyms", "wait for the owner", "no handwriting is in two")),
        (russian, ("псевдоним", "почерк")),
    ):
        card = shown.split('aria-labelledby="card"')[1]
        assert all(word in card for word in words)


def test_only_those_who_may_export_see_how(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    client, here = app.test_client(), app.extensions["inkloop"]
    fill_set(here.database, here.store)
    assert 'id="exports"' not in client.get("/dataset/mixed").text
    csrf = sign_in(client)
    text = client.get("/dataset/mixed?split=test&label=con").text
    told = json.loads(Reader(text).data)
    assert (told["csrf"], told["filter"]) == (csrf, {"split": "test", "label": "con"})
    started = client.post(
        "/api/v1/sets/mixed/exports", json={**told["filter"], "format": "npz"}, headers={"X-CSRF-Token": told["csrf"]}
    )
    assert started.status_code == 202
    assert f'data-run="{started.json["id"]}"' in client.get("/dataset/mixed").text


def test_a_public_export_is_a_form_that_works_without_scripts(make_app: Callable[..., Flask]) -> None:
    app = make_app(export="public")
    client, here = app.test_client(), app.extensions["inkloop"]
    fill_set(here.database, here.store)
    text, reader = read(client, "/dataset/mixed?source=correction")
    form = re.search(r'<form[^>]*action="/api/v1/sets/mixed/export">(.*?)</form>', text, re.DOTALL)[1]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form))
    assert json.loads(reader.data)["csrf"] is None
    got = client.get("/api/v1/sets/mixed/export", query_string={**hidden, "format": "jsonl"})
    assert got.status_code == 200
    assert len(got.data.splitlines()) == len(rows(here, status="accepted", source="correction"))


def test_a_page_of_long_drawings_is_short(client: FlaskClient, here: Platform, ids: list[str]) -> None:
    with here.database.writing() as session:
        for row in session.query(DrawingRow).filter(DrawingRow.strokes.is_not(None)):
            row.strokes = b"x" * 20_000
    assert len(client.get("/dataset/mixed").data) < 60_000
