"""A symbol set from nothing: defined, collected for, learned by the real trainer, and grown by a label."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import secrets
import zlib
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from functions import jobs, registry
from functions.learners.continual import bootstrap
from functions.learners.continual.fine_tuner import ContinualTrainer
from functions.learners.litert import infer
from functions.learners.networks.architectures import build
from functions.learners.squares import Squares
from functions.learners.weights_file import ModelHeader, pack, unpack
from functions.records import tables
from functions.records.tables import now
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.verbs import define
from functions.verbs.learn import learn
from functions.verbs.reproduce import reproduce
from tests.support import factories
from tests.support.factories import add_sample, sqlite
from tests.support.tiny_models import ship

pytestmark = pytest.mark.starts_early
SIGNS = ("bar", "beam", "frame", "cross")
LABELS = SIGNS[:3]


def drawn(sign: str | None, rng: np.random.Generator) -> np.ndarray:
    """Draw a sign somewhere near the middle, one pixel more or less thick; None is a scatter of dots."""
    square = np.zeros((28, 28), np.uint8)
    if sign is None:
        square[rng.integers(2, 26, 60), rng.integers(2, 26, 60)] = 255
        return square
    y, x, thick = (int(n) for n in (*rng.integers(-2, 3, 2), rng.integers(2, 5)))
    if sign in ("bar", "cross"):
        square[4 + y : 24 + y, 13 + x : 13 + x + thick] = 255
    if sign in ("beam", "cross"):
        square[13 + y : 13 + y + thick, 4 + x : 24 + x] = 255
    if sign == "frame":
        square[5 + y : 23 + y, 5 + x : 23 + x] = 255
        square[5 + y + thick : 23 + y - thick, 5 + x + thick : 23 + x - thick] = 0
    return square


def scatter(count: int, seed: int) -> Squares:
    rng = np.random.default_rng(seed)
    return Squares(np.stack([drawn(None, rng) for _ in range(count)]), np.zeros(count, np.int64))


@pytest.fixture(scope="module")
def trainer() -> ContinualTrainer:
    return ContinualTrainer("fnn", (), scatter(100, 1), scatter(60, 2))


@pytest.fixture
def known_ids(monkeypatch):
    """Make every id the same in each run of the tests: ids decide the split and the seeds."""
    moments, rng = itertools.count(1_800_000_000_000), random.Random(7)
    monkeypatch.setattr(tables, "time", SimpleNamespace(time_ns=lambda: 1_000_000 * next(moments)))
    monkeypatch.setattr(factories, "_later", moments)
    monkeypatch.setattr(secrets, "token_hex", lambda size: rng.randbytes(size).hex())


@pytest.fixture
def house(tmp_path, monkeypatch, known_ids):
    """A platform whose set ``digits`` has a real, untrained FNN; a first version's training is short, for signs are simple."""
    head, body = replace(bootstrap.HEAD, steps=60), replace(bootstrap.BODY, steps=120)
    for name, value in (("HEAD", head), ("BODY", body), ("STEPS", head.steps + body.steps)):
        monkeypatch.setattr(bootstrap, name, value)
    ship(tmp_path / "models")
    weights = pack(build("fnn", 11, seed=3).get_weights(), ModelHeader("fnn", tuple("0123456789"), 1.0))
    (tmp_path / "models" / "digits" / "fnn.npz").write_bytes(weights)
    path = tmp_path / "models" / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["sets"]["digits"]["versions"]["fnn"]["weights"]["sha256"] = hashlib.sha256(weights).hexdigest()
    path.write_text(json.dumps(manifest))
    return sqlite(tmp_path), FolderStore(tmp_path / "objects"), tmp_path / "models"


def give(database, sign, count, source="contribution"):
    rng = np.random.default_rng(sum(sign.encode()))
    with database.writing() as session:
        for number in range(count):
            square = zlib.compress(drawn(sign, rng).tobytes())
            add_sample(session, sign, set_name="signs", source=source, digit=f"{number % 16:x}", square=square)


def run(house, trainer):
    database, store, models = house
    with database.writing() as session:
        jobs.request(session, "signs", "learn")
    claim = jobs.lease(database, now() + timedelta(milliseconds=1))
    learn(database, Artefacts(store, models), claim, {"fnn": trainer}, lambda progress, step: None)
    with database.reading() as session:
        return jobs.run(session, claim.run_id), registry.live(session, "signs").get("fnn")


def again(house, version):
    """Train a version again, with another trainer."""
    database, store, models = house
    trainer = ContinualTrainer("fnn", (), scatter(100, 1), scatter(60, 2))
    found = reproduce(database, Artefacts(store, models), version.id, lambda version: trainer, lambda *told: None)
    return found.candidate.sha256, found.differing, found.reasons


def accuracy(house, version, signs):
    """Return the answers of the published file to unseen symbols."""
    _, store, _ = house
    rng = np.random.default_rng(99)
    x = np.stack([drawn(sign, rng) for sign in signs for _ in range(20)])
    y = np.repeat([version.labels.index(sign) for sign in signs], 20)
    return (infer(store.get(f"versions/signs/{version.id}.tflite"), x)[:, :-1].argmax(1) == y).mean()


@pytest.mark.long_run
@pytest.mark.parametrize("reproduced", [False, True])
def test_a_set_of_ones_own_is_learned_from_nothing_as_soon_as_there_is_enough_and_grows_by_a_label(reproduced, house, trainer):
    database, store, _ = house
    define.create_set(database, "signs", LABELS)
    for sign in LABELS:
        give(database, sign, 20 if sign == "frame" else 32)
    early, nothing = run(house, trainer)
    assert (early.state, str(early.step), nothing) == ("cancelled", "frame needs 10 more drawings", None)
    assert jobs.reconcile(database, 0) == []

    give(database, "frame", 12)
    assert jobs.reconcile(database, 0) == ["signs"]
    done, first = run(house, trainer)
    assert done.state == "done"
    assert first is not None, done.result
    assert (first.parent_id, first.labels, first.card["foundation"]) == (None, list(LABELS), "digits-fnn-1")
    assert first.card["kept_apart"] == {"to choose": 19, "to judge": 21}
    assert first.card["samples"] == 96 - 19 - 21
    assert accuracy(house, first, LABELS) > 0.9
    dots = infer(store.get(f"versions/signs/{first.id}.tflite"), scatter(50, 3).x)
    assert (dots[:, -1] >= 0.5).mean() > 0.6
    assert len(first.metrics["reliability"]) == 15
    with database.reading() as session:
        assert registry.original(session, "signs")["fnn"].id == first.id

    define.add_label(database, "signs", "cross")
    give(database, "cross", 5, source="correction")
    waiting, still = run(house, trainer)
    assert (waiting.state, str(waiting.step), still.id) == ("cancelled", "cross needs 25 more drawings", first.id)

    give(database, "cross", 32)
    done, grown = run(house, trainer)
    assert grown.parent_id == first.id, done.result
    assert grown.labels == [*LABELS, "cross"]
    assert unpack(store.get(f"versions/signs/{grown.id}.npz"))[1].labels == SIGNS
    assert accuracy(house, grown, SIGNS) > 0.9

    give(database, "bar", 1, source="correction")
    done, later = run(house, trainer)
    assert (later.parent_id, later.card["samples"]) == (grown.id, 1), done.result

    if reproduced:  # by another trainer, which compiles its steps anew
        assert again(house, later) == (later.sha256, {}, ())
