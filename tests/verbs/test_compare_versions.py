"""Two versions compared by what they kept, else by asking both about the shipped hold-out."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from functions import registry
from functions.records.database import Database
from functions.records.tables import Version
from functions.store import FolderStore, Store
from functions.verbs import compare_versions
from functions.verbs.compare_versions import HoldoutAnswers, compare_any
from tests.support import tiny_models
from tests.support.factories import seeded

LABELS = [*tiny_models.DIGITS]


@pytest.fixture
def artefacts(database: Database, tmp_path: Path) -> registry.Artefacts:
    models = tmp_path / "models"
    seeded(database, models)
    tiny_models.ship_holdout(models, np.arange(5_000) % 11)
    return registry.Artefacts(FolderStore(tmp_path / "objects"), models)


def add(database: Database, store: Store, answer: int, labels: list[str] = LABELS) -> str:
    """Add a version that always answers ``answer``, and return its id."""
    body = tiny_models.tiny_network(answer, len(labels))
    with database.writing() as session:
        row = Version(set_name="digits", learner="cnn", sha256=hashlib.sha256(body).hexdigest(), labels=labels)
        session.add(row)
        session.flush()
        store.put(registry.artefact_key(row, "tflite"), body, "application/vnd.tflite")
        return row.id


def test_both_answer_a_bounded_number_of_symbols_once(
    database: Database, artefacts: registry.Artefacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = add(database, artefacts.store, 3), add(database, artefacts.store, 3)
    answers = HoldoutAnswers()
    found = compare_any(database, artefacts, answers, first, second)
    assert found is not None
    assert found.count == compare_versions.SQUARES
    assert found.first == found.second
    assert 150 < found.first < 250  # a tenth are threes
    monkeypatch.delattr(compare_versions, "infer_square")
    assert compare_any(database, artefacts, answers, second, first) == found  # from memory


def test_a_version_without_its_file_is_not_compared(database: Database, artefacts: registry.Artefacts) -> None:
    first, second = add(database, artefacts.store, 3), add(database, artefacts.store, 4)
    with database.reading() as session:
        artefacts.store.delete(registry.artefact_key(registry.version(session, second), "tflite"))
    assert compare_any(database, artefacts, HoldoutAnswers(), first, second) is None


def test_versions_without_a_common_label_are_not_compared(database: Database, artefacts: registry.Artefacts) -> None:
    first, second = add(database, artefacts.store, 1), add(database, artefacts.store, 1, ["x", "y"])
    assert compare_any(database, artefacts, HoldoutAnswers(), first, second) is None
