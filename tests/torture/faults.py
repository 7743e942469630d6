"""Faults of stores, databases and disks that begin and end while the platform works."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import text

from functions.records.database import Database
from tests.torture.fault_proxy import FAULTS, HEALTHY, FaultProxy
from tests.torture.processes import Killable, allow_writes

Fault = Callable[[], AbstractContextManager[Any]]


def of_bucket(proxy: FaultProxy) -> dict[str, Fault]:
    """Return what can happen between the platform and its bucket."""

    def fault(name: str) -> Fault:
        @contextmanager
        def failing() -> Any:
            proxy.set(name)
            try:
                yield
            finally:
                proxy.set(HEALTHY)

        return failing

    return {f"bucket: {name}": fault(name) for name in FAULTS}


def of_folder(link: Path) -> dict[str, Fault]:
    """Return what can happen to a folder store whose folder is a symbolic link: its disk goes away, in one moment."""

    @contextmanager
    def away() -> Any:
        folder = link.readlink()
        _point(link, link.with_name("no such disk"))
        try:
            yield
        finally:
            _point(link, folder)

    return {"folder: away": away}


def _point(link: Path, target: Path) -> None:
    made = link.with_name("made")
    made.symlink_to(target)
    made.replace(link)  # at once: no writer finds nothing here, and makes a folder of its own


def of_disk(web: Killable, workers: list[Killable]) -> dict[str, Fault]:
    """Return what a full disk does to processes: writes to files fail, of the database too."""

    def fault(limit: Callable[[], list[int]]) -> Fault:
        @contextmanager
        def failing() -> Any:
            limited = limit()
            try:
                yield
            finally:
                allow_writes(limited)

        return failing

    return {
        "disk: web cannot write": fault(lambda: web.refuse_writes(below=True)),
        "disk: workers cannot write": fault(lambda: [pid for worker in workers for pid in worker.refuse_writes()]),
    }


def of_server(database: Database) -> dict[str, Fault]:
    """Return what can happen to a database server: it ends all its connections."""
    end_others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"

    @contextmanager
    def hung_up() -> Any:
        with database.writing() as session:
            session.execute(text(f"{end_others} AND pid <> pg_backend_pid()"))
        yield

    return {"database: hangs up": hung_up}
