from __future__ import annotations

import hashlib
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from functions import registry
from functions.errors import Conflict, StoreUnavailable, UnknownVersion
from functions.records.database import Database
from functions.records.tables import Activation, Version
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.verbs.activate import activate
from tests.support.factories import seeded
from tests.support.tiny_models import DIGITS, tiny_network

RACERS = 64
GOOD = tiny_network(7)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> Database:
    return seeded(database, tmp_path / "models")


@pytest.fixture
def artefacts(tmp_path: Path) -> Artefacts:
    return Artefacts(FolderStore(tmp_path / "objects"), tmp_path / "models")


def publish(house: Database, artefacts: Artefacts, name: str, body: bytes = GOOD, stored: bytes | None = None) -> str:
    """Add a version of the CNN with a file, which may be ``stored`` otherwise than its row says."""
    with house.writing() as session:
        version = Version(id=name, set_name="digits", learner="cnn", sha256=hashlib.sha256(body).hexdigest(), labels=list(DIGITS))
        session.add(version)
        session.flush()
    artefacts.store.put(registry.artefact_key(version, "tflite"), body if stored is None else stored, "application/x")
    return name


def live(house: Database) -> str:
    with house.reading() as session:
        return registry.live(session, "digits")["cnn"].id


def damages(seed: int, count: int) -> list[tuple[bytes, bytes]]:
    """Return pairs of what a version's row describes, and what the store has or what cannot be run."""
    chance, found = random.Random(seed), []
    for number in range(count):
        match number % 4:
            case 0:
                found.append((GOOD, GOOD[: chance.randrange(len(GOOD))]))
            case 1:
                place = chance.randrange(len(GOOD))
                found.append((GOOD, GOOD[:place] + bytes([GOOD[place] ^ 1 << chance.randrange(8)]) + GOOD[place + 1 :]))
            case 2:
                shaped = tiny_network(1, classes=chance.choice([1, 2, 9, 11, 47]))
                found.append((shaped, shaped))
            case _:
                noise = chance.randbytes(chance.randrange(2000))
                found.append((noise, noise))
    return found


def test_a_version_is_promoted_and_rolled_back(house: Database, artefacts: Artefacts) -> None:
    made = publish(house, artefacts, "made")
    assert activate(house, artefacts, made, "owner").id == live(house) == made
    assert activate(house, artefacts, "digits-cnn-1", "owner", replaces=made).id == live(house) == "digits-cnn-1"


def test_activating_the_live_version_again_changes_nothing(house: Database, artefacts: Artefacts) -> None:
    made = publish(house, artefacts, "made")
    for _ in range(3):
        activate(house, artefacts, made, "owner")
    with house.reading() as session:
        assert session.scalar(select(func.count()).where(Activation.version_id == made)) == 1


@pytest.mark.parametrize("count", [40, pytest.param(500, marks=pytest.mark.long_run)])
def test_a_damaged_version_is_never_activated(house: Database, artefacts: Artefacts, count: int) -> None:
    for number, (body, stored) in enumerate(damages(7, count)):
        made = publish(house, artefacts, f"bad-{number}", body, stored)
        with pytest.raises(Conflict, match="cannot be activated"):
            activate(house, artefacts, made, "owner")
    assert live(house) == "digits-cnn-1"


def test_a_version_that_cannot_be_read_now_is_not_activated_blindly(house: Database, artefacts: Artefacts) -> None:
    class Away(FolderStore):
        def get(self, key: str) -> bytes:
            raise StoreUnavailable("The store is away.")

    made = publish(house, artefacts, "made")
    with pytest.raises(StoreUnavailable):
        activate(house, Artefacts(Away(Path("nowhere")), artefacts.models), made, "owner")
    assert live(house) == "digits-cnn-1"
    with pytest.raises(UnknownVersion):
        activate(house, artefacts, "nothing", "owner")


@pytest.mark.parametrize("races", [2, pytest.param(50, marks=pytest.mark.long_run)])
def test_of_many_promoters_that_replace_the_same_version_one_wins(house: Database, artefacts: Artefacts, races: int) -> None:
    versions = [publish(house, artefacts, f"made-{number}") for number in range(4)]
    for _ in range(races):
        replaced = live(house)
        others = [one for one in versions if one != replaced]
        together = threading.Barrier(RACERS)

        def promote(number: int, replaced: str = replaced, others: list[str] = others, together: threading.Barrier = together):
            together.wait()
            try:
                return activate(house, artefacts, others[number % len(others)], f"racer {number}", replaces=replaced).id
            except Conflict:
                return None

        with ThreadPoolExecutor(RACERS) as racers:
            won = [one for one in racers.map(promote, range(RACERS)) if one is not None]
        assert won == [live(house)]


def test_what_became_live_during_an_activation_is_not_overwritten(house: Database, tmp_path: Path) -> None:
    class Slow(FolderStore):
        def get(self, key: str) -> bytes:
            with house.writing() as session:
                registry.activate(session, "other", "a run")
            return super().get(key)

    artefacts = Artefacts(Slow(tmp_path / "objects"), tmp_path / "models")
    publish(house, artefacts, "other")
    made = publish(house, artefacts, "made")
    with pytest.raises(Conflict, match="meanwhile"):
        activate(house, artefacts, made, "owner")
    assert live(house) == "other"
