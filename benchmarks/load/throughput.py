"""Measure how many requests a machine answers, as ratios to what the same server and disk do without Inkloop.

    python -m benchmarks.load.throughput                    # about three minutes
    python -m benchmarks.load.throughput --database-url URL --seconds 3
    python -m benchmarks.load.throughput --processes 1 2 4  # about five minutes

Every figure is the median of several rounds. In each round all loads are played one after the other, so that a busy machine is
as busy for all of them: 8 connections, 2 web processes with 4 threads, as ``make run`` starts them. The comparisons are an empty
Flask JSON POST under the same gunicorn, a Flask route that calls ``model.predict`` of both Keras networks, and a bare loop of
``BEGIN IMMEDIATE; INSERT; COMMIT`` of one row on the same disk (on PostgreSQL: as many connections, one row each). At the end the
worker learns the drawings that were contributed, and predictions are played again, which learned networks answer, too.

``--processes`` plays the platform's loads against gunicorns of so many web processes, without a worker, on one PostgreSQL. Its
table has the processors that web processes, PostgreSQL and client used, and what kept a load from being answered faster.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import create_engine, text

from benchmarks.end_to_end import ROOT, own_platform
from benchmarks.load.clients import Played, as_json, play
from benchmarks.load.loads import SET, SETTINGS, loads, shuffled_drawings
from benchmarks.load.process_counts import compare_processes
from benchmarks.load.processes import sizes, wait_until_idle

CONNECTIONS = 8


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4.0, help="seconds of each load in a round")
    parser.add_argument("--database-url", help="PostgreSQL instead of SQLite in a temporary folder")
    parser.add_argument(
        "--processes", type=int, nargs="+", help="compare so many web processes, on PostgreSQL: --database-url, or one of its own"
    )
    options = parser.parse_args()
    drawings = shuffled_drawings()
    if options.processes:
        compare_processes(options, drawings)
        return
    with tempfile.TemporaryDirectory() as folder, reference_server() as reference:
        url = {"DATABASE_URL": options.database_url} if options.database_url else {}
        began = time.perf_counter()
        with own_platform(Path(folder), **SETTINGS, **url) as address:
            print(f"ready after {time.perf_counter() - began:.1f} s", flush=True)
            wait_until_idle(Path(folder))
            port = int(address.rpartition(":")[2])
            bare: Callable[[], float] = lambda: bare_loop(Path(folder), options.seconds)  # noqa: E731
            if options.database_url:
                bare = lambda: bare_postgres(options.database_url, options.seconds)  # noqa: E731
            platform = loads(drawings, address)
            report(measure(options, reference, port, platform, bare))
            learned = learn(Path(folder), address, url)
            report_learned(options, learned, reference, port, platform["predict"])
            for process, size in sizes(Path(folder)).items():
                print(f"{size:6.0f} MB  {process}")


def measure(
    options: argparse.Namespace, reference: int, port: int, platform: dict[str, list[bytes]], bare: Callable[[], float]
) -> dict[str, list[Any]]:
    """Play every load once a round; return what each was answered in each round."""
    empty = [as_json("/empty", {"fields": number}) for number in range(10)]
    keras = [request.replace(f"POST {SET}/predictions".encode(), b"POST /keras") for request in platform["predict"]]
    play(reference, keras, 1.0, CONNECTIONS)  # Keras loads and traces
    found: dict[str, list[Any]] = {}
    for _ in range(options.rounds):
        found.setdefault("bare", []).append(bare())
        found.setdefault("empty", []).append(play(reference, empty, options.seconds, CONNECTIONS))
        found.setdefault("keras", []).append(play(reference, keras, options.seconds, CONNECTIONS))
        for name, some in platform.items():
            found.setdefault(name, []).append(play(port, some, options.seconds, CONNECTIONS))
        half = found["predict"][-1].rate / 2
        found.setdefault("predict, half load", []).append(play(port, platform["predict"], options.seconds, CONNECTIONS, half))
    return found


def report(found: dict[str, list[Any]]) -> None:
    """Print the medians and their ratios."""
    bare = found.pop("bare")

    def ratio(name: str, to: list[float]) -> str:
        return f"{statistics.median(one.rate / other for one, other in zip(found[name], to, strict=True)):8.3f}"

    rates = {name: [one.rate for one in rounds] for name, rounds in found.items()}
    print(f"\n{'':22}{'a second':>10}{'of empty':>9}{'of bare':>9}{'of Keras':>9}{'p50 ms':>8}{'p99 ms':>8}{'refused':>8}")
    print(f"{'bare commits':22}{statistics.median(bare):10.0f}")
    for name, rounds in found.items():
        cells = f"{ratio(name, rates['empty'])} {ratio(name, bare)} {ratio(name, rates['keras'])}"
        times = f"{_median(rounds, 0.5):8.1f}{_median(rounds, 0.99):8.1f}{sum(one.refused for one in rounds):8d}"
        print(f"{name:22}{statistics.median(rates[name]):10.0f} {cells}{times}", flush=True)


def learn(folder: Path, address: str, url: dict[str, str]) -> list[str]:
    """Let the worker learn what was contributed, and return the learned networks that answer then."""
    command = [sys.executable, "-m", "functions.cli", "learn", "digits", "--wait"]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"INKLOOP_HOME": str(folder), **SETTINGS, **url}, check=True)
    wait_until_idle(folder)
    asked = {"strokes": [[[40, 60], [220, 60], [120, 240]]], "width": 280, "height": 280}
    models = requests.post(f"{address}{SET}/predictions", json=asked, timeout=30).json()["models"]
    versions = {(one["role"], one["learner"]): one["version"] for one in models}
    return [one for one in ("fnn", "cnn") if versions["learned", one] != versions["original", one]]


def report_learned(options: argparse.Namespace, learned: list[str], reference: int, port: int, predictions: list[bytes]) -> None:
    """Print how many predictions a second there are with learned networks, beside empty requests in the same rounds."""
    rates, ratios = [], []
    for _ in range(options.rounds):
        empty = play(reference, [as_json("/empty", {"fields": 1})], options.seconds, CONNECTIONS)
        rates.append(play(port, predictions, options.seconds, CONNECTIONS).rate)
        ratios.append(rates[-1] / empty.rate)
    print(f"predict, {2 + len(learned)} networks    {statistics.median(rates):10.0f} {statistics.median(ratios):8.3f} of empty")


def _median(rounds: list[Played], share: float) -> float:
    return statistics.median(one.latency(share) for one in rounds)


def bare_loop(folder: Path, seconds: float) -> float:
    """Return how many one-row transactions a second SQLite keeps on the disk of ``folder``, one after the other."""
    with closing(sqlite3.connect(folder / "bare.sqlite", isolation_level=None)) as connection:
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "CREATE TABLE IF NOT EXISTS bare (value TEXT)"):
            connection.execute(statement)
        count, began = 0, time.perf_counter()
        while time.perf_counter() < began + seconds:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO bare VALUES ('one row')")
            connection.execute("COMMIT")
            count += 1
        return count / (time.perf_counter() - began)


def bare_postgres(url: str, seconds: float) -> float:
    """Return how many one-row transactions a second PostgreSQL keeps for as many connections as the loads have."""
    engine = create_engine(url, pool_size=CONNECTIONS)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS bare (value TEXT)"))
    until, counts = time.perf_counter() + seconds, [0] * CONNECTIONS

    def write(place: int) -> None:
        with engine.connect() as connection:
            while time.perf_counter() < until:
                connection.execute(text("INSERT INTO bare VALUES ('one row')"))
                connection.commit()
                counts[place] += 1

    threads = [threading.Thread(target=write, args=(place,)) for place in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE bare"))
    engine.dispose()
    return sum(counts) / seconds


@contextmanager
def reference_server() -> Iterator[int]:
    """Serve the app that the platform is compared with, as the platform is served; yield its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.py", "benchmarks.load.reference_app:app"]
    with tempfile.TemporaryDirectory() as home:
        environ = os.environ | {"PORT": str(port), "INKLOOP_HOME": home, "TF_CPP_MIN_LOG_LEVEL": "3"}
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                with socket.socket() as trial:
                    if trial.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


if __name__ == "__main__":
    main()
