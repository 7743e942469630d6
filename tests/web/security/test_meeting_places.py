"""Every place where processes add up their counts keeps one contract."""

from __future__ import annotations

import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.records.database import open_database
from functions.web.security.meeting_in_redis import InRedis
from functions.web.security.meeting_places import Away, InDatabase, MeetingPlace


@pytest.fixture(params=["database", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path, migrated_sqlite: Path) -> Iterator[MeetingPlace]:
    if request.param == "redis":
        yield InRedis(request.getfixturevalue("redis_url"))
        return
    shutil.copyfile(migrated_sqlite, tmp_path / "inkloop.sqlite")
    database = open_database(f"sqlite:///{tmp_path / 'inkloop.sqlite'}")
    yield InDatabase(database)
    database.engine.dispose()


def test_numbers_of_all_are_added_until_the_first_ones_end(place: MeetingPlace) -> None:
    ends = time.time() + 60
    assert place.add({"a": (2, ends), "b": (1, ends)})["a"][0] == 2
    total, end = place.add({"a": (3, ends + 30)})["a"]
    assert total == 5
    assert end == pytest.approx(ends, abs=2)


def test_a_count_that_has_ended_begins_again(place: MeetingPlace) -> None:
    place.add({"a": (5, time.time() + 0.05)})
    time.sleep(0.1)
    assert place.add({"a": (1, time.time() + 60)})["a"][0] == 1


def test_a_place_that_is_away_says_so_soon(tmp_path: Path) -> None:
    with pytest.raises(Away):
        InDatabase(open_database(f"sqlite:///{tmp_path / 'no' / 'folder'}")).add({"a": (1, time.time() + 60)})
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # it accepts, and never answers
        begun = time.monotonic()
        with pytest.raises(Away):
            InRedis(f"redis://127.0.0.1:{silent.getsockname()[1]}").add({"a": (1, time.time() + 60)})
        assert time.monotonic() - begun < 30
