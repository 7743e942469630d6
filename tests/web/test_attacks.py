"""Attacks through HTTP: what reaches a training set, and what honest visitors notice."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from functions.domain.trust.rules import CONTRIBUTOR_CAP, HOSTILE, PAIR_CAP, REPEATS, ROUND_CAP
from functions.records.tables import EvidenceRow, Run, Sample, now
from functions.registry import Artefacts
from functions.web.platform import Platform
from functions.worker.loops import WorkerLoops
from tests.support import tiny_models
from tests.support.fake_trainers import FakeTrainer, FakeTrainerPool
from tests.support.sample_drawings import SEVEN

SET = "/api/v1/sets/digits"
ANSWERED, IMAGINED, FAR_FETCHED = "2", "1", "9"

_shapes = itertools.count()


@pytest.fixture
def app(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    """The app with networks that see a 2 in everything, which might be a 1."""
    tiny_models.ship(tmp_path / "models", answers={"fnn": 2, "cnn": 2}, or_else=1)
    return make_app()


def some_drawing() -> dict[str, Any]:
    """Return a drawing that looks like none of the others."""
    number = next(_shapes)
    x, y, slant = 40 + 37 * number % 200, 40 + 61 * number % 200, 40 + 97 * number % 190
    return {**SEVEN, "strokes": [[[x, 30], [slant, y], [250 - x, 250]], [[30, slant], [y, 240]]]}


def visitor(app: Flask, place: int = 1) -> FlaskClient:
    """Return the browser of somebody at one of many address blocks."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"10.{place // 256}.{place % 256}.7"
    return client


def ask(client: FlaskClient, drawing: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = client.post(f"{SET}/predictions", json={**(drawing or some_drawing()), "consent": True})
    assert answer.status_code == 200, answer.json
    return answer.json


def correct(client: FlaskClient, label: str, drawing: dict[str, Any] | None = None) -> str:
    """Let a drawing be answered, say what it is, and return the sample's status."""
    asked = ask(client, drawing)
    answer = client.post(f"/api/v1/predictions/{asked['id']}/correction", json={"label": label})
    assert answer.status_code == 202, answer.json
    return answer.json["status"]


def learned(here: Platform) -> list[int]:
    """Let a worker with fake trainers learn, and return the labels of its training set."""
    with here.database.writing() as session:
        for run in session.query(Run).filter_by(state="queued"):
            run.not_before = now()
    pool = FakeTrainerPool(fnn=FakeTrainer(), cnn=FakeTrainer())
    if not WorkerLoops(here.database, Artefacts(here.store, here.settings.models)).work(pool):
        return []
    return [int(label) for label in pool.quick["cnn"].calls[0]["new"].y]


def test_of_a_flood_of_wrong_labels_a_training_set_gets_three(app: Flask, here: Platform) -> None:
    flooding = visitor(app)
    statuses = Counter(correct(flooding, FAR_FETCHED) for _ in range(20))
    assert statuses == {"accepted": CONTRIBUTOR_CAP, "pending": HOSTILE - CONTRIBUTOR_CAP, "quarantined": 20 - HOSTILE}
    assert learned(here) == [int(FAR_FETCHED)] * CONTRIBUTOR_CAP


def test_of_a_pair_attacked_from_everywhere_a_training_set_gets_five(app: Flask, here: Platform) -> None:
    statuses = Counter(correct(visitor(app, place), FAR_FETCHED) for place in range(30))
    assert statuses == {"accepted": PAIR_CAP, "pending": 30 - PAIR_CAP}
    assert learned(here) == [int(FAR_FETCHED)] * PAIR_CAP


def test_random_wrong_labels_from_everywhere_stay_a_small_part(app: Flask) -> None:
    labels = itertools.cycle("03456789")
    statuses = Counter(correct(visitor(app, place), next(labels)) for place in range(40))
    assert statuses["accepted"] == ROUND_CAP


def test_meanwhile_an_honest_visitors_correction_is_learned_at_once(app: Flask, here: Platform) -> None:
    for place in range(12):
        correct(visitor(app, place), FAR_FETCHED)
    flooding, honest = visitor(app, 1), visitor(app, 1)  # even behind the same router
    for _ in range(12):
        correct(flooding, FAR_FETCHED)
    assert [correct(honest, IMAGINED) for _ in range(5)] == ["accepted"] * 5
    assert [correct(honest, ANSWERED) for _ in range(5)] == ["accepted"] * 5
    assert learned(here).count(int(FAR_FETCHED)) <= PAIR_CAP


def test_the_first_surprising_correction_of_a_stranger_is_learned_at_once(app: Flask, here: Platform) -> None:
    assert correct(visitor(app), "7") == "accepted"
    assert learned(here) == [7]


def test_one_drawing_sent_again_and_again_teaches_only_so_often(app: Flask) -> None:
    sending = visitor(app)
    sent = {**SEVEN, "label": ANSWERED}
    statuses = [sending.post(f"{SET}/samples", json=sent).json["status"] for _ in range(REPEATS + 3)]
    assert statuses == ["accepted"] * REPEATS + ["pending"] * 3


def test_contributions_are_weighed_as_corrections_are(app: Flask) -> None:
    client = visitor(app)
    statuses = [client.post(f"{SET}/samples", json={**some_drawing(), "label": FAR_FETCHED}).json["status"] for _ in range(9)]
    assert statuses == ["accepted"] * CONTRIBUTOR_CAP + ["pending"] * (HOSTILE - CONTRIBUTOR_CAP) + ["quarantined"]


def test_what_is_kept_of_an_address_is_a_hash_that_a_network_block_shares(app: Flask, here: Platform) -> None:
    addresses = ("192.0.2.1", "192.0.2.200", "192.0.3.1", "2001:db8:1::1", "2001:db8:1:9::2", "2001:db8:2::1", "::ffff:192.0.2.9")
    for address in addresses:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = address
        correct(client, ANSWERED)
    with here.database.reading() as session:
        blocks = [trace.block for trace in session.query(EvidenceRow).order_by(EvidenceRow.sample_id)]
    assert blocks[0] == blocks[1] == blocks[6]
    assert blocks[3] == blocks[4]
    assert len(set(blocks)) == 4
    assert all(block is not None and "192" not in block and len(block) == 32 for block in blocks)


def test_taking_a_drawing_back_leaves_nothing_of_the_picture_in_its_trace(app: Flask, here: Platform) -> None:
    client = visitor(app)
    made = client.post(f"{SET}/samples", json={**SEVEN, "label": "7"}).json
    client.delete(f"/api/v1/samples/{made['id']}?receipt={made['receipt']}")
    with here.database.reading() as session:
        trace = session.get_one(EvidenceRow, made["id"])
        assert (trace.wiped, trace.look, trace.belief) == (True, 0, None)
        assert session.get_one(Sample, made["id"]).status == "withdrawn"


def test_a_drawing_corrected_twice_leaves_the_trace_of_the_last_word(app: Flask, here: Platform) -> None:
    client = visitor(app)
    asked = ask(client)["id"]
    for label in ("7", "8"):
        last = client.post(f"/api/v1/predictions/{asked}/correction", json={"label": label}).json["sample"]
    with here.database.reading() as session:
        assert [trace.sample_id for trace in session.query(EvidenceRow) if not trace.wiped] == [last]
