"""Measure what honest clients notice of slow and many clients, of a locked database and of a stalled bucket.

    python -m benchmarks.load.slow_clients                          # six minutes
    python -m benchmarks.load.slow_clients --worker-class gthread   # the same with another worker class of gunicorn

Web processes are started as ``make run`` starts them (two processes, four threads), without limits; all clients but a flood
have one address. Eight honest clients predict five times a second each, every third time over a new connection. A ninth asks
for ``/healthz``. Beside them are 200 slow sockets of a kind, which are opened again when the server drops them; or a flood
of predictions over ten times as many connections; or writers that wait for a lock which another program holds on the
database; or clients that fetch pictures from a bucket that does not answer.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from pathlib import Path

from benchmarks.load.clients import as_json, play
from benchmarks.load.honest_clients import DRAWING, PATIENCE, SET, Answers, ask
from benchmarks.load.slow_sockets import KINDS, SlowSockets

ROOT = Path(__file__).resolve().parents[2]
SLOW, WAITING = 200, 12


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=35.0, help="seconds of each load")
    parser.add_argument("--worker-class", help="gunicorn's, instead of the platform's own")
    parser.add_argument("--only", nargs="*", default=[], help="parts of the names of the loads to run")
    options = parser.parse_args()
    arguments = ["--worker-class", options.worker_class] if options.worker_class else []
    print(f"{'':42}{'good':>8}{'p50 ms':>8}{'p99 ms':>8}{'healthz':>9}{'p99 ms':>8}  slow sockets dropped, after s")
    with tempfile.TemporaryDirectory() as folder, stalled_server() as bucket, web_server(Path(folder), arguments, bucket) as port:
        database = Path(folder) / "inkloop.sqlite"
        loads = {
            "nothing": nullcontext(),
            **{f"{SLOW} x {kind}": SlowSockets(port, kind, SLOW) for kind in KINDS},
            f"all four, {SLOW} together": all_kinds(port),
            "flood of 80 connections": flood(port, options.seconds, "127.0.0.1"),
            "the same from another address": flood(port, options.seconds, "127.0.0.2"),
            f"{WAITING} writers wait for a lock": waiting_writers(port, database),
            f"{WAITING} clients wait for a bucket": waiting_for_pictures(port, database),
        }
        for name, load in loads.items():
            if not options.only or any(part in name for part in options.only):
                row(name, load, port, options.seconds)


def row(name: str, load: AbstractContextManager[object], port: int, seconds: float) -> None:
    """Ask beside a load, and print what came."""
    found: list[Answers] = []
    with load as beside:
        time.sleep(1)
        health = threading.Thread(target=lambda: found.append(ask(port, seconds, clients=1, method="GET", path="/healthz")))
        health.start()
        honest = ask(port, seconds)
        health.join()
    cells = [f"{100 * one.share:7.2f}%{1000 * one.within(0.5):8.0f}{1000 * one.within(0.99):8.0f}" for one in (honest,)]
    cells += [f"{100 * found[0].share:8.2f}%{1000 * found[0].within(0.99):8.0f}"]
    lives = beside.lives if isinstance(beside, SlowSockets) else beside if isinstance(beside, list) else []
    dropped = f"  {len(lives)}, {min(lives):.0f} to {max(lives):.0f}" if lives else ""
    print(f"{name:42}{''.join(cells)}{dropped}  {' '.join(sorted(honest.reasons))}", flush=True)


@contextmanager
def web_server(folder: Path, arguments: Sequence[str], bucket: int) -> Iterator[int]:
    """Serve the platform's web part in a folder; yield its port."""
    environ = os.environ | {
        "INKLOOP_HOME": str(folder),
        "PORT": str(port := free_port()),
        "INKLOOP_LIMITS": "off",
        "INKLOOP_TRUST": "open",
        "S3_BUCKET": "stalled",
        "S3_ENDPOINT_URL": f"http://127.0.0.1:{bucket}",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py", *arguments, "main:app"]
    with Path(folder, "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            until = time.monotonic() + 60
            while ask(port, 0.1, clients=2).failed and time.monotonic() < until:
                time.sleep(0.3)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(40)


def free_port() -> int:
    """Return a port that nothing listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def stalled_server() -> Iterator[int]:
    """Listen at a port, and never answer; yield the port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(200)
        yield listening.getsockname()[1]


@contextmanager
def all_kinds(port: int) -> Iterator[list[float]]:
    """Have slow sockets of all kinds; yield how long those lived that were dropped."""
    with ExitStack() as stack:
        kinds = [stack.enter_context(SlowSockets(port, kind, SLOW // len(KINDS))) for kind in KINDS]
        yield (lives := [])
        lives.extend(life for kind in kinds for life in kind.lives)


@contextmanager
def flood(port: int, seconds: float, source: str) -> Iterator[None]:
    """Have predictions asked for as fast as they are answered, over ten times as many connections as the honest clients have."""
    requests = [
        as_json(f"{SET}/predictions", {"strokes": [[[80, n], [200, 60], [120, 220]]], "width": 280, "height": 280})
        for n in range(60)
    ]
    thread = threading.Thread(target=play, args=(port, requests, seconds + 1, 80, None, source))
    thread.start()
    yield
    thread.join()


@contextmanager
def waiting_writers(port: int, database: Path) -> Iterator[None]:
    """Hold the database's lock while clients contribute."""
    with closing(sqlite3.connect(database, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        body = DRAWING[:-1] + b', "label": "7"}'
        with again_and_again(port, "POST", f"{SET}/samples", body):
            yield
        lock.execute("ROLLBACK")


@contextmanager
def waiting_for_pictures(port: int, database: Path) -> Iterator[None]:
    """Have clients fetch the picture of a sample that only the bucket has, and the bucket does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", f"{SET}/samples", DRAWING[:-1] + b', "label": "7"}', {"Content-Type": "application/json"})
    sample = json.loads(connection.getresponse().read())["id"]
    with closing(sqlite3.connect(database)) as writer, writer:
        writer.execute("DELETE FROM outbox")
    with again_and_again(port, "GET", f"/api/v1/samples/{sample}.png", None):
        yield


@contextmanager
def again_and_again(port: int, method: str, path: str, body: bytes | None) -> Iterator[None]:
    """Have clients send one request again and again."""
    ended = threading.Event()

    def client() -> None:
        while not ended.is_set():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            try:
                connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            ended.wait(0.1)

    threads = [threading.Thread(target=client, daemon=True) for _ in range(WAITING)]
    for thread in threads:
        thread.start()
    yield
    ended.set()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
