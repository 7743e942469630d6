"""Many versions on one file, here and with the files of a cluster."""

from __future__ import annotations

import json

import numpy as np
import pytest

from functions.cli import __main__
from functions.cli.evaluate_many import EvaluatedVersion, evaluate_many, table
from functions.compute import InProcess
from functions.learners.evaluation.readers.read import ReadOptions, read_labelled
from functions.store import StoreAddress, open_store
from functions.training.trials import Cluster
from tests.support.sample_drawings import SEVEN
from tests.support.tiny_models import DIGITS, ship, tiny_network


@pytest.fixture
def drawings(tmp_path):
    """Ten twos and five sevens."""
    path = tmp_path / "drawings.jsonl"
    path.write_text("".join(json.dumps({"label": label, **SEVEN}) + "\n" for label in ["2"] * 10 + ["7"] * 5))
    return path


def test_a_line_for_each_version_and_every_figure_as_json(tmp_path, capsys, drawings):
    ship(tmp_path / "models")
    (tmp_path / "seven.tflite").write_bytes(tiny_network(7, 10))
    environ = {"INKLOOP_HOME": str(tmp_path / "home"), "INKLOOP_MODELS": str(tmp_path / "models")}
    words = "evaluate", "original:cnn", str(tmp_path / "seven.tflite"), str(drawings), "--json", str(tmp_path / "all.json")
    assert __main__.main(words, environ) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:4] for line in lines[3:]] == [
        ["digits-cnn-1", "15", "66.67", "%"],
        ["seven.tflite", "15", "33.33", "%"],
    ]
    figures = json.loads((tmp_path / "all.json").read_text())
    assert [(one["version"], round(one["accuracy"], 4)) for one in figures] == [
        ("digits-cnn-1", 0.6667),
        ("seven.tflite", 0.3333),
    ]
    assert __main__.main((*words[:4], "--worst", str(tmp_path / "worst.png")), environ) == 2


def test_the_nodes_of_a_cluster_read_the_drawings_from_the_store(tmp_path, drawings):
    versions = [EvaluatedVersion(str(label), tuple(DIGITS), tiny_network(label, 10)) for label in (2, 7)]
    address = StoreAddress(None, tmp_path / "objects")

    def read(labels):
        return read_labelled(drawings, labels, ReadOptions("test", None, None, False, False, False, None))

    here = evaluate_many(versions, read, None)
    there = evaluate_many(versions, read, Cluster(InProcess(), address, tmp_path))
    assert there == here
    assert list(open_store(address).keys()) == []
    assert table(versions, here)[1].split()[:3] == ["2", "15", "66.67"]
    assert np.isclose(here[1]["accuracy"], 1 / 3)
