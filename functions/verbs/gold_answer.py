"""The verb *check*: a contributor's answer to a gold question is recorded."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from functions import registry
from functions.errors import Conflict
from functions.records.contributors import ensure_contributor
from functions.records.database import Database
from functions.records.evidence_log import look_alikes
from functions.records.tables import GoldAnswer


def gold_answer(database: Database, set_name: str, question: str, label: str, *, answered: str | None, contributor: str) -> bool:
    """Record whether a contributor's answer to a question is the true ``label`` or a look-alike, and return it.

    Raises:
        UnknownSet, BadLabel: the set, or the label of the answer, does not exist.
        Conflict: the question was answered before.
    """
    try:
        with database.writing() as session:
            symbols = registry.symbol_set(session, set_name)
            if answered is not None:
                symbols.index(answered)
            right = answered in look_alikes(symbols, label)
            ensure_contributor(session, contributor)
            session.add(GoldAnswer(id=question, set_name=set_name, contributor_id=contributor, right=right))
    except IntegrityError:
        raise Conflict("This question was answered before.") from None
    return right
