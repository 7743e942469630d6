"""What the API and the page tell of what people said about answers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from functions import registry
from functions.domain.monitoring import Outcomes, learning_curve, version_scores
from functions.records.tables import Activation, Prediction, Sample, SymbolSetRow, Version
from functions.verbs.metrics import HoldoutAccuracy, MetricsCache, SetMetrics, VersionProgress
from functions.web.platform import Platform
from tests.support.labelled_answers import NOON, answer
from tests.support.learned_versions import learned
from tests.support.pages import read
from tests.support.sample_drawings import SEVEN

SET = "/api/v1/sets/digits"
LEARNED = {"c1": 3, "c2": 124}  # drawings, by version


def correct(client: FlaskClient, label: str | None) -> dict[str, Any]:
    """Draw something, which the tiny FNN calls 1 and the tiny CNN 2, and say that it is ``label``."""
    asked = client.post(f"{SET}/predictions", json={**SEVEN, "consent": True}).json
    answer = client.post(f"/api/v1/predictions/{asked['id']}/correction", json={"label": label})
    assert answer.status_code == 202
    return dict(answer.json)


def age(here: Platform, sample: str, days: float) -> None:
    with here.database.writing() as session:
        session.get_one(Sample, sample).created = NOON + timedelta(days=days)


def tally(some: dict[str, Any]) -> tuple[int, int]:
    return some["right"], some["count"]


def test_an_owners_set_without_networks_has_metrics_too(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        session.add(SymbolSetRow(name="shapes", labels=["star", "heart"], origin="owner"))
    metrics = client.get("/api/v1/sets/shapes/metrics").json
    assert metrics["prequential"]["by_count"] == {"size": 20, "blocks": []}
    assert metrics["prequential"]["by_time"]["blocks"] == []
    assert [one["points"] for one in metrics["prequential"]["learning_curve"]] == [[], []]
    assert (metrics["progress"], metrics["activations"]) == ([], [])
    assert metrics["outcomes"] == {"count": 0, "by_status": {}, "reasons": []}
    assert metrics["corrections"]["disagreement"]["share"] is None


def test_one_correction_is_one_answer_with_a_wide_interval(client: FlaskClient) -> None:
    correct(client, "1")
    metrics = client.get(f"{SET}/metrics").json
    recent = metrics["prequential"]["recent"]
    by_voice = {(one["learner"], one["role"]): one for one in recent["models"]}
    assert tally(by_voice["fnn", "learned"]) == (1, 1)
    assert (by_voice["fnn", "learned"]["low"], by_voice["fnn", "learned"]["high"]) == (pytest.approx(0.2065, abs=1e-4), 1.0)
    assert tally(by_voice["cnn", "learned"]) == (0, 1)
    assert recent["disagreement"]["differed"] == recent["disagreement"]["right"]["fnn"] == 1
    (block,) = metrics["prequential"]["by_count"]["blocks"]
    assert block["count"] == 1
    assert block["begin"] == block["end"]
    assert metrics["prequential"]["by_time"]["seconds"] == 60
    curves = {one["learner"]: one["points"] for one in metrics["prequential"]["learning_curve"]}
    assert [(tally(point), point["fewest"], point["most"]) for point in curves["fnn"]] == [((1, 1), 0, 0)]


def test_each_version_is_told_with_the_answers_it_gave(client: FlaskClient, here: Platform) -> None:
    correct(client, "2")
    made = learned(here, answer=7)
    with here.database.writing() as session:
        version = session.get_one(Version, made)
        version.card = {"taught": 1}
        version.metrics = {"holdout": {"before": {}, "after": {"count": 1000, "accuracy": 0.98}}}
        registry.activate(session, made, "run")
    here.runtime.refresh()
    for label in ("7", "7", "2"):
        correct(client, label)
    metrics = client.get(f"{SET}/metrics").json
    progress = {one["version"]: one for one in metrics["progress"]}
    assert tally(progress[made]["answers"]) == (2, 3)
    assert tally(progress[made]["originals_answers"]) == (1, 3)
    assert tally(progress["digits-cnn-1"]["answers"]) == (1, 1)
    assert (progress[made]["taught"], progress[made]["live"], progress[made]["accepted"]) == (1, True, True)
    figures = {"accuracy": 0.98, "count": 1000, "as_one": None, "low": 0.96931, "high": 0.987016}
    assert progress[made]["holdout"] == figures
    assert progress["digits-cnn-1"]["holdout"] is None, "older figures were a number alone"
    assert [one["version"] for one in metrics["activations"]] == [made, "digits-cnn-1", "digits-fnn-1"]
    assert progress[made]["activated"] == metrics["activations"][0]["at"]
    (curve,) = [one["points"] for one in metrics["prequential"]["learning_curve"] if one["learner"] == "cnn"]
    assert [(tally(point), point["fewest"], point["most"]) for point in curve] == [((3, 4), 0, 1)]


def test_a_version_that_is_made_live_again_began_to_answer_anew(client: FlaskClient, here: Platform) -> None:
    made = learned(here)
    with here.database.writing() as session:
        for version in (made, "digits-cnn-1"):
            registry.activate(session, version, "owner").created = NOON
        newest = session.scalars(select(Activation).order_by(Activation.id.desc())).first()
        newest.created = NOON + timedelta(days=1)
    progress = {one["version"]: one["activated"] for one in client.get(f"{SET}/metrics").json["progress"]}
    assert progress["digits-cnn-1"] == "2026-03-03T12:00:00.000Z"
    assert progress[made] == "2026-03-02T12:00:00.000Z"


def test_answers_are_told_over_time(client: FlaskClient, here: Platform) -> None:
    for day, label in ((0, "1"), (0, "2"), (10, "1")):
        age(here, correct(client, label)["sample"], day)
    by_time = client.get(f"{SET}/metrics").json["prequential"]["by_time"]
    assert by_time["seconds"] == 24 * 3600
    fnn = [tally(next(one for one in block["models"] if one["learner"] == "fnn")) for block in by_time["blocks"]]
    assert fnn == [(1, 2), (1, 1)]
    assert [block["begin"] for block in by_time["blocks"]] == ["2026-03-02T00:00:00.000Z", "2026-03-12T00:00:00.000Z"]


def test_corrections_are_told_by_what_became_of_them_and_why(client: FlaskClient, here: Platform) -> None:
    first, second, third = (correct(client, label)["sample"] for label in ("2", "2", "3"))
    with here.database.writing() as session:
        held = session.get_one(Sample, second)
        held.status, held.reason = "pending", "many_in_round"
        refused = session.get_one(Sample, third)
        refused.status, refused.reason = "rejected", "owner"
        session.get_one(Sample, first).reason = "agreed"
    metrics = client.get(f"{SET}/metrics").json
    assert metrics["outcomes"] == {
        "count": 3,
        "by_status": {"accepted": 1, "pending": 1, "rejected": 1},
        "reasons": [
            {"status": "accepted", "reason": "agreed", "count": 1},
            {"status": "pending", "reason": "many_in_round", "count": 1},
            {"status": "rejected", "reason": "owner", "count": 1},
        ],
    }
    assert metrics["corrections"]["count"] == 1, "only accepted ones judge answers"


def make_older(here: Platform) -> None:
    """Let every prediction be as it was kept before networks could reject and look-alikes were told."""
    with here.database.writing() as session:
        for row in session.scalars(select(Prediction)):
            models = [{name: value for name, value in one.items() if name != "reject"} for one in row.opinions["models"]]
            row.opinions = {"models": models}
            row.answer = {name: value for name, value in row.answer.items() if name != "alternatives"}


def test_the_page_says_when_nothing_was_checked_and_when_it_was_little(client: FlaskClient, here: Platform) -> None:
    assert "Nobody has checked an answer yet." in read(client, "/models")[0]
    correct(client, "1")
    make_older(here)
    text, page = read(client, "/models")
    assert "Drawings that people have checked so far: 1. From 20 on" in text
    assert "Answered correctly by the FNN before it learned from them: 1." in text
    assert "Answered correctly by the CNN before it learned from them: 0." in text
    assert page.inline == []


def many(client: FlaskClient, here: Platform) -> None:
    for label in ["1"] * 15 + ["2"] * 4 + [None]:
        correct(client, label)
    made = learned(here)
    with here.database.writing() as session:
        session.execute(update(Sample).values(status="accepted"))  # it is one drawing again and again
        for version, accuracy in ((made, 0.98), ("digits-cnn-1", 0.99)):
            session.get_one(Version, version).metrics = {"holdout": {"count": 1000, "accuracy": accuracy}}


def test_the_page_tells_each_chart_in_a_sentence_with_a_table_behind_it(client: FlaskClient, here: Platform) -> None:
    many(client, here)
    text, page = read(client, "/models")
    words = " ".join(text.split())
    for sentence in (
        "Of the last 20 drawings that people checked, the learned FNN answered 15 correctly. The original version: 15.",
        "Of the last 20 drawings that people checked, the learned CNN answered 4 correctly. The original version: 4.",
        "The live CNN answers 99.00 % of them correctly; the oldest version shown, 99.00 %.",
        "New versions since then: 1, failed the test: 0.",
        "the two networks answered 20 differently. Correct then: FNN 15, CNN 4, neither 1.",
        "Latest checked drawings: 20. Accepted 20, waiting 0, rejected 0, deleted 0.",
    ):
        assert sentence in words, sentence
    assert text.count("<figure") == text.count('role="img"') == text.count("<details") - 1 == 6
    assert page.inline == []


class OneGroup:
    """The metrics of a set where people checked 21 answers of two CNNs within an hour."""

    def of_set(self, *_: Any) -> SetMetrics:
        answers = [answer("7", "7", "7" if n else "1", versions=("f", f"c{n % 2 + 1}"), minutes=n) for n in range(21)]
        progress = [self._version(number) for number in (2, 1)]
        curves = {"cnn": learning_curve(version_scores(answers), "cnn", LEARNED), "fnn": []}
        return SetMetrics(answers, progress, [], curves, Outcomes(0, {}, ()))

    def _version(self, number: int) -> VersionProgress:
        created = NOON + timedelta(hours=number)
        row = Version(id=f"c{number}", set_name="digits", learner="cnn", card={}, labels=["7"], gate={}, created=created)
        return VersionProgress(row, number == 2, created, LEARNED[row.id], HoldoutAccuracy(0.98, 1000), None)


def test_a_single_group_is_told_in_a_sentence_and_rows_of_one_day_by_the_hour(app: Flask, here: Platform) -> None:
    app.extensions["inkloop"] = replace(here, metrics=OneGroup())  # type: ignore[arg-type]
    client = app.test_client()
    words = " ".join(read(client, "/models")[0].split())
    said = "Of 21 checked drawings, the CNN answered 95.2 % correctly; it had learned 3 – 124 drawings by then."
    assert said in words
    assert "Drawings learned: " not in words
    assert '<time datetime="2026-03-02T13:00:00+00:00" data-with="hour">2 Mar, 13:00<' in words, "the table of versions"
    assert 'data-at="2026-03-02T13:00:00+00:00">2 Mar, 13:00<' in words, "the axis of versions"
    russian = " ".join(read(client, "/models?lang=ru")[0].split())
    assert "Из 21 проверенного рисунка CNN верно распознала 95,2 %; к тому времени она выучила рисунков: 3 – 124." in russian


def test_the_page_tells_it_in_russian_too(client: FlaskClient, here: Platform) -> None:
    many(client, here)
    words = " ".join(read(client, "/models?lang=ru")[0].split())
    assert "Последние рисунки, проверенные людьми: 20. Верных ответов обученной сети FNN: 15" in words
    assert "Принято 20, ждут 0, отклонено 0, удалено 0." in words


def test_the_matrix_of_many_labels_has_no_numbers_but_its_pairs_below(app: Flask, here: Platform) -> None:
    client = app.test_client()
    many(client, here)
    assert 'class="chart matrix"' in read(client, "/models")[0]
    with here.database.writing() as session:
        session.get_one(SymbolSetRow, "digits").labels = [*"0123456789", *"abc"]
    text, _ = read(client, "/models")
    assert 'class="chart matrix matrix-large"' in text
    assert 'class="chart matrix"' not in text
    assert "Answered" in text


def test_kept_metrics_follow_each_correction_and_each_activation(client: FlaskClient, here: Platform) -> None:
    def gather() -> SetMetrics:
        with here.database.reading() as session:
            found, anew = here.metrics.of_set(session, "digits"), MetricsCache().of_set(session, "digits")
        assert [row.version.id for row in found.progress] == [row.version.id for row in anew.progress]
        assert [(row.live, row.activated, row.learned, row.while_live) for row in found.progress] == [
            (row.live, row.activated, row.learned, row.while_live) for row in anew.progress
        ]
        assert (found.labelled, found.curves, found.outcomes) == (anew.labelled, anew.curves, anew.outcomes)
        return found

    correct(client, "1")
    first = gather()
    assert gather() is first
    correct(client, "2")
    second = gather()
    assert len(second.labelled) == 2
    newer = learned(here)
    with here.database.writing() as session:
        registry.activate(session, newer, "owner")
    assert {row.version.id for row in gather().progress if row.live} >= {newer}
