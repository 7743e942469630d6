"""The command ``evaluate``, from the words on the command line to what it prints and writes."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest

from functions import registry
from functions.cli import __main__
from functions.records.database import open_database
from functions.records.tables import SymbolSetRow, Version
from functions.store import FolderStore
from tests.support.factories import seeded
from tests.support.sample_drawings import ONE, SEVEN
from tests.support.tiny_models import DIGITS, ship, tiny_network


@pytest.fixture
def call(tmp_path, capsys):
    """Call ``evaluate``, and return its status, answer and complaint."""
    ship(tmp_path / "models")
    environ = {"INKLOOP_HOME": str(tmp_path / "home"), "INKLOOP_MODELS": str(tmp_path / "models")}

    def do(*arguments: object) -> tuple[int, str, str]:
        status = __main__.main(("evaluate", *map(str, arguments)), environ)
        return status, *capsys.readouterr()

    return do


@pytest.fixture
def database(tmp_path):
    """The database that the calls use."""
    (tmp_path / "home").mkdir()
    return seeded(open_database(f"sqlite:///{tmp_path / 'home' / 'inkloop.sqlite'}"), tmp_path / "models")


@pytest.fixture
def drawings(tmp_path):
    """Ten twos, five sevens and three scribbles, all drawn alike: the tiny CNN answers 2 to everything."""
    path = tmp_path / "drawings.jsonl"
    rows = [{"label": label, **SEVEN} for label in ["2"] * 10 + ["7"] * 5 + [None] * 3]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_figures_are_those_of_the_answers(call, drawings):
    status, said, complaint = call("original:cnn", drawings)
    assert (status, complaint) == (0, "")
    assert said.startswith("digits-cnn-1 on drawings.jsonl\n\naccuracy                66.67 % [41.71, 84.82], 5 of 15 wrong\n")
    assert "symbols rejected        0.00 % [0.00, 20.39], 0 of 15\n" in said
    assert "non-symbols rejected    0.00 % [0.00, 56.15], 0 of 3\n" in said
    assert "2          10   100.00 %    66.67 %     0.00 %\n" in said
    assert said.endswith("taken for another\n7 for 2: 5\n")


def test_a_version_answers_alike_by_every_name_it_has(call, drawings, tmp_path):
    def figures(version: str) -> dict:
        assert call(version, drawings, "--json", tmp_path / "out.json")[0] == 0
        told = json.loads((tmp_path / "out.json").read_text())
        told.pop("version")
        return told

    by_id = figures("digits-cnn-1")
    assert by_id["count"] == 15
    assert by_id == figures("live:cnn") == figures("original:cnn") == figures(f"{tmp_path}/models/digits/cnn.tflite")


def test_live_is_the_version_that_answers_now(call, drawings, database, tmp_path):
    assert "digits-cnn-1 on drawings.jsonl\n\naccuracy                66.67 %" in call("live:cnn", drawings)[1]
    ship(tmp_path / "models", release="2", answers={"fnn": 1, "cnn": 7})
    seeded(database, tmp_path / "models")
    assert "digits-cnn-2 on drawings.jsonl\n\naccuracy                33.33 %" in call("live:cnn", drawings)[1]


def test_a_learned_version_comes_from_the_store(call, drawings, database, tmp_path):
    tflite = tiny_network(7)
    with database.writing() as session:
        version = Version(
            id="learned", set_name="digits", learner="cnn", labels=list(DIGITS), original=False,
            sha256=hashlib.sha256(tflite).hexdigest(), card={}, metrics={}, gate={},
        )  # fmt: skip
        session.add(version)
        FolderStore(tmp_path / "home" / "objects").put(registry.artefact_key(version, "tflite"), tflite, "application/vnd.tflite")
    (tmp_path / "same.tflite").write_bytes(tflite)
    by_id, by_path = (call(name, drawings)[1] for name in ("learned", tmp_path / "same.tflite"))
    assert by_id.startswith("learned on drawings.jsonl\n\naccuracy                33.33 %")
    assert by_id.split("\n", 1)[1] == by_path.split("\n", 1)[1]


def test_a_version_is_judged_by_the_labels_it_knows(call, drawings, database):
    """A set may have more labels than a version learned: those drawings are told, not counted as wrong."""
    drawings.write_text(drawings.read_text() + json.dumps({"label": "Ж", **ONE}) + "\n")
    with database.writing() as session:
        session.get_one(SymbolSetRow, "digits").labels = [*DIGITS, "Ж"]
    _, said, _ = call("digits-cnn-1", drawings)
    assert "5 of 15 wrong" in said
    assert "Left out, 1 with labels that this version does not know: 'Ж' (1)\n" in said
    assert "non-symbols rejected    0.00 % [0.00, 48.99], 0 of 4\n" in call("digits-cnn-1", drawings, "--foreign")[1]


@pytest.mark.long_run  # tests/learners/test_laws.py compares weights and export each time
def test_weights_answer_as_their_export_would(call, tmp_path):
    # Here, because TensorFlow takes seconds to load.
    from functions.learners.networks.architectures import build
    from functions.learners.networks.export import export
    from functions.learners.weights_file import ModelHeader, pack

    network = build("fnn", 11, seed=3)
    (tmp_path / "fnn.npz").write_bytes(pack(network.get_weights(), ModelHeader("fnn", DIGITS, 1.4, 0.3)))
    (tmp_path / "fnn.tflite").write_bytes(export(network, 1.4, 0.3))
    squares = np.random.default_rng(0).integers(0, 100, (40, 28, 28)).astype(np.uint8)
    np.savez(tmp_path / "squares.npz", x=squares, y=np.arange(40) % 11)
    (tmp_path / "other.npz").write_bytes(b"PK\x03\x04")
    by_weights, by_export = (call(tmp_path / name, tmp_path / "squares.npz")[1] for name in ("fnn.npz", "fnn.tflite"))
    assert by_weights.startswith("fnn.npz on squares.npz\n\naccuracy")
    assert by_weights.split("\n", 1)[1] == by_export.split("\n", 1)[1]
    status, said, complaint = call(tmp_path / "other.npz", tmp_path / "squares.npz")
    assert (status, said) == (2, "")
    assert complaint == "This npz does not hold the weights of a network as train-base and the worker write them.\n"


def test_pictures_are_written_where_they_are_wanted(call, drawings, tmp_path):
    names = ("picture", "reliability", "worst")
    assert call("live:cnn", drawings, *(word for name in names for word in (f"--{name}", tmp_path / f"{name}.png")))[0] == 0
    assert all((tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG") for name in names)


def test_what_was_left_out_is_told_and_written(call, drawings, tmp_path):
    drawings.write_text(drawings.read_text() + "{\n")
    _, said, _ = call("live:fnn", drawings, "--json", tmp_path / "out.json")
    assert said.endswith("\nLeft out, 1 that cannot be read:\n  drawings.jsonl:19: It is no JSON.\n")
    assert json.loads((tmp_path / "out.json").read_text())["unread"] == [{"where": "drawings.jsonl:19", "why": "It is no JSON."}]


def test_fewer_drawings_can_be_asked_for(call, drawings):
    assert "0 of 4 wrong" in call("live:cnn", drawings, "--limit", 4)[1]


def test_mistakes_are_one_sentence(call, drawings, tmp_path):
    (tmp_path / "torn.tflite").write_bytes(b"TFL3")
    (tmp_path / "small.tflite").write_bytes(tiny_network(1, 3))

    def complaint(*arguments: object) -> str:
        status, said, words = call(*arguments)
        assert (status, said) == (2, "")
        return words

    assert complaint("nothing", drawings) == "There is no version with that id.\n"
    assert complaint("live:rnn", drawings) == "live: goes with fnn or cnn, not with 'rnn'.\n"
    assert complaint("live:cnn", drawings, "--set", "runes") == "There is no symbol set called 'runes'.\n"
    assert (
        complaint("digits-cnn-1", drawings, "--set", "runes")
        == "Version digits-cnn-1 belongs to the set 'digits', not to 'runes'.\n"
    )
    assert complaint("live:cnn", tmp_path / "none.npz") == f"{tmp_path}/none.npz cannot be read: No such file or directory.\n"
    assert complaint("none.tflite", drawings) == "none.tflite cannot be read: No such file or directory.\n"
    assert complaint(tmp_path / "torn.tflite", drawings) == "torn.tflite: This is not a LiteRT network.\n"
    assert complaint(tmp_path / "small.tflite", drawings).startswith("small.tflite gives 4 numbers; with the 10 labels 0 1 2")
    assert complaint("live:cnn", drawings, "--json", tmp_path / "no" / "x.json").endswith(
        "x.json cannot be written: there is no such folder.\n"
    )


@pytest.mark.parametrize("words", [("--writers", "30-13"), ("--writers", "a"), ("--limit", "0"), ("--part", "all")])
def test_options_that_mean_nothing_are_refused(call, drawings, words):
    with pytest.raises(SystemExit) as end:
        call("live:cnn", drawings, *words)
    assert end.value.code == 2
