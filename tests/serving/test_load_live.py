"""Which versions answer while a bucket is away, stalls, or has damaged files."""

from __future__ import annotations

import hashlib
import logging
import random
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from functions import registry
from functions.errors import StoreUnavailable
from functions.records.database import Database
from functions.records.tables import SymbolSetRow, Version
from functions.registry import Artefacts
from functions.serving import load_live
from functions.serving.live_models import LiveModels
from functions.store import FolderStore
from tests.support.factories import sqlite
from tests.support.tiny_models import DIGITS, tiny_network

SQUARE = np.zeros((28, 28), np.float32)


class Bucket(FolderStore):
    """A store that may be away, or stall until it is told to go on."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.away, self.gets = False, 0
        self.going = threading.Event()
        self.going.set()

    def get(self, key: str) -> bytes:
        """Return the object, or fail, or wait."""
        self.gets += 1
        self.going.wait()
        if self.away:
            raise StoreUnavailable("The bucket cannot be reached just now.")
        return super().get(key)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return sqlite(tmp_path)


@pytest.fixture
def bucket(tmp_path: Path) -> Bucket:
    return Bucket(tmp_path / "objects")


def process(database: Database, bucket: Bucket, tmp_path: Path) -> LiveModels:
    """Return the networks of a web process that has just started."""
    return LiveModels(database, Artefacts(bucket, tmp_path / "models"))


def activate(
    database: Database,
    bucket: Bucket,
    name: str,
    answer: int,
    learner: str = "cnn",
    set_name: str = "digits",
    stored: bytes | None = None,
) -> bytes:
    """Publish and activate a network that always answers ``answer``; the bucket may have something else ``stored`` for it."""
    body = tiny_network(answer)
    bucket.put(f"versions/{set_name}/{name}.tflite", body if stored is None else stored, "application/octet-stream")
    with database.writing() as session:
        sha256 = hashlib.sha256(body).hexdigest()
        version = Version(id=name, set_name=set_name, learner=learner, sha256=sha256, labels=list(DIGITS))
        session.add(version)
        session.flush()
        registry.activate(session, name, "test")
    return body


def answers(networks: LiveModels, set_name: str = "digits") -> dict[tuple[str, str], tuple[str, str, str | None]]:
    found = networks.ask(set_name, SQUARE)
    return {(one.learner, one.role): (one.version, one.top[0].label, one.instead_of) for one in found}


def test_a_process_that_starts_without_its_bucket_answers_with_the_originals_and_heals(database, bucket, tmp_path) -> None:
    activate(database, bucket, "learned", 7)
    bucket.away = True
    networks = process(database, bucket, tmp_path)
    assert answers(networks)["cnn", "learned"] == ("digits-cnn-1", "2", "learned")
    assert answers(networks)["cnn", "original"] == ("digits-cnn-1", "2", None)
    assert networks.ready() == []
    assert networks.substitutes() == ("Version digits-cnn-1 answers instead of version learned, which cannot be loaded.",)
    bucket.away = False
    networks._retry_at = 0.0
    assert networks.refresh()
    assert answers(networks)["cnn", "learned"] == ("learned", "7", None)
    assert (networks.substitutes(), networks.missing()) == ((), ())


def test_a_bucket_that_stalls_delays_a_start_by_seconds_only(database, bucket, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(load_live, "PATIENCE", 0.2)
    for learner, answer in (("fnn", 6), ("cnn", 7)):
        activate(database, bucket, f"learned-{learner}", answer, learner)
    bucket.going.clear()
    networks = process(database, bucket, tmp_path)
    begun = time.monotonic()
    assert answers(networks)["fnn", "learned"] == ("digits-fnn-1", "1", "learned-fnn")
    assert time.monotonic() - begun < 20  # the bucket would stall for ever
    for _ in range(3):
        networks._retry_at = 0.0
        networks.refresh()
    assert bucket.gets == 2  # a read that goes on is not begun again
    bucket.going.set()
    deadline = time.monotonic() + 20
    while networks.missing() and time.monotonic() < deadline:
        networks._retry_at = 0.0
        networks.refresh()
    assert answers(networks)["fnn", "learned"] == ("learned-fnn", "6", None)


def test_instead_of_a_damaged_version_the_one_that_answered_before_it_answers(database, bucket, tmp_path) -> None:
    for number in range(1, 4):
        activate(database, bucket, f"learned-{number}", number)
    bucket.put("versions/digits/learned-3.tflite", b"damaged", "x/y")
    networks = process(database, bucket, tmp_path)
    assert answers(networks)["cnn", "learned"] == ("learned-2", "2", "learned-3")
    bucket.delete("versions/digits/learned-2.tflite")
    assert answers(process(database, bucket, tmp_path))["cnn", "learned"] == ("learned-1", "1", "learned-3")


def test_a_set_of_the_owner_whose_first_version_is_damaged_answers_with_a_later_one(database, bucket, tmp_path) -> None:
    with database.writing() as session:
        session.add(SymbolSetRow(name="runes", labels=list(DIGITS), origin="owner"))
    for name, answer, learner in (("f", 3, "fnn"), ("c1", 4, "cnn"), ("c2", 5, "cnn")):
        activate(database, bucket, name, answer, learner, "runes")
    bucket.put("versions/runes/c1.tflite", b"damaged", "x/y")
    found = answers(process(database, bucket, tmp_path), "runes")
    assert (found["cnn", "original"], found["cnn", "learned"]) == (("c2", "5", "c1"), ("c2", "5", None))


@pytest.mark.parametrize("count", [12, pytest.param(500, marks=pytest.mark.long_run)])
def test_a_damaged_file_never_answers_and_no_request_fails(database, bucket, tmp_path, count) -> None:
    chance = random.Random(3)
    networks = process(database, bucket, tmp_path)
    stop, wrong = threading.Event(), []

    def visit() -> None:
        while not stop.is_set():
            try:
                version, label, _ = answers(networks)["cnn", "learned"]
                if (version, label) not in {("digits-cnn-1", "2"), ("good", "7")}:
                    wrong.append((version, label))
            except Exception as error:
                wrong.append(error)

    visitors = [threading.Thread(target=visit) for _ in range(3)]
    for visitor in visitors:
        visitor.start()
    good = activate(database, bucket, "good", 7)
    for number in range(count):
        body = tiny_network(9)
        place = chance.randrange(len(body))
        cut, flipped = body[:place], body[:place] + bytes([body[place] ^ 0x40]) + body[place + 1 :]
        activate(database, bucket, f"bad-{number}", 9, stored=chance.choice([cut, flipped]))
        networks.refresh()
        if number % 5 == 0:
            with database.writing() as session:
                registry.activate(session, chance.choice(["good", "digits-cnn-1"]), "owner")
            networks.refresh()
            assert networks.missing() == ()
    stop.set()
    for visitor in visitors:
        visitor.join()
    assert wrong == []
    assert good == tiny_network(7)


def test_a_version_that_cannot_be_loaded_is_logged_once_and_once_more_when_it_can(database, bucket, tmp_path, caplog) -> None:
    caplog.set_level(logging.INFO, "functions.serving")
    body = activate(database, bucket, "learned", 7)
    bucket.delete("versions/digits/learned.tflite")
    networks = process(database, bucket, tmp_path)
    for _ in range(10):
        networks._retry_at = 0.0
        networks.refresh()
    assert [record.message for record in caplog.records] == [
        "Version learned cannot be used: The tflite file of version learned is missing."
    ]
    bucket.put("versions/digits/learned.tflite", body, "x/y")
    networks._retry_at = 0.0
    networks.refresh()
    assert caplog.records[-1].message.startswith("Version learned can be used again")
