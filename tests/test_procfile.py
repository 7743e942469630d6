"""The Procfile as a PaaS runs it: the release, then two web and two worker processes, with PostgreSQL, Redis and MinIO."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis

from functions.settings import Bucket
from functions.store.s3 import S3Store
from tests.servers import free_port
from tests.support.http_client import answers
from tests.support.load import Load
from tests.torture.installation import wait

pytestmark = [pytest.mark.long_run, pytest.mark.timeout(600)]
ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent


@pytest.fixture
def environ(postgres_url: str, minio: Bucket, redis_url: str) -> dict[str, str]:
    return {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "DYNO": "web.1",  # as on Heroku: nothing may be kept on the disk
        "DATABASE_URL": postgres_url.replace("postgresql+psycopg", "postgres"),
        "REDIS_URL": redis_url,
        "S3_BUCKET": minio.name,
        "S3_ENDPOINT_URL": minio.endpoint or "",
        "AWS_ACCESS_KEY_ID": minio.access_key or "",
        "AWS_SECRET_ACCESS_KEY": minio.secret_key or "",
        "SECRET_KEY": "as long as a secret must be",
        "ADMIN_PASSWORD": "only for these tests",
        "INKLOOP_LIMITS": "off",
        "PYTHONUNBUFFERED": "1",
    }


def honcho(environ: dict[str, str], port: int, *counts: str) -> subprocess.Popen[str]:
    """Start processes of the Procfile; the first web process listens at ``port``, the second at the next."""
    command = [
        str(BIN / "honcho"),
        "start",
        "--no-colour",
        "--port",
        str(port),
        "--concurrency",
        ",".join(counts),
        "web",
        "worker",
    ]
    return subprocess.Popen(command, cwd=ROOT, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_the_procfile_runs_as_it_is_and_scales_under_load(
    environ: dict[str, str], redis_url: str, minio: Bucket, tmp_path: Path
) -> None:
    release = next(line.partition(": ")[2] for line in (ROOT / "Procfile").read_text().splitlines() if line.startswith("release"))
    done = subprocess.run(release.split(), cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    port = free_port()
    first, second = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{port + 1}"
    small = honcho(environ, port, "web=1", "worker=1")
    more: subprocess.Popen[str] | None = None
    try:
        assert answers(f"{first}/readyz", 120)
        with Load([first], pause=0.1) as load:
            more = honcho(environ, port + 1, "web=1", "worker=1")  # scaled up: another machine
            assert answers(f"{second}/readyz", 180)
            load.add(second)
            wait(lambda: load.answers[second] > 100)
            load.take_out(second)  # and down again
            time.sleep(0.2)  # a request that was chosen just before has been sent
            more.send_signal(signal.SIGTERM)
            assert more.wait(90) in (0, 128 + signal.SIGTERM, -signal.SIGTERM)
            scaled = load.count()
            wait(lambda: load.count() > scaled + 40)
        assert load.errors == []
        assert set(load.statuses) == {("samples", 201), ("predictions", 200)}
        store = S3Store(minio)
        wait(lambda: len([key for key in store.keys("samples/") if key.endswith(".png")]) == load.statuses["samples", 201], 240)
        assert Redis.from_url(redis_url).ping()
    finally:
        for process in (small, more):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
        said = [process.communicate(timeout=90)[0] for process in (small, more) if process is not None]
    assert "Traceback" not in "".join(said)
    assert not (ROOT / "var").exists() or not any((ROOT / "var").glob("*.sqlite"))
