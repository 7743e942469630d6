"""A home that an earlier version of the code made goes on with this one; README.md beside this tells how it was made."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import pytest
import requests

from functions.domain.trust.reason_codes import ReasonCode
from functions.records.metrics import NEWEST_CORRECTIONS
from tests.upgrade import facts
from tests.upgrade.archive import unpack
from tests.upgrade.client import Owner, Visitor
from tests.upgrade.people import by

pytestmark = pytest.mark.starts_early
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BEFORE: dict[str, Any] = json.loads((HERE / "home.json").read_text())
SHIPPED_BEFORE = {"digits-fnn-ad78c762", "digits-cnn-53575874", "characters-fnn-a8885df0", "characters-cnn-b56f28da"}
# The versions that ship now, and the earlier one of the same set and learner.
SHIPPED_NOW = {
    version["id"]: next(one for one in SHIPPED_BEFORE if one[:-9] == version["id"][:-9])
    for entry in json.loads((ROOT / "models" / "manifest.json").read_text())["sets"].values()
    for version in entry["versions"].values()
}
ADDED = SHIPPED_NOW.keys() - SHIPPED_BEFORE
REPLACED = {"digits-fnn-ad78c762", "characters-fnn-a8885df0", "characters-cnn-b56f28da"}  # answered before, or do so still
NEARLY = 0.02  # between two probabilities: another rasteriser may draw the same strokes a little differently
SURE, DOUBTFUL = 22, 28  # writers whose digits were asked about; only the second one's were learned
ADDRESS = "10.99.0.1"
PATIENCE = 120  # seconds until the platform can serve, or has stopped


@dataclass(frozen=True)
class Upgraded:
    """The platform that runs on the home now."""

    url: str
    home: Path
    before: dict[str, Any]  # what the earlier version answered about samples, versions, runs and metrics
    process: subprocess.Popen[bytes]

    def visitor(self, cookie: str | None = None) -> Visitor:
        """Return a stranger, or whoever the cookie names."""
        return Visitor(self.url, ADDRESS, cookie=cookie)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """``python main.py`` on the kept home; it learns nothing within the hour."""
    folder = tmp_path_factory.mktemp("upgrade")
    unpack(HERE / "home.tar.xz", folder)
    home, before = folder / "home", json.loads((folder / "told.json").read_text())
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = str(trial.getsockname()[1])
    own = {"INKLOOP_HOME": str(home), "PORT": port, "WEB_WORKERS": "1", "INKLOOP_LEARN_AFTER": "3600"}
    kept = {name: os.environ[name] for name in ("PATH", "TF_XLA_FLAGS") if name in os.environ}
    process = subprocess.Popen([sys.executable, str(ROOT / "main.py")], env={**kept, **own}, cwd=home)
    here = Upgraded(f"http://127.0.0.1:{port}", home, before, process)
    try:
        _wait_until_ready(here)
        yield here
    finally:
        process.kill()
        process.wait()


def _wait_until_ready(here: Upgraded) -> None:
    end = time.monotonic() + PATIENCE
    while here.process.poll() is None and time.monotonic() < end:
        try:
            if requests.get(f"{here.url}/readyz", timeout=PATIENCE).ok:
                return
        except requests.ConnectionError:
            time.sleep(0.1)
    pytest.fail("The platform does not start on a home of an earlier version.")


def test_it_answers_with_the_versions_that_had_learned(upgraded: Upgraded) -> None:
    for before, now in _pairs(upgraded.visitor(), "answers", SURE):
        assert now["answer"][:2] == before["answer"][:2]
        learned, learned_before = _of_learned(now), _of_learned(before)
        assert [one[:4] for one in learned] == [one[:4] for one in learned_before] != []
        assert [one[4] for one in learned] == pytest.approx([one[4] for one in learned_before], abs=NEARLY)


def test_who_had_not_learned_answers_with_the_network_that_ships_now(upgraded: Upgraded) -> None:
    for _, now in _pairs(upgraded.visitor(), "answers", SURE):
        roles = [(learner, role) for learner, role, version, *_ in now["opinions"] if version in SHIPPED_NOW]
        assert roles == [("fnn", "original"), ("fnn", "learned"), ("cnn", "original")]


def test_what_people_taught_is_not_forgotten(upgraded: Upgraded) -> None:
    # Each network's label alone: these drawings are hard, so probabilities change with every pixel.
    for before, now in _pairs(upgraded.visitor(), "learned", DOUBTFUL):
        assert [one[:4] for one in _of_learned(now)] == [one[:4] for one in _of_learned(before)] != []


def test_whoever_drew_before_is_answered_in_the_light_of_it(upgraded: Upgraded) -> None:
    for before, now in _pairs(upgraded.visitor(BEFORE["cookie"]), "adapted", DOUBTFUL):
        assert (now["adapted"], now["answer"][:2]) == (before["adapted"], before["answer"][:2])
        assert [one[:4] for one in _of_learned(now)] == [one[:4] for one in _of_learned(before)]


def test_every_sample_is_there_with_its_label_and_status(upgraded: Upgraded) -> None:
    stranger = upgraded.visitor()
    for name, before in upgraded.before["samples"].items():
        assert facts.samples(stranger, name) == before
    for sample, _, _ in upgraded.before["samples"]["digits"]["accepted"]:
        picture = requests.get(f"{upgraded.url}/api/v1/samples/{sample}.png", timeout=PATIENCE)
        assert picture.content.startswith(b"\x89PNG"), sample


def test_every_reason_is_there(upgraded: Upgraded) -> None:
    # A migration made codes with figures of the sentences; the owner reads the same sentences still.
    assert facts.reasons(upgraded.home) == BEFORE["reasons"]
    codes = {code for (code,) in facts.rows(upgraded.home, "select distinct reason from samples")}
    assert codes <= set(get_args(ReasonCode)) - {"other"}


def test_every_split_has_its_new_name(upgraded: Upgraded) -> None:
    splits = "select distinct split from sides union select distinct split from samples where split is not null"
    assert {split for (split,) in facts.rows(upgraded.home, splits)} <= {"train", "validation", "test", "unused"}


def test_the_api_tells_the_same_of_sets_versions_runs_and_metrics(upgraded: Upgraded) -> None:
    for path, before in upgraded.before["told"].items():
        if path.endswith("/metrics"):  # a later release may read a shorter window
            before["prequential"]["window"] = NEWEST_CORRECTIONS
        assert _known_fields(_before_this_release(upgraded.visitor().get(path)), before) == before, path


def test_every_page_is_shown(upgraded: Upgraded) -> None:
    owner, told = Owner(upgraded.url, BEFORE["password"]), upgraded.before["told"]
    paths = ["/", "/admin/", "/admin/sets", f"/admin/contributors/{BEFORE['kept']['retracted']}"]
    for one in told["/sets"]["sets"]:
        paths += [f"/{page}/{one['name']}" for page in ("recognise", "contribute", "models")]
        paths += [
            f"/models/{one['name']}/versions/{version['id']}" for version in told[f"/sets/{one['name']}/versions"]["versions"]
        ]
    for path in paths:
        for language in ("en", "ru"):
            assert owner.page(f"{path}?lang={language}").status_code == 200, path


def test_a_request_is_repeated_with_its_key(upgraded: Upgraded) -> None:
    before = BEFORE["kept"]["key"]
    again = upgraded.visitor(before["cookie"]).contribute(by(25, "3", 6), "3", key=before["key"])
    assert again == before["answer"]


def test_a_receipt_takes_a_drawing_back(upgraded: Upgraded) -> None:
    before = BEFORE["kept"]["sample"]
    assert upgraded.visitor().withdraw(before["id"], before["receipt"])["status"] == "withdrawn"


def test_a_token_is_the_owners(upgraded: Upgraded) -> None:
    waiting = upgraded.before["samples"]["digits"]["quarantined"][0][0]
    for token, status in ((BEFORE["token"], 200), (None, 403)):
        visitor = Visitor(upgraded.url, ADDRESS, token)
        assert visitor.session.get(f"{upgraded.url}/api/v1/samples/{waiting}.png", timeout=PATIENCE).status_code == status


def test_an_answer_from_before_can_be_corrected(upgraded: Upgraded) -> None:
    right, seven = BEFORE["kept"]["predictions"]
    assert upgraded.visitor().correct(right, verdict="right")["status"] == "accepted"
    made = upgraded.visitor().correct(seven, label="7")
    assert made["status"] == "accepted"
    assert upgraded.visitor().get(f"/runs/{made['run']}")["state"] == "queued"


@pytest.mark.long_run
def test_it_stops_when_it_is_told_to(upgraded: Upgraded) -> None:
    upgraded.process.send_signal(signal.SIGTERM)
    assert upgraded.process.wait(PATIENCE) == 0


def test_the_bucket_alone_brings_the_samples_back(tmp_path: Path) -> None:
    unpack(HERE / "home.tar.xz", tmp_path)
    home = tmp_path / "home"
    (home / "inkloop.sqlite").unlink()
    command = [sys.executable, "-m", "functions.cli", "reindex"]
    subprocess.run(command, cwd=ROOT, env={"PATH": os.environ["PATH"], "INKLOOP_HOME": str(home)}, check=True)
    assert facts.reasons(home) == [row for row in BEFORE["reasons"] if row[1] != "withdrawn"]


def _pairs(visitor: Visitor, name: str, writer: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return what was answered about each of a writer's digits, and what is answered now."""
    return list(zip(BEFORE[name], facts.answers(visitor, writer), strict=True))


def _of_learned(answered: dict[str, Any]) -> list[list[Any]]:
    """Return the opinions of versions that had learned: a release may ship other networks for those that had not."""
    return [one for one in answered["opinions"] if one[2] not in SHIPPED_BEFORE | SHIPPED_NOW.keys()]


def _before_this_release(now: Any) -> Any:
    """Return an answer as if this release shipped the earlier networks: in lists, those that ship now are left out."""
    if isinstance(now, list):
        return [_before_this_release(one) for one in now if _version_of(one) not in ADDED]
    if isinstance(now, str):
        return SHIPPED_NOW.get(now, now)
    if not isinstance(now, dict):
        return now
    told = {name: _before_this_release(value) for name, value in now.items()}
    return told | ({"live": True} if "live" in told and _version_of(told) in REPLACED else {})


def _version_of(told: Any) -> str | None:
    return told.get("version", told.get("id")) if isinstance(told, dict) else None


def _known_fields(now: Any, before: Any) -> Any:
    """Return an answer without the fields that the earlier version did not have."""
    if isinstance(now, dict) and isinstance(before, dict):
        return {name: _known_fields(value, before[name]) for name, value in now.items() if name in before}
    if isinstance(now, list) and isinstance(before, list) and len(now) == len(before):
        return [_known_fields(value, known) for value, known in zip(now, before, strict=True)]
    return now
