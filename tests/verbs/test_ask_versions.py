"""What each version that was ever live says of a drawing."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from functions import registry
from functions.errors import UnknownSample
from functions.records.snapshots import keep_snapshot
from functions.records.tables import Activation, Version
from functions.verbs import ask_versions as verb
from functions.verbs.ask_versions import VersionAnswer, ask_versions
from functions.verbs.contribute import Contribution, contribute
from functions.verbs.withdraw import withdraw
from functions.web.platform import Platform
from tests.support.learned_versions import learned
from tests.support.sample_drawings import drawing
from tests.web.conftest import app, here, make_app  # noqa: F401 - fixtures


@pytest.fixture
def sample(here: Platform) -> str:  # noqa: F811
    return contribute(here.database, "open", Contribution("digits", "7", drawing(), "a" * 32)).sample


def live(here: Platform, version: str) -> None:  # noqa: F811
    with here.database.writing() as session:
        registry.activate(session, version, "a test")


def asked(here: Platform, sample: str) -> tuple[VersionAnswer, ...]:  # noqa: F811
    return ask_versions(here.database, registry.Artefacts(here.store, here.settings.models), sample)


def test_versions_answer_in_the_order_in_which_they_were_live(here: Platform, sample: str) -> None:  # noqa: F811
    later = learned(here, "b" * 32, 7)
    with here.database.writing() as session:
        keep_snapshot(session, "digits", "5" * 64, [sample])
        session.get_one(Version, later).snapshot_id = "5" * 64
    live(here, later)
    live(here, "digits-cnn-1")  # back again: it was first live before
    found = asked(here, sample)
    assert [(one.version, one.label, one.live, one.learned) for one in found if one.learner == "cnn"] == [
        ("digits-cnn-1", "2", True, False),
        (later, "7", False, True),
    ]
    assert [one.version for one in found if one.learner == "fnn"] == ["digits-fnn-1"]
    assert all(0 < one.p <= 1 for one in found)


def test_of_many_versions_the_first_the_live_and_some_between_are_asked(
    here: Platform,  # noqa: F811
    sample: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verb, "SHOWN", 4)
    made = [learned(here, f"{number:032x}", number) for number in range(1, 9)]
    for version in made:
        live(here, version)
    live(here, made[3])
    found = [one for one in asked(here, sample) if one.learner == "cnn"]
    assert [one.version for one in found] == ["digits-cnn-1", made[3], made[7]]
    assert [one.live for one in found] == [False, True, False]


def test_of_very_many_versions_no_more_are_read_than_are_asked(
    here: Platform,  # noqa: F811
    sample: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(import_module("functions.registry.versions"), "ALL_UP_TO", 5)
    made = [learned(here, f"{number:032x}", number) for number in range(1, 9)]
    for version in made:
        live(here, version)
    with here.database.reading() as session:
        found = registry.ever_live(session, "digits", "cnn", 3)
    assert [version for version, _ in found] == ["digits-cnn-1", made[3], made[7]]
    assert sorted(moment for _, moment in found) == [moment for _, moment in found]


def test_a_version_whose_file_is_lost_is_left_out(here: Platform, sample: str, tmp_path: Path) -> None:  # noqa: F811
    lost = learned(here, "c" * 32)
    here.store.delete(f"versions/digits/{lost}.tflite")
    with here.database.writing() as session:
        session.add(Activation(set_name="digits", learner="cnn", version_id=lost, by="a test"))
    assert [one.version for one in asked(here, sample) if one.learner == "cnn"] == ["digits-cnn-1"]


def test_a_withdrawn_drawing_is_shown_to_no_version(here: Platform, sample: str) -> None:  # noqa: F811
    withdraw(here.database, sample)
    with pytest.raises(UnknownSample):
        asked(here, sample)
