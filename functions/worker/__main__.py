"""The worker: ``python -m functions.worker``. Any number may run at once, on any number of machines; ``loops`` does the work."""

from __future__ import annotations

import argparse
import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from types import FrameType

from functions import registry, telemetry
from functions.domain.log_line import JsonLine
from functions.errors import BadSettings
from functions.records.database_outage import outlast
from functions.settings import Settings
from functions.store import open_store
from functions.store.outage_log import OutageLog
from functions.training.cluster import open_cluster, require_ray
from functions.training.trainer_pool import ShippedTrainerPool, TrainerPool
from functions.worker.loops import WorkerLoops

log = logging.getLogger("inkloop.worker")

M_ARENA_MAX = -8  # of glibc's malloc.h
LOOK_FOR_SIGNALS = 0.5  # seconds


def main(arguments: Sequence[str] | None = None, pool: TrainerPool | None = None) -> int:
    """Work until SIGTERM or SIGINT; return the exit status. ``pool`` replaces the trainers that use TensorFlow."""
    parser = argparse.ArgumentParser(prog="python -m functions.worker", description="Delivers drawings to the store and learns.")
    parser.add_argument("--no-learning", action="store_true", help="only deliver; another worker must learn")
    parser.add_argument("--cold", action="store_true", help="do not load TensorFlow before the first run")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for noisy in ("absl", "tensorflow"):  # their warnings do not concern the owner
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        settings = Settings.from_env(os.environ)
        telemetry.start(settings, "worker")
        if settings.ray is not None and not chosen.no_learning:
            require_ray()
        if settings.log == "json":
            _log_as_json()
        stop = _stop_at_signals()
        database = outlast(partial(registry.bootstrap, settings), OutageLog(log), stop)
        if database is None:
            return 0
    except BadSettings as problem:
        print(problem, file=sys.stderr)
        return 2
    trainers = None if chosen.no_learning else pool or ShippedTrainerPool(settings.models)
    loops = WorkerLoops(
        database,
        registry.Artefacts(open_store(settings), settings.models),
        quiet=settings.learn_after,
        trust=settings.trust,
        grows=settings.train == "grown",
        licence=settings.licence,
        webhooks_anywhere=settings.webhooks == "any",
        cluster=open_cluster(settings),
    )
    loops.start(trainers, warm=not chosen.cold)
    log.info("The worker is up%s.", " and only delivers" if chosen.no_learning else "")
    # With a time limit: a signal just before a wait without limit would be noticed only with the next signal.
    while not stop.wait(LOOK_FOR_SIGNALS):
        pass
    ended = loops.stop()
    log.info("The worker has stopped.")
    if not ended:  # a thread inside TensorFlow, which Python cannot end: its lease expires by itself
        logging.shutdown()
        os._exit(0)
    return 0


def _log_as_json() -> None:
    """Let every line of the log be JSON, and say which objects are delivered."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(JsonLine("worker"))
    logging.getLogger("functions.records.outbox").setLevel(logging.DEBUG)


def _use_few_arenas() -> None:
    """Have glibc share two arenas between all threads: one for each thread keeps a quarter more memory for TensorFlow."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # other C libraries have no such function
            ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def _stop_at_signals() -> threading.Event:
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        # In another thread: the main thread may hold the event's lock, which is not reentrant.
        threading.Thread(target=stop.set, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, on_signal)
    return stop


if __name__ == "__main__":
    _use_few_arenas()
    sys.exit(main())
