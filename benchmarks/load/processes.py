"""The processes of a platform: their memory and their processor time, from ``/proc`` (Linux only)."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

WARM_UP = 5.0  # seconds of processor time: less than loading TensorFlow and compiling the networks takes


def processes(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield a name and the entry in ``/proc`` of each process of the platform whose home is ``folder``."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if f"INKLOOP_HOME={folder}".encode() in (process / "environ").read_bytes():
                yield f"{_name((process / 'cmdline').read_bytes().decode())} {process.name}", process


def _name(command: str) -> str:
    return "worker" if "functions.worker" in command else "web" if "gunicorn" in command else "main"


def sizes(folder: Path) -> dict[str, float]:
    """Return the proportional set size of each process, in MB."""
    found = {}
    for name, process in processes(folder):
        with suppress(OSError):
            pss = next(line for line in (process / "smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
            found[name] = int(pss.split()[1]) / 1024
    return found


def processor_times(folder: Path) -> dict[str, float]:
    """Return the processor time of each process since it began, in seconds."""
    found = {}
    for name, process in processes(folder):
        with suppress(OSError):
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            found[name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found


def postgres_time() -> float:
    """Return the processor time in seconds of all PostgreSQL servers of this machine, with that of connections that ended."""
    ticks = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "comm").read_text().strip() == "postgres":
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def machine_time() -> float:
    """Return the processor time in seconds of everything on this machine since it started."""
    user, nice, system, _, _, *interrupts = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + sum(interrupts[:2])) / os.sysconf("SC_CLK_TCK")


def wait_until_idle(folder: Path, patience: float = 180) -> None:
    """Wait until the worker has compiled its networks: until all processes together use less than a tenth of a core.

    On a busy machine a worker, which has a low priority, may not have begun yet, so little use alone does not tell.
    """
    for _ in range(int(patience / 2)):
        before = sum(processor_times(folder).values())
        time.sleep(2)
        after = processor_times(folder)
        worked = max((used for name, used in after.items() if name.startswith("worker")), default=WARM_UP)
        if sum(after.values()) - before < 0.2 and worked >= WARM_UP:
            return
