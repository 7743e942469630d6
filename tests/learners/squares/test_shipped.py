import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from functions.errors import BadSettings
from functions.learners.squares.shipped import ShippedSet, load_shipped, shipped_sets


@pytest.fixture
def copy(seeds: ShippedSet, tmp_path: Path) -> Path:
    shutil.copytree(seeds.models, tmp_path / "models")
    return tmp_path / "models"


def test_the_shipped_squares_are_balanced_and_name_their_source(seeds: ShippedSet) -> None:
    for squares in (seeds.rehearsal(), seeds.holdout()):
        counts = np.bincount(squares.y, minlength=len(seeds.labels) + 1)
        *symbols, others = counts
        assert sum(symbols) >= 4_500
        assert max(symbols) - min(symbols) <= 0.15 * max(symbols)
        assert others >= 300
    for file in ("rehearsal", "holdout"):
        with np.load(seeds.models / seeds.entry[file]["file"]) as arrays:
            assert "CC BY-SA 3.0" in str(arrays["attribution"])


def test_every_shipped_file_is_the_one_that_the_manifest_names(seeds: ShippedSet) -> None:
    for learner in ("fnn", "cnn"):
        for kind in ("tflite", "weights"):
            assert len(seeds.artefact(learner, kind)) > 100_000


@pytest.mark.parametrize("file", ["cnn.tflite", "fnn.npz", "holdout.npz"])
def test_a_file_that_was_tampered_with_is_refused(copy: Path, file: str) -> None:
    path = copy / "digits" / file
    body = bytearray(path.read_bytes())
    body[len(body) // 2] ^= 1
    path.write_bytes(bytes(body))
    seeds = load_shipped(copy, "digits")
    with pytest.raises(BadSettings, match=file):
        if file == "holdout.npz":
            seeds.holdout()
        else:
            seeds.artefact(file[:3], "tflite" if file.endswith("tflite") else "weights")


def test_a_missing_file_is_named_without_a_path(copy: Path) -> None:
    (copy / "digits" / "rehearsal.npz").unlink()
    with pytest.raises(BadSettings, match=r"^models/digits/rehearsal.npz is missing"):
        load_shipped(copy, "digits").rehearsal()


@pytest.mark.parametrize("text", ["", "{}", json.dumps({"sets": {"letters": {}}})])
def test_a_manifest_without_the_set_is_one_clear_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(BadSettings, match=r"^models/manifest.json (is missing or broken|has no symbol set 'digits')"):
        load_shipped(tmp_path, "digits")


def test_the_sets_that_ship_are_known_by_name(seeds: ShippedSet) -> None:
    assert "digits" in shipped_sets(seeds.models)


def test_reading_the_shipped_files_loads_no_tensorflow() -> None:
    modules = (
        "functions.learners.squares.shipped",
        "functions.learners.squares.sampling",
        "functions.learners.gate.decide",
        "functions.learners.continual.expand_head",
        "functions.learners.evaluation.metrics",
        "functions.learners.evaluation.readers.read",
        "functions.learners.continual.protocol",
        "functions.learners.continual.rehearsal_batches",
        "functions.learners.litert",
        "functions.learners.pretraining.sources",
        "functions.learners.pretraining.near_duplicates",
        "functions.cli.base_models",
        "functions.cli.evaluate",
    )
    imports = ", ".join(modules)
    program = f"import sys, {imports}; sys.exit(any(name.split('.')[0] in ('tensorflow', 'keras') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[3]).returncode == 0
