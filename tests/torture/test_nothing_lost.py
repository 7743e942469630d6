"""What was acknowledged is there afterwards, once, whatever is killed and whatever fails.

``make torture`` runs the long form: 10,000 acknowledged contributions and corrections, 200 kills. See docs/reliability.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.settings import Bucket
from tests.torture.fault_proxy import FaultProxy
from tests.torture.installation import beyond, on_one_machine
from tests.torture.torment import LONG, LONG_FAULTS, SHORT, Result, Scale, torment

pytestmark = pytest.mark.starts_early
TORTURE = (pytest.mark.torture, pytest.mark.timeout(1800))
LONG_SCALES = [pytest.param(LONG, id="long", marks=TORTURE), pytest.param(LONG_FAULTS, id="long faults", marks=TORTURE)]


@pytest.fixture
def proxy(minio: Bucket) -> Iterator[FaultProxy]:
    """A proxy in front of the bucket."""
    with FaultProxy(minio.endpoint or "") as running:
        yield running


def nothing_is_lost(result: Result, scale: Scale) -> None:
    print(f"\n{result}")
    assert not result.complaints
    assert not result.findings, str(result)
    assert result.acknowledged >= scale.acknowledged
    assert result.kills.total() >= scale.kills
    assert result.faults.total() > 0


@pytest.mark.parametrize("scale", [pytest.param(SHORT, id="short"), *LONG_SCALES])
def test_kills_and_a_failing_disk_lose_nothing_on_one_machine(scale: Scale, tmp_path: Path) -> None:
    nothing_is_lost(torment(on_one_machine(tmp_path), scale), scale)


@pytest.mark.parametrize("scale", [pytest.param(SHORT, id="short", marks=pytest.mark.long_run), *LONG_SCALES])
def test_kills_and_a_failing_bucket_lose_nothing_beyond_one_machine(
    scale: Scale, tmp_path: Path, postgres_url: str, minio: Bucket, proxy: FaultProxy
) -> None:
    nothing_is_lost(torment(beyond(tmp_path, postgres_url, minio, proxy), scale), scale)


@pytest.mark.long_run
def test_the_audit_finds_what_a_platform_without_an_outbox_leaves_behind(tmp_path: Path) -> None:
    found = []
    for seed in range(6):  # not every kill comes between the two
        (tmp_path / str(seed)).mkdir()
        wrong = on_one_machine(tmp_path / str(seed), app="tests.torture.put_then_insert:app")
        result = torment(wrong, Scale(acknowledged=100, kills=10, clients=8, kinds={"web process": 1}, seed=seed))
        print(result)
        found += result.findings.orphans
        if found:
            break
    assert found
