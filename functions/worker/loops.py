"""A worker's threads: one delivers objects to the store, one trains, one exports, one tells webhooks, one rechecks waiting
samples and folds counts, one compares the store with the rows.

A seventh thread watches the database and wakes the others (``jobs.wakeups``). They also look for work every two seconds, so a
lost notification costs two seconds.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial

from functions import jobs, registry
from functions.domain.log_line import OWN
from functions.domain.run_step import Step
from functions.domain.trust import Mode
from functions.errors import StoreUnavailable
from functions.jobs.heartbeat import Heartbeat
from functions.jobs.wakeups import watch
from functions.learners.continual.protocol import OnProgress
from functions.learners.squares.augmented_copies import AugmentedCopies
from functions.records.database import Database
from functions.records.growth import fold_days
from functions.records.label_counts import fold_counts
from functions.records.outbox import DELIVERERS, ROWS_PER_CLAIM, STORE, drain
from functions.records.tables import now
from functions.store.outage_log import OutageLog
from functions.training import retrain_policy
from functions.training.full_lane import LAST_PART
from functions.training.lanes import LANES
from functions.training.shared_squares import sweep as sweep_shared
from functions.training.trainer_pool import TrainerPool
from functions.training.trials import Cluster
from functions.verbs.audit import audit_next, audit_versions
from functions.verbs.learn import learn
from functions.verbs.recheck import recheck
from functions.worker.export_runs import export_next
from functions.worker.prefetch import Prefetcher
from functions.worker.priority import DELIVERING, LEARNING, lower_priority
from functions.worker.run_ending import ending
from functions.worker.webhooks import deliver_webhooks

log = logging.getLogger("inkloop.worker")

LOOK = 2.0  # seconds between two queries for work
QUICK_KINDS = (jobs.QUICK,)
PASSING = 0.5  # seconds between two queries for a due quick run, during a full run
TAKEN = 0.5  # seconds between two queries for a due run that waits for another run of its set
SELDOM = 10.0  # seconds between two queries for what nobody announced, such as an export or a webhook that is tried again
RECHECK_EVERY = 5.0  # seconds between two rechecks; each waiting sample is rechecked every twenty
AUDIT_EVERY = 60.0  # seconds between two parts of an audit: a hundred drawings, 200 questions to the store
PROBE = 1.0  # seconds between two tries of a store that is away, however many drawings come meanwhile
LONGEST_WAIT = 10.0  # seconds between two tries while the database is unavailable
PATIENCE = 20.0  # seconds in which a stopping worker's threads must end: a training step takes far less


class WorkerLoops:
    """The threads of a worker for one database and one store.

    Samples without a requested run are learned after ``quiet`` seconds. With ``grows``, a set that has grown by a tenth is
    retrained on all samples. ``licence`` is for the cards of exports. ``webhooks_anywhere`` lets webhooks reach private
    addresses. A ``cluster`` computes the trials of full runs.
    """

    def __init__(
        self,
        database: Database,
        artefacts: registry.Artefacts,
        *,
        quiet: float = 0.5,
        trust: Mode = "review",
        grows: bool = True,
        licence: str = "",
        webhooks_anywhere: bool = False,
        cluster: Cluster | None = None,
    ) -> None:
        self._database, self._artefacts = database, artefacts
        self._quiet, self._trust, self._grows, self._licence = quiet, trust, grows, licence
        self._webhooks_anywhere, self._cluster = webhooks_anywhere, cluster
        self._copies = AugmentedCopies()
        self._prefetcher = Prefetcher(database, self._copies)
        self._outages = OutageLog(log)
        self._tried = 0.0  # when objects were delivered last, or not
        self._stop = threading.Event()
        self._wakeups = {name: threading.Event() for name in ("outbox", "runs", "export", "waiting", "audit", "webhooks")}
        self._threads: list[threading.Thread] = []
        self._compiling = False  # whether the learning thread only compiles

    def start(self, pool: TrainerPool | None, *, warm: bool = True) -> None:
        """Start the threads; runs are executed only with a ``pool`` of trainers, which ``warm`` compiles first."""
        watching = threading.Thread(target=self._watch, name="watch", daemon=True)
        self._threads.append(watching)
        watching.start()
        self._thread("deliver", DELIVERING, self._deliver, self._wakeups["outbox"], self._look_at_store)
        self._thread("recheck", DELIVERING, self._recheck, self._wakeups["waiting"])
        self._thread("audit", LEARNING, self._audit, self._wakeups["audit"])
        self._thread("tell webhooks", DELIVERING, self._tell_webhooks, self._wakeups["webhooks"])
        self._thread("export", LEARNING, self._export, self._wakeups["export"])
        if pool is not None:
            first = partial(self._warm_up, pool) if warm else None
            self._thread("learn", LEARNING, partial(self._learn, pool), self._wakeups["runs"], first)

    def stop(self) -> bool:
        """Stop the threads; a running run is handed back. Return whether all threads have ended."""
        self._stop.set()
        for wakeup in self._wakeups.values():
            wakeup.set()
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and any(thread.is_alive() for thread in self._threads):
            # A compilation changes nothing outside this process, and takes longer than a restart should.
            if [thread.name for thread in self._threads if thread.is_alive()] == ["learn"] and self._compiling:
                break
            time.sleep(0.02)
        return not any(thread.is_alive() for thread in self._threads)

    def deliver(self) -> None:
        """Deliver everything that is due to the store."""
        store, stopped, more = self._artefacts.store, self._stop.is_set, True
        while more and not stopped():
            some = DELIVERERS if self._outages.is_away(STORE) else ROWS_PER_CLAIM
            more = bool(drain(self._database, store, some, self._outages, stopped))
        self._tried = time.monotonic()

    def work(self, pool: TrainerPool, kinds: Sequence[jobs.Kind] = jobs.KINDS) -> bool:
        """Execute one due run of some kinds; return whether there was one."""
        if not jobs.is_due(self._database, kinds):  # an idle worker asks for no lock
            return False
        claim = jobs.lease(self._database, kinds=kinds)
        if claim is None:
            return False
        try:
            with ending(self._database, claim):
                self._train(pool, claim)
        finally:
            self._prefetcher.forget()
            _return_memory()
        return True

    def _train(self, pool: TrainerPool, claim: jobs.Lease) -> None:
        with self._database.reading() as session:
            symbols = registry.symbol_set(session, claim.set_name)
        with Heartbeat(self._database, claim, self._stop) as heart:
            heart.tell(0.0, Step("preparing"))
            quick = claim.kind == jobs.QUICK
            trainers = pool.trainers(symbols, LANES[claim.kind])
            tell = heart.tell if quick else self._with_quick_runs(pool, heart)
            result = learn(self._database, self._artefacts, claim, trainers, tell, self._copies, self._cluster)
        counts = {"activated": len(result["activated"]), "rejected": len(result["rejected"])}
        log.info(
            "Run %s: %d activated, %d rejected.", claim.run_id, *counts.values(), extra={OWN: {"run": claim.run_id, **counts}}
        )
        if quick and self._grows:
            retrain_policy.ask_if_grown(self._database, claim.set_name)

    def _with_quick_runs(self, pool: TrainerPool, heart: Heartbeat) -> OnProgress:
        """Return the progress callback of a full run, which executes due quick runs between two steps of the full run."""
        looked = time.monotonic()

        def tell(progress: float, step: Step) -> None:
            nonlocal looked
            heart.tell(progress, step)
            if progress >= LAST_PART or time.monotonic() < looked + PASSING:
                return
            self._work_quick_runs(pool)
            looked = time.monotonic()

        return tell

    def _work_quick_runs(self, pool: TrainerPool) -> None:
        jobs.reconcile(self._database, self._quiet)
        while not self._stop.is_set() and jobs.is_due(self._database, QUICK_KINDS) and self.work(pool, QUICK_KINDS):
            pass

    def _watch(self) -> None:
        def wake(work: str) -> None:
            self._wakeups[work].set()
            if work == "runs":
                self._wakeups["export"].set()

        watch(self._database, self._stop, wake)

    def _look_at_store(self) -> None:
        """Log at once what is wrong with the store, such as a wrong key; otherwise the first drawing would tell."""
        try:
            next(iter(self._artefacts.store.keys("sets/")), None)
        except StoreUnavailable as error:
            self._outages.away(STORE, f"{error.for_owner} Drawings wait in the database.")

    def _deliver(self) -> float:
        if self._outages.is_away(STORE) and (left := self._tried + PROBE - time.monotonic()) > 0:
            return left
        self.deliver()
        return PROBE if self._outages.is_away(STORE) else LOOK

    def _export(self) -> float:
        while not self._stop.is_set() and export_next(self._database, self._artefacts.store, self._licence, self._stop):
            pass
        return SELDOM

    def _tell_webhooks(self) -> float:
        while not self._stop.is_set() and deliver_webhooks(self._database, self._outages, anywhere=self._webhooks_anywhere):
            pass
        return SELDOM

    def _recheck(self) -> float:
        recheck(self._database, self._trust, self._quiet)
        fold_counts(self._database)
        fold_days(self._database)
        return RECHECK_EVERY

    def _audit(self) -> float:
        try:
            audited = audit_next(self._database, self._artefacts.store)
            sent, lost = audited.sent, [f"{audited.lost} pictures"] if audited.lost else []
            if audited.begins:
                of_versions = audit_versions(self._database, self._artefacts)
                sent, lost = sent + of_versions.sent, [*lost, *of_versions.lost]
                if swept := registry.sweep(self._database, self._artefacts.store):
                    log.info("%d files of versions that were never published are deleted.", len(swept))
                if shared := sweep_shared(self._artefacts.store):
                    log.info("%d files of drawings that nodes of a cluster read are deleted.", shared)
        except StoreUnavailable as error:
            self._outages.away("The audit", error.for_owner)
            return AUDIT_EVERY
        self._outages.back("The audit")
        if sent:
            log.info("The object store lacked %d objects, which are sent again.", sent)
        if lost:
            log.error("The object store has lost: %s. The command `audit` says more.", ", ".join(lost))
        return AUDIT_EVERY

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
        """Compile the trainers of each set, the oldest set first as on the pages; due quick runs have priority."""
        with self._database.reading() as session:
            sets = registry.symbol_sets(session)
        for symbols in reversed(sets):
            self._work_quick_runs(pool)
            try:
                self._compiling = True
                pool.warm_up(symbols, self._stop)
                _return_memory()
                log.info("The trainers of %s are ready.", symbols.name)
            except Exception:  # the first run then is slow, or reports the error
                log.exception("The trainers of %s could not be warmed up.", symbols.name)
            finally:
                self._compiling = False

    def _thread(
        self,
        name: str,
        niceness: int,
        act: Callable[[], float],
        wakeup: threading.Event,
        first: Callable[[], None] | None = None,
    ) -> None:
        def loop() -> None:
            lower_priority(niceness)
            wait, begin, failures = LOOK, first, 0
            while not self._stop.is_set():
                wakeup.clear()
                try:
                    if begin is not None:
                        begin()
                        begin = None
                    wait, failures = act(), 0
                except Exception as error:  # a thread must survive an unavailable database
                    wait = min(max(wait, LOOK) * 2, LONGEST_WAIT)
                    failures += 1
                    log.error("Cannot %s just now, next try in %.0f s.", name, wait, exc_info=error if failures == 1 else None)
                wakeup.wait(wait)

        thread = threading.Thread(target=loop, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()


def _return_memory() -> None:
    """Return freed memory to the system, which glibc keeps otherwise: TensorFlow frees hundreds of megabytes after a run."""
    if sys.platform.startswith("linux"):
        with suppress(OSError, AttributeError):  # other C libraries have no such function
            ctypes.CDLL(None).malloc_trim(0)
