"""How a leased run ends where its work does not end it: taken over, handed back, or tried again later."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from functions import jobs
from functions.domain.log_line import OWN
from functions.domain.problem import Problem
from functions.errors import LeaseLost, Situation
from functions.jobs.heartbeat import Stopping
from functions.records.database import Database
from functions.telemetry.request_id import for_request
from functions.telemetry.tracing import span

log = logging.getLogger("inkloop.worker")


@contextmanager
def ending(database: Database, claim: jobs.Lease) -> Iterator[None]:
    """Hand the run of ``claim`` back if this worker stops in the block, and set it back after an error; both are logged."""
    began = time.perf_counter()
    facts: dict[str, str | int | float] = {
        "run": claim.run_id,
        "kind": claim.kind,
        "set": claim.set_name,
        "attempt": claim.attempt,
    }
    if claim.request_id is not None:
        facts["request_id"] = claim.request_id
    log.info("Run %s begins: %s %s, attempt %d.", claim.run_id, claim.kind, claim.set_name, claim.attempt, extra={OWN: facts})
    try:
        with for_request(claim.request_id), span(f"run {claim.kind}", {f"inkloop.{name}": one for name, one in facts.items()}):
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
        words = error.problem if isinstance(error, Situation) else Problem("worker_error")
        with suppress(LeaseLost):
            jobs.set_back(database, claim, words)
    else:
        done = facts | {"seconds": round(time.perf_counter() - began, 3)}
        log.info("Run %s is done after %.1f s.", claim.run_id, done["seconds"], extra={OWN: done})
