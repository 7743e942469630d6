"""The page of one version: why it answers or does not, and what made it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions import registry
from functions.domain.monitoring import wilson_interval
from functions.records.metrics import live_periods
from functions.records.tables import Version
from functions.web.pages.version_figures import reliability_points
from functions.web.platform import Platform
from tests.support import tiny_models

WHY = {"kind": "label_worse", "label": "4", "count": 500, "before": 0.989, "after": 0.961}
CARD = {"kind": "learn", "seed": 77, "code": 2, "samples": 12, "taught": 312, "labels": {"4": 7, "not a symbol": 5}}


def made(here: Platform, version_id: str, learner: str = "cnn", **more: Any) -> str:
    """Publish a version, as a run does, without making it live."""
    with here.database.writing() as session:
        parent = registry.live(session, "digits")[learner].id
        sha256 = hashlib.sha256(b"").hexdigest()
        about = {"labels": list(tiny_models.DIGITS), "sha256": sha256, "parent_id": parent, **more}
        session.add(Version(id=version_id, set_name="digits", learner=learner, **about))
    return f"/models/digits/versions/{version_id}"


@pytest.fixture
def kept_out(here: Platform) -> str:
    """The address of a version that the gate kept out."""
    labels = {label: [500, 494, 480 if label == "4" else 494] for label in tiny_models.DIGITS}
    gate = {"accepted": False, "reason": "Kept out: 4 got worse.", "why": [WHY], "labels": labels}
    return made(here, "b" * 32, card=CARD, gate=gate)


def test_why_a_version_was_kept_out_is_told_in_plain_words(client: FlaskClient, kept_out: str) -> None:
    text = client.get(kept_out).text
    assert "Did not pass the test" in text
    assert "4 got worse: 98.90\u00a0% → 96.10\u00a0%, on 500 test drawings." in text
    assert "4: wrong answers on 500 test drawings: 6 before, 20 now" in text
    assert "It was never live." in text


def test_it_is_told_in_russian_too_though_the_sentence_is_kept_in_english(client: FlaskClient, kept_out: str) -> None:
    text = client.get(f"{kept_out}?lang=ru").text
    assert "Не прошла проверку" in text
    assert "4: стало хуже, 98,90\u00a0% → 96,10\u00a0%, тестовых рисунков: 500." in text
    assert "got worse" not in text


def test_what_made_it_is_told_with_ways_to_its_parent_and_to_everything(client: FlaskClient, kept_out: str) -> None:
    text = client.get(kept_out).text
    assert re.search(r"<b>4</b>: 7</li><li><b>not a symbol</b>: 5", text)
    for part in ("Drawings that it learned from: 12", "312", "<code>77</code>", "fine-tuning on new drawings"):
        assert part in text
    ways = set(re.findall(r'href="([^"]+)"', text))
    assert {"/models/digits/versions/digits-cnn-1", f"/api/v1/versions/{'b' * 32}", "/models/digits"} <= ways
    assert "style=" not in text and "<script>" not in text


def test_of_a_slow_lesson_the_better_start_is_told(client: FlaskClient, here: Platform) -> None:
    card = {**CARD, "kind": "train", "start": "base", "caught_up": 7, "rehearsed": {"samples": 500}}
    text = client.get(made(here, "e" * 32, card=card, gate={"accepted": True, "reason": "Not worse."})).text
    for part in (
        "the first version of its line",
        "Drawings that arrived during training",
        "full retraining on all collected drawings",
    ):
        assert part in text


def test_an_older_version_is_told_by_what_was_kept_of_it(client: FlaskClient, here: Platform) -> None:
    text = client.get(made(here, "c" * 32, gate={"accepted": False, "reason": "Kept out: <worse>."})).text
    assert "Kept out: &lt;worse&gt;." in text
    assert "The figures behind the decision" not in text


def test_a_version_that_answered_says_when_and_because_of_whom(client: FlaskClient, here: Platform) -> None:
    address = made(here, "d" * 32, gate={"accepted": True, "reason": "Not worse."})
    for version, by in (("d" * 32, "run 1"), ("digits-cnn-1", "owner"), ("d" * 32, "owner")):
        with here.database.writing() as session:
            registry.activate(session, version, by)
    text = client.get(address).text
    assert text.count("<td>it passed the test</td>") == text.count("<td>the owner chose it</td>") == 1
    assert text.count("live now") == 2, "in the head, and as the end of the newest row"
    with here.database.reading() as session:
        newest, first = live_periods(session, registry.version(session, "d" * 32))
        between = live_periods(session, registry.version(session, "digits-cnn-1"))[0]
    assert (newest.end, newest.by, first.by) == (None, "owner", "run 1")
    assert (first.end, between.end) == (between.begin, newest.begin)


def test_an_original_is_not_said_to_have_been_judged(client: FlaskClient) -> None:
    text = client.get("/models/digits/versions/digits-fnn-1").text
    assert "Shipped with the platform" in text
    assert "it shipped with the platform" in text


def test_the_list_of_versions_leads_to_each_ones_page(client: FlaskClient, kept_out: str) -> None:
    ways = set(re.findall(r'href="([^"]+)"', client.get("/models").text))
    assert {kept_out, "/models/digits/versions/digits-cnn-1", "/models/digits/versions/digits-fnn-1"} <= ways


@pytest.mark.parametrize("address", ["/models/digits/versions/none", "/models/none/versions/digits-cnn-1"])
def test_what_is_not_there_is_told_on_a_page(client: FlaskClient, address: str) -> None:
    answer = client.get(address, headers={"Accept-Language": "ru"})
    assert answer.status_code == 404
    assert "нет" in answer.text


def test_a_version_of_another_set_is_not_found_and_other_sets_lead_to_their_versions(make_app: Any, tmp_path: Any) -> None:
    tiny_models.ship(tmp_path / "models", name="letters", labels=tuple("OPQopq"))
    client = make_app().test_client()
    assert client.get("/models/letters/versions/digits-cnn-1").status_code == 404
    ways = set(re.findall(r'href="([^"]+)"', client.get("/models/digits/versions/digits-cnn-1").text))
    assert "/models/letters" in ways
    assert "/models/digits/versions/digits-cnn-1?lang=ru" in ways


def test_empty_bins_have_no_point() -> None:
    bins = [
        {"low": 0.0, "high": 0.5, "count": 0, "confidence": None, "accuracy": None},
        {"low": 0.5, "high": 0.75, "count": 10, "confidence": 0.6, "accuracy": 0.7},
        {"low": 0.75, "high": 1.0, "count": 30, "confidence": 0.9, "accuracy": 0.9},
    ]
    points = reliability_points(bins)
    assert [(point.confidence, point.accuracy, point.count, point.share) for point in points] == [
        (0.6, 0.7, 10, 0.25),
        (0.9, 0.9, 30, 0.75),
    ]
    assert all(point.low < point.accuracy < point.high for point in points)
    assert reliability_points([]) == ()


def test_the_interval_is_wilsons() -> None:
    assert wilson_interval(0.7, 10) == (pytest.approx(0.3968, abs=1e-4), pytest.approx(0.8922, abs=1e-4))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_few_answers_that_are_all_alike_prove_little(share: float) -> None:
    low, high = wilson_interval(share, 3)
    assert 0 <= low <= share <= high <= 1
    assert high - low > 0.5
