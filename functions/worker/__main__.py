"""The worker: ``python -m functions.worker``. Any number may run at once, on any number of machines.

It opens what the worker needs; the work itself is in ``worker.loops``.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

from sqlalchemy.exc import DBAPIError

from functions import registry
from functions.errors import BadSettings
from functions.records.database import Database
from functions.settings import Settings
from functions.store import open_store
from functions.training.trainer_pool import ShippedTrainerPool, TrainerPool
from functions.worker.loops import WorkerLoops

log = logging.getLogger("inkloop.worker")

SOONEST, LATEST = 1.0, 10.0  # seconds between two tries to reach a database that is away
LOOK_FOR_SIGNALS = 0.5  # seconds


def main(arguments: Sequence[str] | None = None, pool: TrainerPool | None = None) -> int:
    """Work until SIGTERM or SIGINT; return the exit status. ``pool`` replaces the one that teaches with TensorFlow."""
    parser = argparse.ArgumentParser(prog="python -m functions.worker", description="Delivers drawings to the store and learns.")
    parser.add_argument("--no-learning", action="store_true", help="only deliver; another worker must learn")
    parser.add_argument("--cold", action="store_true", help="do not load TensorFlow before the first run")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    for noisy in ("absl", "tensorflow"):  # they warn of their own plans
        logging.getLogger(noisy).setLevel(logging.ERROR)
    try:
        settings = Settings.from_env(os.environ)
        stop = _stop_at_signals()
        database = _opened(settings, stop)
        if database is None:
            return 0
    except BadSettings as problem:
        print(problem, file=sys.stderr)
        return 2
    taught_by = None if chosen.no_learning else pool or ShippedTrainerPool(settings.models)
    working = WorkerLoops(
        database,
        registry.Artefacts(open_store(settings), settings.models),
        quiet=settings.learn_after,
        trust=settings.trust,
        grows=settings.train == "grown",
    )
    working.start(taught_by, warm=not chosen.cold)
    log.info("The worker is up%s.", " and only delivers" if chosen.no_learning else "")
    # With a limit: a signal that comes just before a wait without one would be noticed only by the next signal.
    while not stop.wait(LOOK_FOR_SIGNALS):
        pass
    ended = working.stop()
    log.info("The worker has stopped.")
    if not ended:  # a thread inside TensorFlow: its lease runs out by itself, and Python could not end it cleanly
        logging.shutdown()
        os._exit(0)
    return 0


def _stop_at_signals() -> threading.Event:
    stop = threading.Event()

    def told(number: int, frame: FrameType | None) -> None:
        # In a thread of its own: the main thread may be inside the event, which is not made to be entered twice.
        threading.Thread(target=stop.set, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, told)
    return stop


def _opened(settings: Settings, stop: threading.Event) -> Database | None:
    """Open the database, bring it up to date and wait for it where it is away; None when told to stop meanwhile."""
    wait = SOONEST
    while not stop.is_set():
        try:
            return registry.bootstrap(settings)
        except DBAPIError as error:
            log.warning("The database does not answer (%s); next try in %.0f s.", type(error).__name__, wait)
            stop.wait(wait)
            wait = min(2 * wait, LATEST)
    return None


if __name__ == "__main__":
    sys.exit(main())
