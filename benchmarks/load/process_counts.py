"""Play the same loads against one, two and four web processes on one PostgreSQL: ``throughput --processes`` runs it."""

from __future__ import annotations

import argparse
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from benchmarks.end_to_end import Drawing
from benchmarks.load.clients import Played, play
from benchmarks.load.loads import SETTINGS, loads
from benchmarks.load.processes import machine_time, postgres_time, processor_times
from tests import servers
from tests.support.web_server import web_server

CONNECTIONS = 16  # four processes have so many threads
BUSY = 0.85  # share of the processors, or of the one that an interpreter can use, above which nothing else limits a load
USERS = ("web", "PostgreSQL", "client", "others")  # of processor time; others should use none


@dataclass(frozen=True)
class Server:
    """A running gunicorn: the number of its web processes, its home, its port, and the requests of each load."""

    count: int
    home: Path
    port: int
    requests: dict[str, list[bytes]]


@dataclass(frozen=True)
class Round:
    """What a load was answered, and the processors that each of ``USERS`` used meanwhile (1.0: one of them, all the time)."""

    played: Played
    used: dict[str, float]


def compare_processes(options: argparse.Namespace, drawings: list[Drawing]) -> None:
    """Print the table of all loads and numbers of processes.

    All servers run at the same time, idle but for the one that is asked. A round plays a load against one after the other, so
    that a busy hour of the machine is the same for all of them.
    """
    with ExitStack() as stack:
        url = options.database_url or stack.enter_context(own_postgres())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environ = {**SETTINGS, "DATABASE_URL": url, "SECRET_KEY": secrets.token_hex(), "ADMIN_PASSWORD": secrets.token_hex()}
        some = [stack.enter_context(_server(folder, count, environ, drawings)) for count in options.processes]
        found: dict[str, dict[int, list[Round]]] = {name: {one.count: [] for one in some} for name in some[0].requests}
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds}", flush=True)
            for name, rounds in found.items():
                for one in some:
                    rounds[one.count].append(_measured(one, name, options.seconds))
    cpus = len(os.sched_getaffinity(0))
    print(f"\n{cpus} processors, {CONNECTIONS} connections, medians of {options.rounds} rounds of {options.seconds:g} s")
    for line in table(found, cpus):
        print(line)


@contextmanager
def _server(folder: Path, count: int, environ: dict[str, str], drawings: list[Drawing]) -> Iterator[Server]:
    home = folder / f"processes-{count:03}"  # no home's name begins with another's
    with web_server(home, "main:app", **environ, WEB_WORKERS=str(count)) as gunicorn:
        found = loads(drawings, f"http://127.0.0.1:{gunicorn.port}")
        for some in found.values():
            play(gunicorn.port, some, 0.5, CONNECTIONS)  # all threads open their connections and networks
        yield Server(count, home, gunicorn.port, found)


def _measured(server: Server, load: str, seconds: float) -> Round:
    before, began = _times(server.home), time.perf_counter()
    played = play(server.port, server.requests[load], seconds, CONNECTIONS)
    after, took = _times(server.home), time.perf_counter() - began
    return Round(played, {user: (after[user] - before[user]) / took for user in USERS})


def _times(home: Path) -> dict[str, float]:
    known = sum(processor_times(home).values()), postgres_time(), time.process_time()
    return dict(zip(USERS, (*known, machine_time() - sum(known)), strict=True))


def table(found: dict[str, dict[int, list[Round]]], cpus: int) -> list[str]:
    """Return the lines of a table: a load with a number of processes each."""
    heads = ("processes", "a second", "of first", "p50 ms", "p99 ms", "refused", *USERS)
    lines = [f"{'':14}{''.join(f'{head:>11}' for head in heads)}  limit", f"{'':80}{'processors used by':>44}"]
    for load, counts in found.items():
        rates = {count: statistics.median(one.played.rate for one in rounds) for count, rounds in counts.items()}
        for place, (count, rounds) in enumerate(counts.items()):
            half, most = (statistics.median(one.played.latency(share) for one in rounds) for share in (0.5, 0.99))
            used = {user: statistics.median(one.used[user] for one in rounds) for user in USERS}
            cells = [f"{count}", f"{rates[count]:.0f}", f"{rates[count] / rates[next(iter(counts))]:.2f}", f"{half:.1f}"]
            cells += [f"{most:.1f}", f"{sum(one.played.refused for one in rounds)}", *(f"{one:.2f}" for one in used.values())]
            name = "" if place else load
            lines.append(f"{name:14}{''.join(f'{cell:>11}' for cell in cells)}  {bottleneck(used, count, cpus)}")
    return lines


def bottleneck(used: dict[str, float], processes: int, cpus: int) -> str:
    """Return what keeps a load from being answered faster.

    A web process computes on one processor at a time, because Python's interpreter does.
    """
    if sum(used.values()) >= BUSY * cpus:
        return f"all processors; most of it {max(used, key=lambda user: used[user])}"
    if used["web"] >= BUSY * min(processes, cpus):
        return "the web processes' interpreters"
    return "waiting for locks, the disk, or each other"


@contextmanager
def own_postgres() -> Iterator[str]:
    """Start the tests' PostgreSQL, let it wait for its disk as a real one does, and yield the URL of its database."""
    held = servers.Held("postgres")
    try:
        url = make_url(held.facts["url"]).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = on"))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield url.render_as_string(hide_password=False)
    finally:
        held.stop()
