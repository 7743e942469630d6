"""Background work: the ``runs`` table is the truth about who works on what."""

from functions.jobs.leases import KINDS, Lease, beat, close, finish, hand_back, hold, holding, is_due, lease, set_back
from functions.jobs.reconcile import reconcile
from functions.jobs.runs import next_due, queued, request, run, runs
from functions.records.runs import FULL, QUICK, Kind

__all__ = [
    "FULL",
    "KINDS",
    "QUICK",
    "Kind",
    "Lease",
    "beat",
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
    "run",
    "runs",
    "set_back",
]
