"""The audit log: every act of the owner, written in the same transaction as the act. Rows are only ever added.

A trigger of the database refuses to change or delete a row (migration 0020). The log holds no address and no secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from functions.records.database import locked
from functions.records.tables import AuditRow, Setting, Token, new_id, now

Subject = Literal["", "sample", "contributor", "version", "run", "set", "token", "export", "webhook"]

# Every act by its code, with what its object is. A new code needs the words ``audit.act.CODE`` too.
ACTS: dict[str, Subject] = {
    "signed_in": "",
    "sign_in_failed": "",
    "signed_out": "",
    "signed_out_everywhere": "",
    "password_made": "",
    "sample_accepted": "sample",
    "sample_rejected": "sample",
    "sample_relabelled": "sample",
    "decision_undone": "sample",
    "samples_accepted": "contributor",
    "samples_rejected": "contributor",
    "decisions_undone": "contributor",
    "sample_withdrawn": "sample",
    "contributor_retracted": "contributor",
    "version_activated": "version",
    "run_requested": "run",
    "run_cancelled": "run",
    "set_created": "set",
    "set_changed": "set",
    "set_deleted": "set",
    "label_added": "set",
    "token_made": "token",
    "token_revoked": "token",
    "export_taken": "export",
    "export_requested": "run",
    "export_deleted": "run",
    "import_requested": "run",
    "import_begun": "run",
    "imported": "set",
    "settings_changed": "",
    "webhook_made": "webhook",
    "webhook_tested": "webhook",
    "webhook_removed": "webhook",
}
FAILURES_AN_HOUR = 60  # more are counted only: the table must not grow with what strangers try
FAILURES = "failed_sign_ins"  # the setting that counts them since the last sign-in


@dataclass(frozen=True)
class Actor:
    """Who acts: a browser's ``session``, a ``token`` by its name, the ``cli``, the ``platform`` itself, or a ``stranger``."""

    kind: Literal["session", "token", "cli", "platform", "stranger"]
    name: str = ""


CLI, STRANGER, PLATFORM = Actor("cli"), Actor("stranger"), Actor("platform")


@dataclass(frozen=True)
class AuditFilter:
    """What a list of acts is restricted to; None and "" restrict nothing. ``object`` is an id."""

    act: str | None = None
    actor: str | None = None
    object: str | None = None
    set_name: str | None = None


def note(
    session: Session, by: Actor | None, act: str, object: str = "", *, set_name: str | None = None, **details: Any
) -> str | None:
    """Write an act into the log, in the caller's transaction, and return its id; without an actor it is nobody's act."""
    if by is None:
        return None
    if act not in ACTS:
        raise LookupError(f"ACTS must say what the act {act!r} is done to.")
    row = AuditRow(
        id=new_id(), act=act, actor_kind=by.kind, actor=by.name[:64], object=object[:64], set_name=set_name, details=details
    )
    session.add(row)
    return row.id


def note_failure(session: Session) -> None:
    """Write a wrong password into the log, and count it; beyond ``FAILURES_AN_HOUR`` it is counted only."""
    locked(session, FAILURES)
    counted = session.get(Setting, FAILURES)
    if counted is None:
        session.add(counted := Setting(name=FAILURES, value="0"))
    counted.value = str(int(counted.value) + 1)
    recent = select(func.count()).where(AuditRow.act == "sign_in_failed", AuditRow.created > now() - timedelta(hours=1))
    if (session.scalar(recent) or 0) < FAILURES_AN_HOUR:
        note(session, STRANGER, "sign_in_failed", count=int(counted.value))


def note_sign_in(session: Session, by: Actor) -> None:
    """Write a sign-in into the log, with the number of wrong passwords since the one before."""
    counted = session.get(Setting, FAILURES)
    note(session, by, "signed_in", failed_before=0 if counted is None else int(counted.value))
    if counted is not None:
        counted.value = "0"


def audit_row(session: Session, row_id: str) -> AuditRow | None:
    """Return one act."""
    return session.get(AuditRow, row_id)


def page_of_acts(session: Session, chosen: AuditFilter, *, limit: int, before: str | None = None) -> list[AuditRow]:
    """Return up to ``limit`` acts, newest first, older than the act ``before``."""
    question = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    if before is not None:
        question = question.where(AuditRow.id < before)
    for name, value in vars(chosen).items():
        if value:
            question = question.where(getattr(AuditRow, name) == value)
    return list(session.scalars(question))


def all_acts(session: Session, chosen: AuditFilter, at_once: int = 500) -> Iterator[AuditRow]:
    """Yield every act, newest first."""
    before: str | None = None
    while rows := page_of_acts(session, chosen, limit=at_once, before=before):
        yield from rows
        before = rows[-1].id


def actors(session: Session) -> list[str]:
    """Return the names of tokens that have acted, sorted."""
    acted = exists().where(AuditRow.actor == Token.name, AuditRow.actor_kind == "token")
    return sorted(session.scalars(select(Token.name).where(acted).distinct()))
