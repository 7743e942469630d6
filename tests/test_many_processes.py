"""Three web servers and three workers on one database and one bucket: no run twice, none forgotten, versions seen everywhere."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import pytest
import requests
from sqlalchemy import func, select

from functions.records.database import Database, open_database
from functions.records.tables import OutboxRow, Run, Sample, Version
from functions.records.tokens import create_token
from functions.settings import Bucket
from functions.store.s3 import S3Store
from tests.support.factories import seeded
from tests.support.sample_drawings import SEVEN
from tests.support.web_server import web_server
from tests.torture.installation import wait
from tests.torture.processes import LEARNER, Killable

pytestmark = [pytest.mark.long_run, pytest.mark.timeout(600)]
PLACES, VISITORS, CORRECTIONS = 3, 6, 12
WAVES = 3  # of corrections; the platform rests between them
ACTIVATIONS = 12
AT_ONCE, LATE = 1.0, 5.0  # seconds for half of them, and for each: three workers and more share two cores


@contextmanager
def platform(folder: Path, environ: dict[str, str]) -> Iterator[list[str]]:
    """Run the processes; yield the addresses of the web servers."""
    workers = [
        Killable(LEARNER, {"PATH": os.environ["PATH"], **environ}, folder / f"worker-{place}.log") for place in range(PLACES)
    ]
    with ExitStack() as stack:
        servers = [stack.enter_context(web_server(folder / f"web-{place}", "main:app", **environ)) for place in range(PLACES)]
        for worker in workers:
            worker.start()
            stack.callback(worker.kill)
        yield [f"http://127.0.0.1:{server.port}" for server in servers]


def correct_many(visitor: int, wave: int, addresses: list[str]) -> list[str]:
    """Let a visitor correct drawings, each at another web server than the prediction; return the samples."""
    web, samples = requests.Session(), []
    for number in range(CORRECTIONS):
        asked, told = (addresses[(visitor + number + more) % len(addresses)] for more in (0, 1))
        drawing = {**SEVEN, "strokes": [[[60 + visitor, 60 + number], [220, 60 + number], [130, 230 - wave]]], "consent": True}
        predicted = web.post(f"{asked}/api/v1/sets/digits/predictions", json=drawing, timeout=60)
        assert predicted.status_code == 200, predicted.text
        corrected = web.post(f"{told}/api/v1/predictions/{predicted.json()['id']}/correction", json={"label": "7"}, timeout=60)
        assert corrected.status_code == 202, corrected.text
        samples.append(corrected.json()["sample"])
    return samples


def at_rest(database: Database) -> bool:
    with database.reading() as session:
        runs = session.scalar(select(func.count()).select_from(Run).where(Run.state.in_(("queued", "running"))))
        return not runs and not session.scalar(select(func.count()).select_from(OutboxRow))


def live(address: str, learner: str) -> str:
    models = requests.post(f"{address}/api/v1/sets/digits/predictions", json=SEVEN, timeout=60).json()["models"]
    return next(one["version"] for one in models if (one["role"], one["learner"]) == ("learned", learner))


def test_no_run_is_done_twice_none_is_forgotten_and_versions_are_seen_everywhere(
    postgres_url: str, minio: Bucket, tmp_path: Path
) -> None:
    database = seeded(open_database(postgres_url), tmp_path / "models")
    environ = {
        "DATABASE_URL": postgres_url,
        "S3_BUCKET": minio.name,
        "S3_ENDPOINT_URL": minio.endpoint or "",
        "AWS_ACCESS_KEY_ID": minio.access_key or "",
        "AWS_SECRET_ACCESS_KEY": minio.secret_key or "",
        "SECRET_KEY": "the same for all of them",
        "ADMIN_PASSWORD": "only for these tests",
        "INKLOOP_MODELS": str(tmp_path / "models"),
        "INKLOOP_TRUST": "open",
        "INKLOOP_LEARN_AFTER": "0",
        "INKLOOP_LIMITS": "off",
    }
    with platform(tmp_path, environ) as addresses, ThreadPoolExecutor(VISITORS) as visitors:
        given: list[str] = []
        for wave in range(WAVES):
            for some in visitors.map(lambda one, wave=wave: correct_many(one, wave, addresses), range(VISITORS)):  # type: ignore[misc]
                given += some
            wait(lambda: at_rest(database), 200)
        with database.writing() as session:
            web = requests.Session()
            web.headers["Authorization"] = f"Bearer {create_token(session, 'test')}"
        times = []
        for number in range(ACTIVATIONS):
            wanted = "digits-cnn-1" if number % 2 == 0 else newest(database)
            begun = time.monotonic()
            assert web.post(f"{addresses[number % PLACES]}/api/v1/versions/{wanted}/activation", timeout=60).status_code == 200
            for address in addresses:
                while live(address, "cnn") != wanted:
                    assert time.monotonic() - begun < LATE
            times.append(time.monotonic() - begun)
    assert median(times) < AT_ONCE
    print(f"\nA version was seen by {PLACES} web servers after {max(times):.2f} s at most, half within {median(times):.2f} s.")

    with database.reading() as session:
        runs = list(session.scalars(select(Run)))
        made = Counter(tuple(row) for row in session.execute(select(Version.run_id, Version.learner).where(~Version.original)))
        untaught = session.scalars(
            select(Sample.id).where(Sample.status == "accepted", Sample.split == "train", Sample.taught_to.is_(None))
        ).all()
        kept = {sample.id: sample for sample in session.scalars(select(Sample))}
    # Leased once each: nobody took over a run, and none was tried again.
    assert {(run.state, run.attempts, run.fence) for run in runs if run.kind == "learn"} == {("done", 1, 1)}
    assert set(made.values()) == {1}
    assert len(runs) >= WAVES
    assert untaught == []
    assert len(set(given)) == WAVES * VISITORS * CORRECTIONS and set(given) == set(kept)
    store = S3Store(minio)
    assert {key.rpartition("/")[2].partition(".")[0] for key in store.keys("samples/")} == set(kept)


def newest(database: Database) -> str:
    with database.reading() as session:
        latest = select(Version.id).where(Version.learner == "cnn", ~Version.original).order_by(Version.id.desc()).limit(1)
        return session.scalars(latest).one()
