"""What keeps a symbol set and its labels from being deleted; the deletion is tested with the verb ``define``."""

from __future__ import annotations

import pytest

from functions.records.set_contents import given_labels, known_labels, used_by
from tests.support.factories import add_sample, seeded


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


def test_a_label_is_in_use_while_a_sample_has_it_that_is_not_withdrawn(database):
    with database.writing() as session:
        for label, status in (("1", "accepted"), ("2", "rejected"), ("3", "withdrawn")):
            add_sample(session, label, status=status)
        assert given_labels(session, "digits", "1234") == {"1", "2"}


def test_a_set_with_networks_says_so(database):
    with database.reading() as session:
        assert known_labels(session, "digits") == set("0123456789")
        assert used_by(session, "digits") == "networks"
    with database.writing() as session:
        add_sample(session, "7")
        assert used_by(session, "digits") == "drawings"
