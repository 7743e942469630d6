"""Nobody notices a change of the live version, apart from the version that an answer names."""

from __future__ import annotations

import random
import statistics
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from tqdm import tqdm

from functions.domain.answer import LEARNERS
from functions.records.tables import new_id
from functions.records.tokens import create_token
from tests.support.learned_versions import learned
from tests.torture.askers import Answer, Asking
from tests.torture.installation import Installation, on_one_machine

pytestmark = pytest.mark.starts_early
LATE = 5.0  # seconds; a process notices a change within one, on a machine that has nothing else to do
PAUSES = 0.0, 0.2  # seconds between two activations; a process looks four times a second


@dataclass(frozen=True)
class Change:
    """An activation that was asked for at ``asked`` and acknowledged at ``done`` (monotonic seconds)."""

    learner: str
    version: str
    asked: float
    done: float


@pytest.mark.parametrize(
    "count",
    [pytest.param(40, marks=pytest.mark.long_run), pytest.param(1000, marks=(pytest.mark.torture, pytest.mark.timeout(900)))],
)
def test_activations_and_rollbacks_under_load_disturb_no_client(count: int, tmp_path: Path) -> None:
    here = on_one_machine(tmp_path, WEB_WORKERS="4")
    labels = _published(here)
    try:
        here.start(here.web)
        with Asking(here.address, 6) as asking:
            changes = _activate(here, labels, count)
            time.sleep(1.0)  # the last one counts too
    finally:
        here.stop()
    assert not asking.complaints
    assert all(labels[answer.learner][answer.version] == answer.label for answer in asking.answers)
    lateness = _Lateness(changes)
    late = [lateness.of(answer) for answer in asking.answers]
    print(f"\n{len(changes):,} activations, {len(late) // 2:,} answers, none wrong; the versions that they name were replaced")
    print(f"  at most {max(late):.2f} s before the request, {_percentile(late, 99):.2f} s at the 99th percentile")
    assert max(late) < LATE


def _published(here: Installation) -> dict[str, dict[str, str]]:
    """Publish five versions of each learner, none of them live; return the answer of each version, by learner."""
    labels: dict[str, dict[str, str]] = {"fnn": {"digits-fnn-1": "1"}, "cnn": {"digits-cnn-1": "2"}}
    for learner in LEARNERS:
        for answer in range(3, 8):
            labels[learner][learned(here, new_id(), answer, learner)] = str(answer)  # type: ignore[arg-type]
    return labels


def _activate(here: Installation, labels: dict[str, dict[str, str]], count: int) -> list[Change]:
    """Make one version after the other live, older and newer ones, through the API."""
    chance, web = random.Random(count), requests.Session()
    with here.database.writing() as session:
        web.headers["Authorization"] = f"Bearer {create_token(session, 'torture')}"
    live = {learner: f"digits-{learner}-1" for learner in LEARNERS}
    changes = [Change(learner, version, 0.0, 0.0) for learner, version in live.items()]
    for _ in tqdm(range(count), unit=" activations", disable=None):
        learner = chance.choice(LEARNERS)
        live[learner] = chance.choice([version for version in labels[learner] if version != live[learner]])
        asked = time.monotonic()
        answer = web.post(f"{here.address}/api/v1/versions/{live[learner]}/activation", timeout=30)
        assert answer.status_code == 200, answer.text
        changes.append(Change(learner, live[learner], asked, time.monotonic()))
        time.sleep(chance.uniform(*PAUSES))
    return changes


class _Lateness:
    """Tells how long before a request the version that its answer names had been replaced; 0 if that version was live."""

    def __init__(self, changes: Sequence[Change]) -> None:
        self._asked: defaultdict[str, list[float]] = defaultdict(list)  # by version
        self._replaced: defaultdict[str, list[float]] = defaultdict(list)
        live: dict[str, str] = {}
        for change in changes:
            if change.learner in live:
                self._replaced[live[change.learner]].append(change.done)
            live[change.learner] = change.version
            self._asked[change.version].append(change.asked)
        for version in live.values():
            self._replaced[version].append(float("inf"))

    def of(self, answer: Answer) -> float:
        """Return seconds, infinity if the version was not live yet."""
        time = bisect_right(self._asked[answer.version], answer.answered)
        return max(0.0, answer.asked - self._replaced[answer.version][time - 1]) if time else float("inf")


def _percentile(values: Iterable[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
