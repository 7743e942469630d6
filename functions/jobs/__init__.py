"""Background work: the ``runs`` table is the truth about who works on what."""

from functions.jobs.leases import (
    KINDS,
    Lease,
    beat,
    close,
    finish,
    hand_back,
    hold,
    holding,
    is_due,
    lease,
    set_back,
)
from functions.jobs.reconcile import reconcile
from functions.jobs.runs import begin_import, cancel, next_due, queued, request, request_export, request_import, run, runs
from functions.records.runs import EXPORT, FULL, IMPORT, QUICK, Kind, TrainingKind

__all__ = [
    "EXPORT",
    "FULL",
    "IMPORT",
    "KINDS",
    "QUICK",
    "Kind",
    "Lease",
    "TrainingKind",
    "beat",
    "begin_import",
    "cancel",
    "close",
    "finish",
    "hand_back",
    "hold",
    "holding",
    "is_due",
    "lease",
    "next_due",
    "queued",
    "reconcile",
    "request",
    "request_export",
    "request_import",
    "run",
    "runs",
    "set_back",
]
