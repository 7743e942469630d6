from __future__ import annotations

import pytest

from functions.dataset.sample_state import state_of
from functions.records.tables import Sample


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"status": "pending"}, "waiting"),
        ({"status": "quarantined"}, "waiting"),
        ({"status": "rejected"}, "rejected"),
        ({"status": "accepted"}, "teaches"),
        ({"status": "accepted", "split": "test"}, "judges"),
        ({"status": "accepted", "split": "unused"}, "kept"),
        ({"status": "accepted", "split": "train", "taught_to": "run"}, "taught"),
    ],
)
def test_each_drawing_has_a_state(facts: dict[str, str], state: str) -> None:
    assert state_of(Sample(**facts)) == state
