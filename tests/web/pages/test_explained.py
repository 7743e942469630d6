"""The pages that explain, in both languages, with live figures, and without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from functions.records.tables import Activation, Version
from functions.settings import ROOT
from functions.web.platform import Platform
from tests.support.pages import read
from tests.support.sample_drawings import ONE, SEVEN, base64_png

PAGES = ("about", "how-it-works", "networks", "privacy")


@pytest.mark.parametrize("page", PAGES)
def test_each_page_is_there_in_both_languages_and_the_foot_leads_to_it(client: FlaskClient, page: str) -> None:
    english, reader = read(client, f"/{page}")
    assert reader.inline == []
    assert english != read(client, f"/{page}?lang=ru")[0]
    assert f'href="/{page}"' in client.get("/").text


def test_about_shows_what_people_gave_and_how_good_the_networks_are(client: FlaskClient) -> None:
    sample = client.post("/api/v1/sets/digits/samples", json={**SEVEN, "label": "1"}).json["id"]
    page = client.get("/about").text
    assert f"/api/v1/samples/{sample}.png" in page
    assert "Drawings people gave</dt><dd>1<" in page


def test_the_networks_answer_an_example_at_once_and_show_what_the_answer_depends_on(client: FlaskClient) -> None:
    page = client.get("/networks").text
    assert page.count('class="prediction"') == 2
    assert 'class="ink-9"' in page
    assert page.count('aria-label="The picture that the networks get"') == 1
    assert 'class="prediction"' in client.get("/how-it-works").text


@pytest.mark.parametrize("page", ["how-it-works", "networks"])
def test_the_newest_drawing_that_somebody_gave_is_the_example(client: FlaskClient, page: str) -> None:
    before = client.get(f"/{page}").text
    client.post("/api/v1/sets/digits/samples", json={**ONE, "label": "1"})
    answer = client.get(f"/{page}")
    assert answer.status_code == 200
    assert answer.text.count('class="ink-') > 20
    assert answer.text != before


def test_one_drawing_is_followed_from_its_strokes_to_the_answer(client: FlaskClient) -> None:
    seven = client.get("/how-it-works").text
    assert seven.count('<path pathLength="1"') == 2
    client.post("/api/v1/sets/digits/samples", json={**ONE, "label": "1"})
    one = client.get("/how-it-works").text
    assert one.count('<path pathLength="1"') == len(ONE["strokes"])
    client.post("/api/v1/sets/digits/samples", json={"image": base64_png(), "label": "1"})
    assert client.get("/how-it-works").text == seven


def test_the_licence_is_the_owners(make_app: Callable[..., Flask], client: FlaskClient) -> None:
    assert "has not chosen a licence" in client.get("/privacy").text
    assert "published under CC0" in make_app(licence="CC0").test_client().get("/privacy").text


def test_the_foot_leads_to_the_source_where_its_address_is_known(make_app: Callable[..., Flask], client: FlaskClient) -> None:
    assert "Source code" not in client.get("/").text
    page = make_app(source_url="https://git.example/inkloop").test_client().get("/about").text
    assert '<a href="https://git.example/inkloop" rel="noreferrer">Source code</a>' in page


def test_a_link_shows_a_card_and_a_browser_finds_the_icon(client: FlaskClient) -> None:
    page = client.get("/about?lang=en").text
    told = dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page))
    assert told["og:image"] == "http://localhost/static/css/card.png"
    with Image.open(ROOT / "static" / "css" / "card.png") as card:
        assert (told["og:image:width"], told["og:image:height"]) == tuple(map(str, card.size))
    assert (told["og:type"], told["og:url"]) == ("website", "http://localhost/about")
    assert told["og:image:alt"]
    assert told["twitter:card"] == "summary_large_image"
    assert 'rel="apple-touch-icon" href="/apple-touch-icon.png"' in page
    with Image.open(BytesIO(client.get("/apple-touch-icon.png").data)) as icon:
        assert icon.size == (180, 180)
    assert client.get("/favicon.ico").data[:4] == b"\0\0\1\0"


def test_the_example_is_explained_once(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = app.extensions["inkloop"].runtime
    lent: list[str] = []
    lend = runtime.cnn
    monkeypatch.setattr(runtime, "cnn", lambda set_name: lent.append(set_name) or lend(set_name))
    for page in ("/networks", "/how-it-works", "/networks"):
        assert 'class="ink-9"' in client.get(page).text
    assert lent == ["digits"]


def test_the_accuracy_is_told_by_date_with_its_figures(client: FlaskClient, here: Platform) -> None:
    began = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with here.database.writing() as session:
        for place, days in enumerate((0, 10, 100)):
            version = Version(id=f"{place}" * 32, set_name="digits", learner="cnn", sha256="0" * 64, labels=["0", "1"])
            version.metrics = {"holdout": {"accuracy": 0.96 + place / 100, "count": 1000}}
            session.add(version)
            session.flush()
            activation = Activation(set_name="digits", learner="cnn", version_id=version.id, by="owner")
            activation.created = began + timedelta(days=days)
            session.add(activation)
    page = client.get("/about").text
    assert "1 Mar 2026</text>" in page
    assert "9 Jun 2026</text>" in page
    first, middle, last = (float(x) for x in re.findall(r'<circle cx="([\d.]+)"', page))
    assert (middle - first) / (last - first) == pytest.approx(0.1, abs=0.01)
    assert [page.count(text) for text in ("96.00", "97.00", "98.00")] == [1, 1, 1]
    assert 'href="/models/digits/versions/' + "1" * 32 in page
