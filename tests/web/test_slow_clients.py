"""The platform beside slow clients, a locked database, a stalled bucket and restarts: what honest clients are answered."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from benchmarks.load.honest_clients import DRAWING, SET, Answers, ask
from benchmarks.load.slow_clients import flood, stalled_server
from benchmarks.load.slow_sockets import KINDS, SlowSockets
from tests.support.tiny_models import ship
from tests.support.together import together
from tests.support.web_server import WebServer, until_loaded, web_server

pytestmark = pytest.mark.starts_early
LABELLED = DRAWING[:-1] + b', "label": "7"}'
A_SECOND = 1.0  # what honest clients are promised (docs/reliability.md)
EACH = 60  # slow sockets of each kind


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """One web process whose bucket accepts connections and never answers."""
    folder = tmp_path_factory.mktemp("platform")
    ship(folder / "models")
    with stalled_server() as port:
        bucket = {"S3_BUCKET": "b", "S3_ENDPOINT_URL": f"http://127.0.0.1:{port}", "INKLOOP_TRUST": "open"}
        keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "INKLOOP_MODELS": str(folder / "models")}
        with web_server(folder / "home", "main:app", **bucket, **keys) as running:
            until_loaded(running)
            yield running
            for pid in running.children():  # the pictures' readers would wait for half a minute
                os.kill(pid, signal.SIGKILL)


def database(server: WebServer) -> Path:
    return server._log.parent / "inkloop.sqlite"


def request(port: int, method: str, path: str, body: bytes | None = None, timeout: float = 40) -> tuple[int, Any, bytes]:
    """Send one request; return the status, the headers and the body."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)) as connection:
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def asked(port: int, seconds: float = 2.0, clients: int = 2) -> list[Answers]:
    """Ask for predictions, then for ``/healthz``."""
    return [ask(port, seconds, clients=clients), ask(port, 1.5, clients=1, method="GET", path="/healthz")]


def prompt(found: list[Answers]) -> bool:
    """Tell whether every request was answered, 99 % of them within a second."""
    return all(one.failed == 0 and one.within(0.99) < A_SECOND for one in found)


def promptly(port: int, seconds: float = 2.0, clients: int = 2) -> None:
    """Check that honest clients are answered promptly; once more if not, because the machine may have been busy."""
    found = asked(port, seconds, clients)
    if not prompt(found):
        found = asked(port, seconds, clients)
    assert prompt(found), found


def test_slow_clients_of_every_kind_leave_honest_ones_in_peace(server: WebServer) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(SlowSockets(server.port, kind, EACH)) for kind in KINDS]
        time.sleep(1)
        promptly(server.port, 3, clients=4)
        assert [one.open for one in slow] == [EACH] * len(KINDS)


def test_a_flood_from_another_address_leaves_honest_clients_in_peace(server: WebServer) -> None:
    for _ in range(2):  # as in ``promptly``
        with flood(server.port, 2.5, "127.0.0.2"):
            time.sleep(0.3)
            found = asked(server.port, 1.5)
        if prompt(found):
            break
    assert prompt(found), found


def test_neither_health_nor_predictions_wait_for_writers(server: WebServer) -> None:
    with closing(sqlite3.connect(database(server), isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        writers, statuses = together(12, lambda: request(server.port, "POST", f"{SET}/samples", LABELLED)[0])
        time.sleep(0.5)
        promptly(server.port)
        waiting = sum(writer.is_alive() for writer in writers)
        lock.execute("ROLLBACK")
    for writer in writers:
        writer.join()
    assert waiting == 12
    assert statuses == [201] * 12


def test_a_bad_chunk_is_malformed_and_no_error_of_ours(server: WebServer) -> None:
    before = len(server.log)
    head = f"POST {SET}/predictions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    with server.connect() as connection:
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n{{}}\r\n0\r\n\r\n".encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert (answer.status, json.loads(answer.read())["error"]["code"]) == (400, "malformed")
    assert "Traceback" not in server.log[before:]


@pytest.mark.long_run
def test_a_stalled_bucket_stalls_pictures_alone_and_not_all_of_those(server: WebServer) -> None:
    sample = json.loads(request(server.port, "POST", f"{SET}/samples", LABELLED)[2])["id"]
    with closing(sqlite3.connect(database(server))) as writer, writer:
        writer.execute("DELETE FROM outbox")  # as if it had been delivered
    readers, answers = together(20, lambda: request(server.port, "GET", f"/api/v1/samples/{sample}.png", timeout=60))
    time.sleep(0.5)
    promptly(server.port)
    waiting = sum(reader.is_alive() for reader in readers)
    refused = [(status, headers["Retry-After"]) for status, headers, _ in answers]
    assert waiting == 12  # as many of one address may wait
    assert len(refused) == 8
    assert all(status == 503 and int(after) >= 1 for status, after in refused)


@pytest.mark.long_run
def test_no_request_is_lost_when_processes_are_replaced_or_told_to_stop(tmp_path: Path) -> None:
    ship(tmp_path / "models")
    with web_server(tmp_path / "home", "main:app", INKLOOP_MODELS=str(tmp_path / "models"), WEB_WORKERS="2") as server:
        until_loaded(server)
        clients, found = together(1, lambda: ask(server.port, 4, clients=4, pause=0.01))
        time.sleep(1)
        for pid in server.children():
            os.kill(pid, signal.SIGTERM)
            time.sleep(0.7)
        server.process.send_signal(signal.SIGHUP)
        for client in clients:
            client.join()
        replaced: Answers = found.pop()
        assert replaced.failed == 0, (replaced, server.log)
        assert len(replaced.seconds) > 50
        clients, found = together(1, lambda: ask(server.port, 2, clients=4, pause=0.01))
        time.sleep(1)
        server.process.send_signal(signal.SIGTERM)
        for client in clients:
            client.join()
        stopped: Answers = found.pop()
        assert len(stopped.seconds) > 10
        # After the end nobody listens. A client whose connection came with the end is reset, before it was accepted.
        assert set(stopped.reasons) <= {"ConnectionRefusedError", "ConnectionResetError"}, (stopped, server.log)
        assert stopped.reasons["ConnectionResetError"] <= 4
        assert server.process.wait(15) == 0
