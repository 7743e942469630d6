"""Visitors' examples follow the database at each prediction, and the cache drops them soon."""

from __future__ import annotations

import threading
import time
import zlib
from contextlib import contextmanager

import numpy as np
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from functions.domain.answer import LEARNERS, model_prediction
from functions.domain.drawing import square_from_bytes
from functions.records.database import Database, open_database
from functions.records.tables import Contributor, DrawingRow, Sample, SymbolSetRow, new_id
from functions.records.visitor_examples import own_samples
from functions.serving.visitor_examples import NEWEST, VisitorExamplesCache
from tests.support.platform_fakes import fill_platform

pytestmark = pytest.mark.above_sql

ANN, BOB = "a" * 32, "b" * 32
DIGITS = tuple("0123456789")
SURE = np.array([*np.eye(10)[1] * 0.9 + 0.01, 0.0], np.float32)  # a 1


class CountingNetworks:
    """Networks whose embedding of a square is its pixels; they count the squares."""

    def __init__(self) -> None:
        self.embedded = 0

    def embeddings(self, set_name, version, squares):
        """Return the pixels of squares; of a version called ``gone`` nothing."""
        if version == "gone":
            return None
        self.embedded += len(squares)
        return np.stack([square.ravel() for square in squares])


class Silent:
    """A database that answers, with an error, only when it is told to."""

    def __init__(self) -> None:
        self.asked, self.answers = 0, threading.Event()

    @contextmanager
    def reading(self):
        """Wait, and fail."""
        self.asked += 1
        self.answers.wait()
        raise OperationalError("", {}, Exception())
        yield


@pytest.fixture
def networks() -> CountingNetworks:
    return CountingNetworks()


@pytest.fixture
def cache() -> VisitorExamplesCache:
    return VisitorExamplesCache()


@pytest.fixture
def database(database: Database) -> Database:
    fill_platform(database)
    with database.writing() as session:
        session.add_all(Contributor(id=one) for one in (ANN, BOB))
    return database


def pixels(place: int) -> bytes:
    drawn = np.zeros(784, np.uint8)
    drawn[place] = 255
    return drawn.tobytes()


def add(database: Database, place: int = 0, label: str | None = "7", by: str = ANN, **more) -> str:
    """Add a sample whose square has ink in one place."""
    with database.writing() as session:
        square = zlib.compress(pixels(place))
        row = DrawingRow(id=new_id(), set_name="digits", contributor_id=by, square=square, png_sha256="0" * 64)
        session.add(row)
        session.flush()
        fields = {"set_name": "digits", "status": "pending", "source": "correction", **more}
        sample = Sample(id=new_id(), label=label, drawing_id=row.id, contributor_id=by, **fields)
        session.add(sample)
        return sample.id


def withdraw(database: Database, sample_id: str) -> None:
    with database.writing() as session:
        sample = session.get_one(Sample, sample_id)
        sample.status = "withdrawn"
        session.get_one(DrawingRow, sample.drawing_id).square = b""


def predictions(place: int = 0, fnn: str = "f", cnn: str = "c"):
    seen = square_from_bytes(pixels(place)).ravel()
    return tuple(
        model_prediction(learner, role, version, SURE, DIGITS, seen)
        for learner, version in zip(LEARNERS, (fnn, cnn), strict=True)
        for role in ("original", "learned")
    )


def labels(given):
    return [one.top[0].label for one in given]


def test_a_drawing_like_a_corrected_one_gets_the_corrected_label(database, cache, networks):
    add(database)
    examples = cache.of(database, networks, ANN)
    assert labels(examples.adapt("digits", predictions())) == ["1", "7", "1", "7"]
    assert examples.adapt("digits", predictions(place=500)) == predictions(place=500)


def test_drawings_that_trust_refused_still_adapt_their_authors_answers(database, cache, networks):
    for place, status in enumerate(("accepted", "pending", "quarantined", "rejected")):
        add(database, place, status=status)
        assert labels(cache.of(database, networks, ANN).adapt("digits", predictions(place)))[1] == "7", status


def test_drawings_of_others_and_of_another_set_have_no_effect(database, cache, networks):
    with database.writing() as session:
        session.add(SymbolSetRow(name="letters", labels=["7"]))
    add(database, by=BOB)
    add(database, set_name="letters")
    assert cache.of(database, networks, ANN).adapt("digits", predictions()) == predictions()
    assert (networks.embedded, len(cache)) == (0, 0)


def test_drawings_that_are_no_symbol_adapt_answers_too(database, cache, networks):
    for _ in range(2):  # the networks are sure that it is one
        add(database, label=None)
    given = cache.of(database, networks, ANN).adapt("digits", predictions())
    assert [one.reject > 0.5 for one in given] == [False, True, False, True]


def test_examples_are_embedded_once_and_later_only_new_ones(database, cache, networks):
    add(database)
    examples = cache.of(database, networks, ANN)
    for _ in range(3):
        examples.adapt("digits", predictions())
    assert networks.embedded == 2  # by both networks
    add(database, 5, "3")
    assert labels(examples.adapt("digits", predictions(5)))[1] == "3"
    assert networks.embedded == 4


def test_a_new_version_embeds_the_examples_again(database, cache, networks):
    add(database)
    examples = cache.of(database, networks, ANN)
    examples.adapt("digits", predictions())
    assert labels(examples.adapt("digits", predictions(cnn="newer"))) == ["1", "7", "1", "7"]
    assert networks.embedded == 3


def test_a_version_that_is_no_longer_live_answers_unadapted(database, cache, networks):
    add(database)
    assert labels(cache.of(database, networks, ANN).adapt("digits", predictions(cnn="gone"))) == ["1", "7", "1", "1"]


def test_a_withdrawn_drawing_has_no_effect_and_is_dropped(database, cache, networks):
    first, second = add(database), add(database, 5, "3")
    examples = cache.of(database, networks, ANN)
    examples.adapt("digits", predictions())
    withdraw(database, first)
    assert examples.adapt("digits", predictions()) == predictions()
    assert labels(examples.adapt("digits", predictions(5)))[1] == "3"
    withdraw(database, second)
    assert examples.adapt("digits", predictions(5)) == predictions(5)
    assert len(cache) == 0


def test_the_cache_is_small_and_drops_unused_examples(database, networks):
    for by in (ANN, BOB):
        add(database, by=by)
    few, short = VisitorExamplesCache(most=1), VisitorExamplesCache(unused=-1)
    for cache in (few, short):
        for by in (ANN, BOB):
            assert labels(cache.of(database, networks, by).adapt("digits", predictions()))[1] == "7"
    assert (len(few), len(short)) == (1, 0)


def test_only_the_newest_drawings_are_examples(database, cache, networks):
    add(database, 0)
    for _ in range(NEWEST):
        add(database, 5, "3")
    examples = cache.of(database, networks, ANN)
    assert examples.adapt("digits", predictions()) == predictions()
    assert labels(examples.adapt("digits", predictions(5)))[1] == "3"


def test_networks_without_embeddings_cause_no_query(cache, networks):
    nowhere = open_database("sqlite:////nowhere/at/all.sqlite")
    blind = tuple(model_prediction("cnn", "learned", "c", SURE, DIGITS) for _ in range(2))
    assert cache.of(nowhere, networks, ANN).adapt("digits", blind) == blind


def test_without_a_database_the_networks_still_answer(cache, networks):
    nowhere = open_database("sqlite:////nowhere/at/all.sqlite")
    assert cache.of(nowhere, networks, ANN).adapt("digits", predictions()) == predictions()


def test_a_database_that_does_not_answer_holds_two_threads_and_the_others_answer_without_it(cache, networks):
    silent = Silent()
    threads = [threading.Thread(target=cache.of(silent, networks, ANN).adapt, args=("digits", predictions())) for _ in range(2)]
    for thread in threads:
        thread.start()
    while silent.asked < 2:
        time.sleep(0.01)
    began = time.monotonic()
    assert cache.of(silent, networks, ANN).adapt("digits", predictions()) == predictions()
    assert time.monotonic() - began < 5
    assert silent.asked == 2
    silent.answers.set()
    for thread in threads:
        thread.join()
    cache.of(silent, networks, ANN).adapt("digits", predictions())
    assert silent.asked == 3, "their places are free again"


def test_a_visitor_without_drawings_causes_one_indexed_query(database, cache, networks):
    asked: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))
    cache.of(database, networks, ANN).adapt("digits", predictions())
    assert len([one for one in asked if one.startswith("SELECT")]) == 1


def test_own_drawings_are_read_by_an_index(tmp_path, migrated_sqlite):
    database = open_database(f"sqlite:///{migrated_sqlite}")
    asked: list[tuple[str, object]] = []
    event.listen(database.engine, "before_cursor_execute", lambda *about: asked.append((about[2], about[3])))
    with database.reading() as session:
        own_samples(session, "digits", ANN, 5)
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1]).all()
    steps = [row[-1] for row in plan]
    assert any("ix_samples_contributor_created" in step for step in steps), steps
    assert not any("SCAN samples" in step for step in steps), steps
