"""A worker's threads: one feeds the store, one teaches the networks, one looks again at samples that wait, and tidies up.

A fourth thread watches the database and wakes the others (``jobs.wakeups``). They also look by themselves every two seconds:
lost news costs two seconds and nothing else.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from functions import jobs, registry
from functions.domain.run_step import Step
from functions.domain.trust import Mode
from functions.errors import LeaseLost, Situation
from functions.jobs.heartbeat import Heartbeat, Stopping
from functions.jobs.wakeups import watch
from functions.learners.continual.protocol import OnProgress
from functions.learners.squares.augmented_copies import AugmentedCopies
from functions.records.database import Database
from functions.records.label_counts import fold_counts
from functions.records.outbox import drain
from functions.records.tables import now
from functions.training import retrain_policy
from functions.training.full_lane import LAST_PART
from functions.training.lanes import lane_of
from functions.training.trainer_pool import TrainerPool
from functions.verbs.learn import learn
from functions.verbs.recheck import recheck
from functions.worker.prefetch import Prefetcher

log = logging.getLogger("inkloop.worker")

LOOK = 2.0  # seconds between two looks at what is to do: lost news costs no more, and an idle worker 0.7 % of a core
QUICK_KINDS = (jobs.QUICK,)
PASSING = 0.5  # seconds between two looks, in the middle of a slow run, whether a quick one is due
TAKEN = 0.5  # seconds between two looks at a run that is due and waits for another one of its set
RECHECK_EVERY = 5.0  # seconds between two looks at samples that wait; each of them is looked at every twenty
LONGEST_WAIT = 10.0  # seconds between two tries while the database is away
PATIENCE = 20.0  # seconds that a stopping worker gives its threads: a training step takes far less


class WorkerLoops:
    """Threads around one database and one store; ``quiet`` seconds pass before samples nobody asked to learn are learned.

    With ``grows`` a set that has grown by a tenth is trained on everything without being asked.
    """

    def __init__(
        self,
        database: Database,
        artefacts: registry.Artefacts,
        *,
        quiet: float = 0.5,
        trust: Mode = "review",
        grows: bool = True,
    ) -> None:
        self._database, self._artefacts = database, artefacts
        self._quiet, self._trust, self._grows = quiet, trust, grows
        self._copies = AugmentedCopies()
        self._prefetcher = Prefetcher(database, self._copies)
        self._stop = threading.Event()
        self._wakeups = {"outbox": threading.Event(), "runs": threading.Event(), "waiting": threading.Event()}
        self._threads: list[threading.Thread] = []

    def start(self, pool: TrainerPool | None, *, warm: bool = True) -> None:
        """Start to deliver, and to learn where there is a ``pool``, whose networks are compiled first if it shall be ``warm``."""
        watching = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._threads.append(watching)
        watching.start()
        self._thread("deliver", self._deliver, self._wakeups["outbox"])
        self._thread("look again", self._look_again, self._wakeups["waiting"])
        if pool is not None:
            first = partial(self._warm_up, pool) if warm else None
            self._thread("learn", partial(self._learn, pool), self._wakeups["runs"], first)

    def stop(self) -> bool:
        """Stop within a moment; a run under way is handed back. Return whether all threads have ended."""
        self._stop.set()
        for wakeup in self._wakeups.values():
            wakeup.set()
        for thread in self._threads:
            thread.join(PATIENCE)
        return not any(thread.is_alive() for thread in self._threads)

    def deliver(self) -> None:
        """Deliver everything that is due to the store."""
        while not self._stop.is_set() and drain(self._database, self._artefacts.store):
            pass

    def work(self, pool: TrainerPool, kinds: Sequence[jobs.Kind] = jobs.KINDS) -> bool:
        """Do one run of some kinds if one is due; return whether there was one."""
        claim = jobs.lease(self._database, kinds=kinds)
        if claim is None:
            return False
        log.info("Run %s begins: %s %s, attempt %d.", claim.run_id, claim.kind, claim.set_name, claim.attempt)
        try:
            with self._database.reading() as session:
                symbols = registry.symbol_set(session, claim.set_name)
            with Heartbeat(self._database, claim, self._stop) as heart:
                heart.tell(0.0, Step("preparing"))
                quick = claim.kind == jobs.QUICK
                trainers = pool.trainers(symbols, lane_of(claim.kind))
                tell = heart.tell if quick else self._letting_in(pool, heart)
                result = learn(self._database, self._artefacts, claim, trainers, tell, self._copies)
            log.info(
                "Run %s is done: %d activated, %d rejected.", claim.run_id, len(result["activated"]), len(result["rejected"])
            )
            if quick and self._grows:
                retrain_policy.ask_if_grown(self._database, claim.set_name)
        except LeaseLost:
            log.warning("Run %s was taken over by another worker.", claim.run_id)
        except Stopping:
            with suppress(LeaseLost):
                jobs.hand_back(self._database, claim)
            log.info("Run %s is handed back.", claim.run_id)
        except Exception as error:
            log.exception("Run %s went wrong.", claim.run_id)
            # Situations are sentences for people; anything else stays in the log.
            words = str(error) if isinstance(error, Situation) else "Something went wrong in the worker; its log tells what."
            with suppress(LeaseLost):
                jobs.set_back(self._database, claim, words)
        finally:
            self._prefetcher.forget()
        return True

    def _letting_in(self, pool: TrainerPool, heart: Heartbeat) -> OnProgress:
        """Return what a slow run tells its progress: between two of its steps, quick runs are done that are due."""
        looked = time.monotonic()

        def tell(progress: float, step: Step) -> None:
            nonlocal looked
            heart.tell(progress, step)
            if progress >= LAST_PART or time.monotonic() < looked + PASSING:
                return
            self._do_quick_ones(pool)
            looked = time.monotonic()

        return tell

    def _do_quick_ones(self, pool: TrainerPool) -> None:
        jobs.reconcile(self._database, self._quiet)
        while not self._stop.is_set() and jobs.is_due(self._database, QUICK_KINDS) and self.work(pool, QUICK_KINDS):
            pass

    def _watch(self) -> None:
        watch(self._database, self._stop, lambda work: self._wakeups[work].set())

    def _deliver(self) -> float:
        self.deliver()
        return LOOK

    def _look_again(self) -> float:
        recheck(self._database, self._trust, self._quiet)
        fold_counts(self._database)
        return RECHECK_EVERY

    def _learn(self, pool: TrainerPool) -> float:
        while not self._stop.is_set() and self.work(pool):
            pass
        jobs.reconcile(self._database, self._quiet)
        with self._database.reading() as session:
            due = jobs.next_due(session)
        self._prefetcher.look(lambda: due is not None and not self._stop.is_set() and now() < due)
        left = (due - now()) / timedelta(seconds=1) if due is not None else LOOK
        return min(left, LOOK) if left > 0 else TAKEN

    def _warm_up(self, pool: TrainerPool) -> None:
        """Get ready for one set after the other, the oldest first, as pages offer them; who corrects meanwhile goes first."""
        with self._database.reading() as session:
            sets = registry.symbol_sets(session)
        for symbols in reversed(sets):
            self._do_quick_ones(pool)
            try:
                pool.warm_up(symbols, self._stop)
                log.info("The trainers of %s are ready.", symbols.name)
            except Exception:  # then the first run is slow, or says in its run what is wrong
                log.exception("The trainers of %s could not be warmed up.", symbols.name)

    def _thread(
        self, name: str, act: Callable[[], float], wakeup: threading.Event, first: Callable[[], None] | None = None
    ) -> None:
        def again_and_again() -> None:
            wait, begin, failures = LOOK, first, 0
            while not self._stop.is_set():
                wakeup.clear()
                try:
                    if begin is not None:
                        begin()
                        begin = None
                    wait, failures = act(), 0
                except Exception as error:  # a thread must outlive a database that is away for a while
                    wait = min(max(wait, LOOK) * 2, LONGEST_WAIT)
                    failures += 1
                    log.error("Cannot %s just now, next try in %.0f s.", name, wait, exc_info=error if failures == 1 else None)
                wakeup.wait(wait)

        thread = threading.Thread(target=again_and_again, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
