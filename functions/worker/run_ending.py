"""How a leased run ends where its work does not end it: taken over, handed back, or tried again later."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from functions import jobs
from functions.errors import LeaseLost, Situation
from functions.jobs.heartbeat import Stopping
from functions.records.database import Database

log = logging.getLogger("inkloop.worker")


@contextmanager
def ending(database: Database, claim: jobs.Lease) -> Iterator[None]:
    """Hand the run of ``claim`` back if this worker stops in the block, and set it back after an error; both are logged."""
    log.info("Run %s begins: %s %s, attempt %d.", claim.run_id, claim.kind, claim.set_name, claim.attempt)
    try:
        yield
    except LeaseLost:
        log.warning("Run %s was taken over by another worker.", claim.run_id)
    except Stopping:
        with suppress(LeaseLost):
            jobs.hand_back(database, claim)
        log.info("Run %s is handed back.", claim.run_id)
    except Exception as error:
        log.exception("Run %s went wrong.", claim.run_id)
        # The message of a Situation is for people; any other error is only in the log.
        words = str(error) if isinstance(error, Situation) else "Something went wrong in the worker; see its log."
        with suppress(LeaseLost):
            jobs.set_back(database, claim, words)
