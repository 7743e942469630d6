"""Wrong settings, a row each: one sentence that names the variable, status 2, soon, without a stack trace."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from functions.cli.check import look
from functions.settings import Bucket
from tests.servers import free_port

ROOT = Path(__file__).resolve().parents[1]
SOON = 5.0  # seconds
STARTS = {
    "web": ["-m", "gunicorn", "--config", "deploy/gunicorn.py", "main:app"],
    "worker": ["-m", "functions.worker", "--no-learning"],
    "together": ["main.py"],
    "release": ["-m", "functions.cli", "migrate"],
}


@dataclass(frozen=True)
class Here:
    """The real servers, and a folder that may be written."""

    url: str
    bucket: Bucket
    folder: Path

    @property
    def good(self) -> dict[str, str]:
        """Return settings with which everything works."""
        return {
            "DATABASE_URL": self.url,
            "SECRET_KEY": "k" * 48,
            "ADMIN_PASSWORD": "p",
            "S3_BUCKET": self.bucket.name,
            "S3_ENDPOINT_URL": self.bucket.endpoint or "",
            "AWS_ACCESS_KEY_ID": self.bucket.access_key or "",
            "AWS_SECRET_ACCESS_KEY": self.bucket.secret_key or "",
            "INKLOOP_HOME": str(self.folder / "home"),
            "PORT": str(free_port()),
        }


@pytest.fixture
def here(postgres_url: str, minio: Bucket, tmp_path: Path) -> Here:
    return Here(postgres_url.replace("+psycopg", ""), minio, tmp_path)


def with_user(url: str, name: str) -> str:
    return make_url(url).set(username=name).render_as_string(hide_password=False)


def with_database(url: str, name: str) -> str:
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def in_the_way(here: Here) -> str:
    (here.folder / "file").write_text("in the way")
    return str(here.folder / "file" / "home")


# What is wrong: the settings that make it so, and the variable that the sentence must name.
REFUSED: dict[str, tuple[Callable[[Here], dict[str, str]], str]] = {
    "a quoted database": (lambda here: {"DATABASE_URL": f"'{here.url}'"}, "DATABASE_URL"),
    "another kind of database": (lambda here: {"DATABASE_URL": "mysql://u:p@h/d"}, "DATABASE_URL"),
    "a database without a name": (lambda here: {"DATABASE_URL": "postgres://u:p@h"}, "DATABASE_URL"),
    "half a bracket": (lambda here: {"DATABASE_URL": "postgres://u:p@[::1/d"}, "DATABASE_URL"),
    "an unknown user": (lambda here: {"DATABASE_URL": with_user(here.url, "nobody")}, "DATABASE_URL"),
    "an unknown database": (lambda here: {"DATABASE_URL": with_database(here.url, "nothing")}, "DATABASE_URL"),
    "a SQLite file in no folder": (lambda here: {"DATABASE_URL": f"sqlite:///{here.folder}/no/ink.sqlite"}, "DATABASE_URL"),
    "a SQLite file that is none": (lambda here: {"DATABASE_URL": f"sqlite:///{ROOT / 'README.md'}"}, "DATABASE_URL"),
    "a folder in a file": (lambda here: {"INKLOOP_HOME": in_the_way(here), "S3_BUCKET": ""}, "INKLOOP_HOME"),
    "a bucket with a scheme": (lambda here: {"S3_BUCKET": "s3://ink"}, "S3_BUCKET"),
    "an endpoint without a scheme": (lambda here: {"S3_ENDPOINT_URL": "minio:9000"}, "S3_ENDPOINT_URL"),
    "a host that S3 refuses": (lambda here: {"S3_ENDPOINT_URL": "http://my_minio:9000"}, "S3_ENDPOINT_URL"),
    "a quoted Redis": (lambda here: {"REDIS_URL": '"redis://h"'}, "REDIS_URL"),
    "a host with a port": (lambda here: {"INKLOOP_HOST": "127.0.0.1:5000"}, "INKLOOP_HOST"),
    "half an IPv6 host": (lambda here: {"INKLOOP_HOST": "[::1"}, "INKLOOP_HOST"),
    "a prefix without a slash": (lambda here: {"INKLOOP_PREFIX": "ink"}, "INKLOOP_PREFIX"),
    "a prefix of our own": (lambda here: {"INKLOOP_PREFIX": "/api"}, "INKLOOP_PREFIX"),
    "a short key": (lambda here: {"SECRET_KEY": "changeme"}, "SECRET_KEY"),
    "a port that is a word": (lambda here: {"PORT": "http"}, "PORT"),
    "a laptop's settings on Heroku": (lambda here: {"DYNO": "web.1", "DATABASE_URL": "", "S3_BUCKET": ""}, "DATABASE_URL"),
    "networks that are not there": (lambda here: {"INKLOOP_MODELS": str(here.folder)}, "manifest.json"),
}
# Drawings wait safely in the database, so the platform starts with these; the command tells them, and the worker's log.
TOLD: dict[str, tuple[Callable[[Here], dict[str, str]], str, str]] = {
    "an unknown bucket": (lambda here: {"S3_BUCKET": "nothing-here"}, "S3_BUCKET", "wrong"),
    "an unknown key": (lambda here: {"AWS_ACCESS_KEY_ID": "nobody"}, "AWS_ACCESS_KEY_ID", "wrong"),
    "a wrong secret": (lambda here: {"AWS_SECRET_ACCESS_KEY": "wrong"}, "AWS_SECRET_ACCESS_KEY", "wrong"),
    "no keys": (lambda here: {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "AWS_ACCESS_KEY_ID", "wrong"),
    "an endpoint where nobody listens": (lambda here: {"S3_ENDPOINT_URL": "http://127.0.0.1:1"}, "S3_ENDPOINT_URL", "away"),
    "a Redis where nobody listens": (lambda here: {"REDIS_URL": "redis://127.0.0.1:1"}, "REDIS_URL", "away"),
    "a database where nobody listens": (lambda here: {"DATABASE_URL": "postgres://u@127.0.0.1:1/d"}, "DATABASE_URL", "away"),
    "a host of another machine": (lambda here: {"INKLOOP_HOST": "192.0.2.77"}, "INKLOOP_HOST", "wrong"),
}


def run(arguments: list[str], environ: dict[str, str], seconds: float) -> subprocess.CompletedProcess[str]:
    bare = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=bare | environ, capture_output=True, text=True, timeout=seconds
    )


@pytest.mark.parametrize("case", REFUSED)
def test_a_mistake_is_told_by_the_command_check(here: Here, case: str) -> None:
    changes, variable = REFUSED[case]
    wrong = [one for one in look(here.good | changes(here)) if one.state == "wrong"]
    assert len(wrong) == 1
    assert variable in wrong[0].said


@pytest.mark.parametrize("case", TOLD)
def test_what_does_not_answer_is_told_by_the_command_check(here: Here, case: str) -> None:
    changes, variable, state = TOLD[case]
    bad = [one for one in look(here.good | changes(here)) if one.state in ("wrong", "away")]
    assert [one.state for one in bad] == [state]
    assert variable in bad[0].said


@pytest.mark.parametrize("host", ["::1", "[::1]", "127.0.0.1", "localhost"])
def test_settings_that_work_are_found_to_work(here: Here, host: str) -> None:
    assert {one.state for one in look(here.good | {"INKLOOP_HOST": host})} <= {"ok", "unused"}
    told = look({"INKLOOP_HOME": str(here.folder / "laptop"), "PORT": str(free_port()), "INKLOOP_HOST": host})
    assert {one.state for one in told} <= {"ok", "unused"}


def test_secrets_are_not_printed(here: Here) -> None:
    secret = {
        "DATABASE_URL": "postgres://u:hidden@127.0.0.1:1/d",
        "AWS_SECRET_ACCESS_KEY": "hidden",
        "REDIS_URL": "redis://:hidden@127.0.0.1:1",
    }
    assert "hidden" not in "".join(one.said for one in look(here.good | secret))


def test_what_never_answers_is_given_up(here: Here) -> None:
    silent = here.good | {"DATABASE_URL": "postgres://u@192.0.2.77/d", "S3_BUCKET": ""}  # a folder answers at once
    begun = time.monotonic()
    found = {one.part: one for one in look(silent, seconds=1.0)}
    assert time.monotonic() - begun < SOON
    assert (found["database"].state, found["database"].said) == ("away", "No answer within 1 s. See DATABASE_URL.")
    assert found["store"].state == "ok"


def test_the_command_prints_a_table_and_ends_with_a_status(here: Here) -> None:
    done = run(["-m", "functions.cli", "check"], here.good | {"S3_BUCKET": "nothing-here"}, 60)
    assert (done.returncode, done.stderr) == (2, "")
    assert [line.split()[0] for line in done.stdout.splitlines()][:5] == ["settings", "folder", "networks", "database", "store"]


@pytest.mark.parametrize("start", ["release"])
@pytest.mark.parametrize("case", ["an unknown user"])
def test_a_release_with_a_mistake_fails_with_a_sentence(here: Here, case: str, start: str) -> None:
    refused(here, case, start)


@pytest.mark.long_run
@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("case", REFUSED)
def test_a_process_with_a_mistake_ends_with_a_sentence(here: Here, case: str, start: str) -> None:
    refused(here, case, start)


def refused(here: Here, case: str, start: str) -> None:
    changes, variable = REFUSED[case]
    begun = time.monotonic()
    done = run(STARTS[start], here.good | changes(here), 60)
    took = time.monotonic() - begun
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert variable in done.stderr
    assert "hidden" not in done.stderr
    assert took < 4 * SOON, took  # on a busy machine; alone it takes two seconds
