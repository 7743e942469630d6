"""Read the versions of symbol sets, and activate them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from functions.domain.answer import LEARNERS
from functions.domain.problem import Problem
from functions.domain.webhooks import Event
from functions.errors import Conflict, UnknownVersion
from functions.records import outbox, webhooks
from functions.records.database import locked, strings
from functions.records.tables import Activation, Version
from functions.registry.version_facts import activation_object

# Literal text: with a bound parameter the partial index ix_versions_original is not used, and all versions are scanned.
SHIPPED = text("versions.original")
ALL_UP_TO = 200  # activations of a learner: of more than these, some are picked


def version(session: Session, version_id: str) -> Version:
    """Return a version; raise UnknownVersion if there is none with that id."""
    row = session.get(Version, version_id)
    if row is None:
        raise UnknownVersion(Problem("version_unknown"))
    return row


def versions(session: Session, set_name: str, *, limit: int, before: str | None = None) -> list[Version]:
    """Return up to ``limit`` versions of a set, newest first, older than the version ``before``."""
    question = select(Version).where(Version.set_name == set_name)
    if before is not None and (last := session.get(Version, before)) is not None:
        earlier = Version.created < last.created
        question = question.where(earlier | ((Version.created == last.created) & (Version.id < last.id)))
    return list(session.scalars(question.order_by(Version.created.desc(), Version.id.desc()).limit(limit)))


def newest_ids(session: Session, set_name: str, limit: int) -> list[str]:
    """Return the ids of the newest versions of a set, in descending order."""
    newest = select(Version.id).where(Version.set_name == set_name).order_by(Version.created.desc(), Version.id.desc())
    return strings(session, newest.limit(limit))


def live(session: Session, set_name: str) -> dict[str, Version]:
    """Return the live version of each learner."""
    return {row.learner: row for row in session.scalars(_activated(set_name, func.max))}


def original(session: Session, set_name: str) -> dict[str, Version]:
    """Return the newest shipped version of each learner; if none was shipped, the first activated version."""
    shipped = select(Version).where(Version.set_name == set_name, SHIPPED).order_by(Version.created, Version.id)
    questions = (_activated(set_name, func.min), shipped)
    return {row.learner: row for question in questions for row in session.scalars(question)}


def answered(session: Session, set_name: str, learner: str, limit: int) -> list[Version]:
    """Return up to ``limit`` versions of a learner that were live, the one that was live last first."""
    last = func.max(Activation.id)
    ids = select(Activation.version_id).where(Activation.set_name == set_name, Activation.learner == learner)
    ids = ids.group_by(Activation.version_id).order_by(last.desc()).limit(limit)
    return [version(session, one) for one in session.scalars(ids)]


def ever_live(session: Session, set_name: str, learner: str, some: int) -> list[tuple[str, datetime]]:
    """Return versions of a learner that were ever live, each with its first activation, in that order.

    All of them, or of many only ``some``: evenly spread, the first and the live one among them.
    """
    ids = select(Activation.id).where(Activation.set_name == set_name, Activation.learner == learner).order_by(Activation.id)
    chosen = list(session.scalars(ids.limit(ALL_UP_TO + 1)))
    if len(chosen) > ALL_UP_TO:
        first, last = chosen[0], session.scalars(ids.order_by(None).order_by(Activation.id.desc()).limit(1)).one()
        places = [first + round(number * (last - first) / (some - 1)) for number in range(some)]
        chosen = [one for place in places for one in session.scalars(ids.where(Activation.id >= place).limit(1))]
    named = select(Activation.version_id).where(Activation.id.in_(chosen))
    since = select(Activation.version_id, func.min(Activation.created)).where(Activation.version_id.in_(named))
    found = session.execute(since.group_by(Activation.version_id).order_by(func.min(Activation.id)))
    return [(version_id, moment) for version_id, moment in found]


def shipped(session: Session, set_name: str, learner: str) -> list[Version]:
    """Return the shipped versions of a learner, newest first."""
    of_set = select(Version).where(Version.set_name == set_name, SHIPPED).order_by(Version.created.desc(), Version.id.desc())
    return [row for row in session.scalars(of_set) if row.learner == learner]


def _activated(set_name: str, which: Callable[[Any], Any]) -> Select[Version]:
    """Select the versions of the newest (``max``) or first (``min``) activation of each learner, by one index look-up each."""
    ids = [
        select(which(Activation.id)).where(Activation.set_name == set_name, Activation.learner == learner).scalar_subquery()
        for learner in LEARNERS
    ]
    return select(Version).join(Activation, Activation.version_id == Version.id).where(Activation.id.in_(ids))


def is_of_older_form(version: Version) -> bool:
    """Tell whether a version is older than the rejection: its network lacks an output and cannot answer any more."""
    return version.card.get("rejects") is False


def activate(session: Session, version_id: str, by: str) -> Activation:
    """Activate a version, for a promotion or a rollback. To activate the live version changes nothing.

    Raises:
        UnknownVersion: there is none with that id.
        Conflict: it is of the older form, which cannot answer any more.
    """
    chosen = version(session, version_id)
    if is_of_older_form(chosen):
        raise Conflict(Problem("version_old"))
    locked(session, "activations")  # ids become visible in order, so the highest id shows whether there is a new one
    of_learner = select(Activation).where(Activation.set_name == chosen.set_name, Activation.learner == chosen.learner)
    newest = session.scalar(of_learner.order_by(Activation.id.desc()).limit(1))
    if newest is not None and newest.version_id == chosen.id:
        return newest
    activation = Activation(set_name=chosen.set_name, learner=chosen.learner, version_id=chosen.id, by=by[:64])
    session.add(activation)
    session.flush()
    outbox.send_new(session, activation_object(activation))  # the store alone can tell what was live when
    webhooks.tell(session, Event.VERSION_LIVE, chosen.set_name, learner=chosen.learner, version=chosen.id, by=activation.by)
    return activation


def latest_activation(session: Session) -> int:
    """Return the id of the newest activation, 0 if there is none."""
    return session.scalar(select(func.max(Activation.id))) or 0
