"""The owner's page of a contributor: the history that decisions rest on."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.records.tables import GoldAnswer, Sample
from functions.web.pages import admin_contributors
from functions.web.platform import Platform
from tests.support.factories import add_sample
from tests.support.pages import sign_in
from tests.support.sample_drawings import SEVEN


def test_the_history_shows_drawings_gold_answers_and_decisions_page_by_page(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(trust="moderated")
    here, visitor, client = app.extensions["inkloop"], app.test_client(), app.test_client()
    given = [visitor.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": label}).json["id"] for label in "71"]
    with here.database.writing() as session:
        contributor = session.get_one(Sample, given[0]).contributor_id
        for number, right in enumerate((True, True, False)):
            session.add(GoldAnswer(id=str(number), set_name="digits", contributor_id=contributor, right=right))
    csrf = sign_in(client)
    client.post("/admin/moderate", data={"csrf": csrf, "contributor": contributor, "set": "digits", "decision": "reject"})
    monkeypatch.setattr(admin_contributors, "TILES_ON_PAGE", 1)
    page = client.get(f"/admin/contributors/{contributor}").text
    assert "Of 3 check questions they answered 2 correctly." in page
    assert "Rejected all drawings of a contributor" in page
    assert (given[0] in page, given[1] in page) == (False, True)
    older = client.get(f"/admin/contributors/{contributor}?cursor={given[1]}").text
    assert (given[0] in older, given[1] in older) == (True, False)
    assert client.get(f"/admin/contributors/{contributor}?cursor=%00").status_code == 200


def test_the_newest_contributors_are_listed_with_their_counts_and_the_older_ones_a_page_away(
    client: FlaskClient, here: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with here.database.writing() as session:
        older = add_sample(session, "7", "accepted").contributor_id
        newer = add_sample(session, "7", "pending").contributor_id
        add_sample(session, "1", "accepted", by=newer)
        newest, oldest = (newer, older) if newer > older else (older, newer)
    monkeypatch.setattr(admin_contributors, "ROWS_ON_PAGE", 1)
    sign_in(client)
    page = client.get("/admin/contributors").text
    assert f'href="/admin/contributors/{newest}"' in page
    assert f'href="/admin/contributors/{oldest}"' not in page
    rest = client.get(re.search(r'rel="next" href="([^"]+)"', page)[1]).text
    assert f'href="/admin/contributors/{oldest}"' in rest
    counted = re.sub(r"<[^>]+>|\s+", " ", page + rest)
    assert "Drawings: 2 accepted 1 pending 1" in re.sub(r" +", " ", counted)
