"""Wrong settings, a row each: one sentence that names the variable, status 2, soon, without a stack trace."""

from __future__ import annotations

import os
import resource
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from sqlalchemy.engine import make_url

from functions.cli.check import look
from functions.settings import Bucket
from tests.servers import free_port
from tests.support.http_client import answers

ROOT = Path(__file__).resolve().parents[1]
SOON = 5.0  # seconds
STARTS = {
    "web": ["-m", "gunicorn", "--config", "deploy/gunicorn.py", "main:app"],
    "worker": ["-m", "functions.worker", "--no-learning"],
    "together": ["main.py"],
    "release": ["-m", "functions.cli", "migrate"],
}
LEARNING = ["-m", "functions.worker", "--cold"]
BARE = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}


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
            "ADMIN_PASSWORD": "only for these tests",
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


def page_server() -> str:
    """Return the address of a server that has pages and takes no objects."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


ADDRESS, SEE = "such as postgresql://", "See DATABASE_URL."
# What is wrong: the settings that make it so, the variable that the sentence must name, and what to set, in its words.
REFUSED: dict[str, tuple[Callable[[Here], dict[str, str]], str, str]] = {
    "a quoted database": (lambda here: {"DATABASE_URL": f"'{here.url}'"}, "DATABASE_URL", "write the bare address"),
    "another kind of database": (lambda here: {"DATABASE_URL": "mysql://u:p@h/d"}, "DATABASE_URL", ADDRESS),
    "a database without a name": (lambda here: {"DATABASE_URL": "postgres://u:p@h"}, "DATABASE_URL", "its path, after the host"),
    "half a bracket": (lambda here: {"DATABASE_URL": "postgres://u:p@[::1/d"}, "DATABASE_URL", ADDRESS),
    "an unknown user": (lambda here: {"DATABASE_URL": with_user(here.url, "nobody")}, "DATABASE_URL", SEE),
    "an unknown database": (lambda here: {"DATABASE_URL": with_database(here.url, "nothing")}, "DATABASE_URL", SEE),
    "a SQLite file in no folder": (lambda here: {"DATABASE_URL": f"sqlite:///{here.folder}/no/ink.sqlite"}, "DATABASE_URL", SEE),
    "a SQLite file that is none": (lambda here: {"DATABASE_URL": f"sqlite:///{ROOT / 'README.md'}"}, "DATABASE_URL", SEE),
    "a folder in a file": (
        lambda here: {"INKLOOP_HOME": in_the_way(here), "S3_BUCKET": ""},
        "INKLOOP_HOME",
        "Name another folder.",
    ),
    "a bucket with a scheme": (lambda here: {"S3_BUCKET": "s3://ink"}, "S3_BUCKET", "must be the name of a bucket alone"),
    "an endpoint without a scheme": (lambda here: {"S3_ENDPOINT_URL": "minio:9000"}, "S3_ENDPOINT_URL", "such as https://"),
    "a host that S3 refuses": (lambda here: {"S3_ENDPOINT_URL": "http://my_minio:9000"}, "S3_ENDPOINT_URL", "hyphens only"),
    "a quoted Redis": (lambda here: {"REDIS_URL": '"redis://h"'}, "REDIS_URL", "write the bare address"),
    "a host with a port": (lambda here: {"INKLOOP_HOST": "127.0.0.1:5000"}, "INKLOOP_HOST", "such as 127.0.0.1"),
    "half an IPv6 host": (lambda here: {"INKLOOP_HOST": "[::1"}, "INKLOOP_HOST", "or ::1"),
    "a prefix without a slash": (lambda here: {"INKLOOP_PREFIX": "ink"}, "INKLOOP_PREFIX", "such as /ink"),
    "a prefix of our own": (lambda here: {"INKLOOP_PREFIX": "/api"}, "INKLOOP_PREFIX", "cannot begin with /api"),
    "a short key": (lambda here: {"SECRET_KEY": "changeme"}, "SECRET_KEY", "make one with"),
    "a password that everybody tries": (lambda here: {"ADMIN_PASSWORD": "admin"}, "ADMIN_PASSWORD", "make one with"),
    "a port that is a word": (lambda here: {"PORT": "http"}, "PORT", "a whole number from 1 to 65535"),
    "a laptop's settings on Heroku": (
        lambda here: {"DYNO": "web.1", "DATABASE_URL": "", "S3_BUCKET": ""},
        "DATABASE_URL",
        "set DATABASE_URL, S3_BUCKET before starting",
    ),
    "networks that are not there": (lambda here: {"INKLOOP_MODELS": str(here.folder)}, "manifest.json", "See INKLOOP_MODELS"),
    "a Sentry that is none": (lambda here: {"SENTRY_DSN": "on"}, "SENTRY_DSN", "such as https://key@"),
}
# A library that is not installed: what asks for it, its module, the file to install, and the processes that need it.
LIBRARIES: dict[str, tuple[dict[str, str], str, str, tuple[str, ...]]] = {
    "no Ray": ({"INKLOOP_RAY": "ray://127.0.0.1:1"}, "ray", "requirements-ray.txt", ("learning", "together")),
    "no Sentry": (
        {"SENTRY_DSN": "https://key@sentry.invalid/2"},
        "sentry_sdk",
        "requirements-telemetry.txt",
        ("web", "worker", "together"),
    ),
    "no OpenTelemetry": (
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
        "opentelemetry.sdk.trace",
        "requirements-telemetry.txt",
        ("web", "worker", "together"),
    ),
}
# The command tells these. What refuses also ends each process of a platform on which nobody has drawn (REFUSED_AT_FIRST). Later
# drawings wait safely in the database, so the platform starts, and the worker's log tells it.
TOLD: dict[str, tuple[Callable[[Here], dict[str, str]], str, str]] = {
    "an unknown bucket": (lambda here: {"S3_BUCKET": "nothing-here"}, "S3_BUCKET", "wrong"),
    "an unknown key": (lambda here: {"AWS_ACCESS_KEY_ID": "nobody"}, "AWS_ACCESS_KEY_ID", "wrong"),
    "a wrong secret": (lambda here: {"AWS_SECRET_ACCESS_KEY": "wrong"}, "AWS_SECRET_ACCESS_KEY", "wrong"),
    "no keys": (lambda here: {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "AWS_ACCESS_KEY_ID", "wrong"),
    "an endpoint that speaks no S3": (lambda here: {"S3_ENDPOINT_URL": page_server()}, "S3_ENDPOINT_URL", "wrong"),
    "an endpoint without TLS": (
        lambda here: {"S3_ENDPOINT_URL": (here.bucket.endpoint or "").replace("http:", "https:")},
        "S3_ENDPOINT_URL",
        "wrong",
    ),
    "an endpoint where nobody listens": (lambda here: {"S3_ENDPOINT_URL": "http://127.0.0.1:1"}, "S3_ENDPOINT_URL", "away"),
    "a Redis where nobody listens": (lambda here: {"REDIS_URL": "redis://127.0.0.1:1"}, "REDIS_URL", "away"),
    "a database where nobody listens": (lambda here: {"DATABASE_URL": "postgres://u@127.0.0.1:1/d"}, "DATABASE_URL", "away"),
    "a host of another machine": (lambda here: {"INKLOOP_HOST": "192.0.2.77"}, "INKLOOP_HOST", "wrong"),
}
REFUSED_AT_FIRST = {
    **dict.fromkeys(("an unknown bucket", "an unknown key", "a wrong secret", "no keys"), tuple(STARTS)),
    **dict.fromkeys(("an endpoint that speaks no S3", "an endpoint without TLS"), tuple(STARTS)),
    "a host of another machine": ("web", "together"),
}


def run(arguments: list[str], environ: dict[str, str], seconds: float) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=BARE | environ, capture_output=True, text=True, timeout=seconds
    )


@pytest.mark.parametrize("case", REFUSED)
def test_a_mistake_is_told_by_the_command_check(here: Here, case: str) -> None:
    changes, variable, advice = REFUSED[case]
    wrong = [one for one in look(here.good | changes(here)) if one.state == "wrong"]
    assert len(wrong) == 1
    assert variable in wrong[0].said and advice in wrong[0].said


@pytest.mark.parametrize("case", LIBRARIES)
def test_a_library_that_is_missing_is_told_by_the_command_check(here: Here, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changes, module, file, _ = LIBRARIES[case]
    monkeypatch.setitem(sys.modules, module, None)
    wrong = [one for one in look(here.good | changes) if one.state == "wrong"]
    assert [one.part for one in wrong] == ["ray" if module == "ray" else "telemetry"]
    assert file in wrong[0].said and next(iter(changes)) in wrong[0].said


def test_libraries_that_are_there_are_found(here: Here) -> None:
    asked = {"SENTRY_DSN": "https://key@sentry.invalid/2", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    assert [one.state for one in look(here.good | asked) if one.part == "telemetry"] == ["ok"]


@pytest.mark.parametrize("case", TOLD)
def test_what_does_not_answer_is_told_by_the_command_check(here: Here, case: str) -> None:
    changes, variable, state = TOLD[case]
    # With more time than the command gives: a busy machine may be slow, and "no answer" would be another finding.
    bad = [one for one in look(here.good | changes(here), seconds=30.0) if one.state in ("wrong", "away")]
    assert [one.state for one in bad] == [state]
    assert variable in bad[0].said


@pytest.fixture
def tls_redis() -> Iterator[str]:
    """The address of a server that speaks TLS with a certificate that nobody signed, as Heroku's Redis does."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), context.wrap_socket(self.request, server_side=True) as talk:
                while asked := talk.recv(4096):
                    known = {b"HELLO": b"%1\r\n$5\r\nproto\r\n:3\r\n", b"PING": b"+PONG\r\n"}
                    talk.sendall(next((answer for command, answer in known.items() if command in asked), b"+OK\r\n"))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"rediss://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_redis_whose_certificate_nobody_signed_is_told_with_what_to_set(here: Here, tls_redis: str) -> None:
    def said(url: str) -> tuple[str, str]:
        return next((one.state, one.said) for one in look(here.good | {"REDIS_URL": url}) if one.part == "redis")

    state, told = said(tls_redis)
    assert (state, "end REDIS_URL with ?ssl_cert_reqs=none" in told) == ("wrong", True)
    assert said(f"{tls_redis}?ssl_cert_reqs=none") == ("ok", "Redis answers.")
    state, told = said(tls_redis.replace("rediss", "redis"))
    assert state in ("away", "wrong") and "REDIS_URL" in told


@pytest.mark.parametrize("host", ["::1", "[::1]", "::", "[::]", "127.0.0.1", "localhost"])
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


@pytest.mark.parametrize(
    ("case", "start"),
    [
        pytest.param(case, start, marks=[] if (case, start) == ("an unknown bucket", "release") else pytest.mark.long_run)
        for case, starts in REFUSED_AT_FIRST.items()
        for start in starts
    ],
)
def test_a_new_platform_whose_service_refuses_ends_with_a_sentence(here: Here, case: str, start: str) -> None:
    changes, variable, _ = TOLD[case]
    ends_with_a_sentence(start, here.good | changes(here), variable)


@pytest.mark.long_run
@pytest.mark.parametrize("start", STARTS)
def test_a_new_platform_with_a_certificate_that_nobody_signed_ends_with_a_sentence(
    here: Here, tls_redis: str, start: str
) -> None:
    ends_with_a_sentence(start, here.good | {"REDIS_URL": tls_redis}, "end REDIS_URL with ?ssl_cert_reqs=none")


@pytest.mark.parametrize(
    ("case", "start"),
    [
        pytest.param(case, start, marks=[] if (case, start) == ("no Ray", "together") else pytest.mark.long_run)
        for case, (_, _, _, starts) in LIBRARIES.items()
        for start in starts
    ],
)
def test_a_process_without_its_library_ends_with_a_sentence(here: Here, case: str, start: str) -> None:
    changes, module, file, _ = LIBRARIES[case]
    ends_with_a_sentence(start, here.good | changes | without(here.folder, module), next(iter(changes)), file)


@pytest.mark.long_run
def test_a_worker_that_only_delivers_needs_no_ray(here: Here) -> None:
    environ = here.good | {"INKLOOP_RAY": "ray://127.0.0.1:1"} | without(here.folder, "ray")
    command = [sys.executable, *STARTS["worker"]]
    with subprocess.Popen(command, cwd=ROOT, env=BARE | environ, text=True, stderr=subprocess.PIPE) as worker:
        assert worker.stderr is not None
        lines = iter(worker.stderr.readline, "")
        assert any("The worker is up and only delivers" in line for line in lines)
        worker.terminate()
        assert worker.wait(60) == 0


@pytest.mark.long_run
@pytest.mark.parametrize("host", ["[::]", "::"])
def test_a_platform_that_listens_everywhere_answers_by_both_protocols(here: Here, host: str) -> None:
    if not socket.has_dualstack_ipv6():
        pytest.skip("this machine has no IPv6")
    environ = here.good | {"INKLOOP_HOST": host, "INKLOOP_LOG": "problems", "WEB_WORKERS": "1"}
    command = [sys.executable, *STARTS["together"]]
    with subprocess.Popen(command, cwd=ROOT, env=BARE | environ, text=True, stdout=subprocess.PIPE) as platform:
        assert platform.stdout is not None
        lines = iter(platform.stdout.readline, "")
        assert f"http://[::1]:{environ['PORT']} " in next(line for line in lines if "is ready" in line)
        for address in ("[::1]", "127.0.0.1"):
            assert answers(f"http://{address}:{environ['PORT']}/readyz", 20)
        platform.terminate()
        assert platform.wait(60) == 0


def without(folder: Path, module: str) -> dict[str, str]:
    """Return a variable that lets a process find no such module."""
    (folder / "hidden").mkdir(exist_ok=True)
    (folder / "hidden" / "sitecustomize.py").write_text(f"import sys; sys.modules[{module!r}] = None")
    return {"PYTHONPATH": str(folder / "hidden")}


def refused(here: Here, case: str, start: str) -> None:
    changes, variable, advice = REFUSED[case]
    ends_with_a_sentence(start, here.good | changes(here), variable, advice)


def ends_with_a_sentence(start: str, environ: dict[str, str], *words: str) -> None:
    """Start a process, and check that it ends soon with status 2 and one sentence that has the ``words``.

    A machine that is idle gives a second chance: one slow start may be another program's fault. On a busy machine only the
    processor time counts.
    """
    for chance in (1, 2):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = run((LEARNING if start == "learning" else STARTS[start]), environ, 60)
        took, after = time.monotonic() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 2, done.stderr
        assert len(done.stderr.splitlines()) == 1, done.stderr
        assert all(word in done.stderr for word in words), done.stderr
        assert "hidden" not in done.stderr
        assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < SOON
        if took < SOON:
            return
        assert chance == 1 or os.getloadavg()[0] > (os.cpu_count() or 1), took  # alone it takes two seconds
