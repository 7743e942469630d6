"""The runtime: which versions answer in this process, and how they are exchanged."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from functions import registry
from functions.errors import NothingLearned, Unavailable, UnknownSet
from functions.records.database import open_database
from functions.records.tables import SymbolSetRow, Version
from functions.registry import Artefacts
from functions.serving.live_models import LiveModels
from functions.settings import ROOT
from functions.store import FolderStore
from tests.support import forking
from tests.support.factories import seeded, sqlite
from tests.support.tiny_models import DIGITS, ship, tiny_network

SQUARE = np.zeros((28, 28), np.float32)


@pytest.fixture
def database(tmp_path):
    return sqlite(tmp_path)


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "objects")


@pytest.fixture
def runtime(database, store, tmp_path):
    return LiveModels(database, Artefacts(store, tmp_path / "models"))


def activate(database, store, version_id, answer, learner="cnn", stored=True, set_name="digits", labels=DIGITS, reject=0.0):
    tflite = tiny_network(answer, len(labels), reject=reject)
    sha256 = hashlib.sha256(tflite).hexdigest()
    with database.writing() as session:
        version = Version(id=version_id, set_name=set_name, learner=learner, sha256=sha256, labels=list(labels))
        session.add(version)
        session.flush()
        registry.activate(session, version_id, "test")
    if stored:
        store.put(registry.artefact_key(version, "tflite"), tflite, "application/octet-stream")
    return version


def answers(runtime, set_name="digits"):
    return {(one.learner, one.role): (one.version, one.top[0].label) for one in runtime.ask(set_name, SQUARE)}


def define(database, name="letters", labels="ab"):
    with database.writing() as session:
        session.add(SymbolSetRow(name=name, labels=list(labels), origin="owner"))


def test_until_something_was_learned_the_originals_answer_twice(runtime):
    opinions = runtime.ask("digits", SQUARE)
    assert [(one.learner, one.role, one.version, one.top[0].label) for one in opinions] == [
        ("fnn", "original", "digits-fnn-1", "1"),
        ("fnn", "learned", "digits-fnn-1", "1"),
        ("cnn", "original", "digits-cnn-1", "2"),
        ("cnn", "learned", "digits-cnn-1", "2"),
    ]
    assert all(len(one.top) == 3 and 0.9 < one.top[0].p <= 1 for one in opinions)


def test_a_new_activation_answers_after_the_next_refresh(runtime, database, store):
    answers(runtime)
    activate(database, store, "learned", 7)
    assert answers(runtime)["cnn", "learned"] == ("digits-cnn-1", "2")
    assert runtime.refresh()
    assert not runtime.refresh()
    assert answers(runtime)["cnn", "learned"] == ("learned", "7")
    assert answers(runtime)["cnn", "original"] == ("digits-cnn-1", "2")


def test_a_rollback_gives_the_same_bits_as_before(runtime, database, store):
    rng = np.random.default_rng(5)
    squares = rng.random((20, 28, 28), np.float32)
    before = [runtime.ask("digits", square) for square in squares]
    activate(database, store, "learned", 7)
    runtime.refresh()
    assert [runtime.ask("digits", square) for square in squares] != before
    with database.writing() as session:
        registry.activate(session, "digits-cnn-1", "owner")
    runtime.refresh()
    assert [runtime.ask("digits", square) for square in squares] == before


def test_a_version_that_cannot_be_loaded_leaves_the_old_one_in_place(runtime, database, store, tmp_path):
    answers(runtime)
    version = activate(database, store, "learned", 7, stored=False)
    assert runtime.refresh()
    assert answers(runtime)["cnn", "learned"] == ("digits-cnn-1", "2")
    assert runtime.missing() == ("Version learned cannot be loaded.",)
    assert runtime.ready() == []
    store.put(registry.artefact_key(version, "tflite"), tiny_network(7), "application/octet-stream")
    runtime._retry_at = 0.0
    assert runtime.refresh()
    assert answers(runtime)["cnn", "learned"] == ("learned", "7")
    assert runtime.missing() == ()


def test_a_network_that_is_none_never_answers(runtime, database, store):
    answers(runtime)
    for number, body in enumerate((b"not a network at all", tiny_network(1, classes=9), tiny_network(1, classes=11))):
        with database.writing() as session:
            sha256 = hashlib.sha256(body).hexdigest()
            version = Version(id=f"bad{number}", set_name="digits", learner="fnn", sha256=sha256, labels=list(DIGITS))
            session.add(version)
            session.flush()
            registry.activate(session, version.id, "test")
        store.put(registry.artefact_key(version, "tflite"), body, "application/octet-stream")
        runtime.refresh()
        assert answers(runtime)["fnn", "learned"] == ("digits-fnn-1", "1")


def test_all_four_answers_of_a_request_come_from_one_state(runtime, database, store):
    answers(runtime)
    for number in range(1, 6):
        for learner in ("fnn", "cnn"):
            activate(database, store, f"{learner}-{number}", number, learner)
    stop, mixed = threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            seen = answers(runtime)
            if seen["fnn", "learned"][0].split("-")[-1] != seen["cnn", "learned"][0].split("-")[-1]:
                mixed.append(seen)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in (1, 2, 3, 4, 5, 1, 2, 3, 4, 5):
        with database.writing() as session:
            for learner in ("fnn", "cnn"):
                registry.activate(session, f"{learner}-{number}", "owner")
        runtime.refresh()
    stop.set()
    for thread in threads:
        thread.join()
    assert mixed == []
    assert answers(runtime)["cnn", "learned"] == ("cnn-5", "5")


def test_no_interpreter_is_kept_of_a_version_that_no_longer_answers(runtime, database, store):
    answers(runtime)
    for number in range(5):
        activate(database, store, f"learned-{number}", number)
        runtime.refresh()
        answers(runtime)
    assert runtime._interpreters.count() == {"digits-fnn-1": 1, "digits-cnn-1": 1, "learned-4": 1}


def test_the_watch_thread_notices_by_itself(runtime, database, store):
    others = set(threading.enumerate())  # of platforms that other tests have opened
    runtime.watch()
    runtime.watch()
    assert [thread.name for thread in set(threading.enumerate()) - others] == ["runtime"]
    answers(runtime)
    activate(database, store, "learned", 7)
    until = time.monotonic() + 20
    while answers(runtime)["cnn", "learned"][0] != "learned" and time.monotonic() < until:
        time.sleep(0.02)
    assert answers(runtime)["cnn", "learned"] == ("learned", "7")


def test_a_forked_process_watches_for_itself(tmp_path):
    assert forking.run_fresh("live_models", str(tmp_path)) == 0


def test_the_runtime_is_not_ready_without_networks_or_database(tmp_path, store, database, runtime):
    assert runtime.ready() == ["No networks are loaded yet."]
    runtime.refresh()
    assert runtime.ready() == []
    nowhere = LiveModels(open_database(f"sqlite:///{tmp_path / 'nowhere' / 'x.sqlite'}"), Artefacts(store, tmp_path / "models"))
    assert nowhere.ready() == ["The database does not answer.", "No networks are loaded yet."]


def test_the_last_output_is_the_rejection_probability(runtime, database, store):
    activate(database, store, "learned", 7, reject=0.75)
    opinions = {(one.learner, one.role): one for one in runtime.ask("digits", SQUARE)}
    assert opinions["cnn", "learned"].reject == 0.75
    assert opinions["cnn", "original"].reject == 0.0
    assert sum(opinions["cnn", "learned"].probabilities.values()) == pytest.approx(1)
    assert tuple(opinions["cnn", "learned"].probabilities) == DIGITS


def test_a_set_without_networks_does_not_stop_the_others(runtime, database):
    answers(runtime)
    define(database)
    assert runtime.refresh()
    assert not runtime.refresh()
    with pytest.raises(NothingLearned):
        runtime.ask("letters", SQUARE)
    assert (runtime.ready(), runtime.missing()) == ([], ())
    assert answers(runtime)["cnn", "learned"] == ("digits-cnn-1", "2")


def test_the_first_versions_of_a_new_set_answer_in_both_roles(runtime, database, store):
    define(database)
    activate(database, store, "letters-1", 1, set_name="letters", labels="ab")
    assert answers(runtime, "letters") == {("cnn", "original"): ("letters-1", "b"), ("cnn", "learned"): ("letters-1", "b")}
    activate(database, store, "letters-2", 0, learner="fnn", set_name="letters", labels="ab")
    activate(database, store, "letters-3", 0, set_name="letters", labels="ab")
    runtime.refresh()
    assert answers(runtime, "letters") == {
        ("fnn", "original"): ("letters-2", "a"),
        ("fnn", "learned"): ("letters-2", "a"),
        ("cnn", "original"): ("letters-1", "b"),
        ("cnn", "learned"): ("letters-3", "a"),
    }


def test_a_set_whose_only_network_cannot_be_loaded_is_unavailable_and_a_reason(runtime, database, store):
    define(database)
    activate(database, store, "letters-1", 1, set_name="letters", labels="ab", stored=False)
    with pytest.raises(Unavailable):
        runtime.ask("letters", SQUARE)
    assert runtime.ready() == ["Version letters-1 cannot be loaded."]


def test_versions_before_and_after_a_label_was_added_answer_side_by_side(runtime, database, store):
    answers(runtime)
    with database.writing() as session:
        session.get_one(SymbolSetRow, "digits").labels = [*DIGITS, "ten"]
    assert runtime.refresh()
    assert answers(runtime)["cnn", "learned"] == ("digits-cnn-1", "2")
    activate(database, store, "learned", 7, labels=(*DIGITS, "ten"))
    runtime.refresh()
    opinions = {(one.learner, one.role): one for one in runtime.ask("digits", SQUARE)}
    assert "ten" in opinions["cnn", "learned"].probabilities
    assert "ten" not in opinions["cnn", "original"].probabilities


def test_new_confusable_labels_are_known_after_the_next_refresh(runtime, database):
    answers(runtime)
    assert runtime.confusable("digits") == ()
    with database.writing() as session:
        session.get_one(SymbolSetRow, "digits").confusable = [["1", "7"]]
    assert runtime.refresh()
    assert runtime.confusable("digits") == (("1", "7"),)
    with pytest.raises(UnknownSet):
        runtime.confusable("runes")


def test_a_live_version_gives_embeddings_of_squares(runtime, database, tmp_path):
    ship(tmp_path / "models", release="2", answers={"fnn": 3, "cnn": 4}, embeds=True)
    seeded(database, tmp_path / "models")
    squares = np.random.default_rng(2).random((3, 28, 28), np.float32)
    opinions = {(one.learner, one.role): one for one in runtime.ask("digits", squares[0])}
    assert opinions["fnn", "original"].top[0].label == "3"
    made = runtime.embeddings("digits", "digits-fnn-2", squares)
    assert made.shape == (3, 49)
    assert made[0].tolist() == opinions["fnn", "original"].embedding.tolist()
    assert runtime.embeddings("digits", "digits-fnn-1", squares) is None
    with pytest.raises(UnknownSet):
        runtime.embeddings("runes", "digits-fnn-2", squares)


def test_a_network_that_shows_no_embedding_answers_all_the_same(runtime):
    assert [one.embedding for one in runtime.ask("digits", SQUARE)] == [None] * 4
    assert runtime.embeddings("digits", "digits-fnn-1", [SQUARE]) is None


def test_an_unknown_set_is_an_error_until_it_is_created(runtime, database, tmp_path):
    with pytest.raises(UnknownSet):
        runtime.ask("runes", SQUARE)
    ship(tmp_path / "models", release="2", answers={"fnn": 3, "cnn": 4})
    seeded(database, tmp_path / "models")
    runtime.refresh()
    assert answers(runtime)["fnn", "original"] == ("digits-fnn-2", "3")
    assert runtime.ready() == []


def test_answering_loads_no_tensorflow():
    script = (
        "import sys\n"
        "import numpy as np\n"
        "from functions.learners.litert import open_network, infer_square\n"
        "from tests.support.tiny_models import tiny_network\n"
        "assert infer_square(open_network(tiny_network(3)), np.zeros((28, 28), np.float32)).argmax() == 3\n"
        "import functions.registry, functions.jobs\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('tensorflow', 'keras', 'boto3')])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert run.stdout.strip() == "[]", run.stderr
