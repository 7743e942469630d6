"""The verb *check*: what a contributor makes of a known drawing goes into their record."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError

from functions import registry
from functions.dataset.gold_questions import GoldQuestion
from functions.errors import Conflict
from functions.records.contributors import ensure_contributor
from functions.records.database import Database
from functions.records.evidence_log import look_alikes
from functions.records.tables import GoldAnswer


def gold_answer(
    database: Database, *, set_name: str, question: str, known: GoldQuestion, label: str | None, contributor: str
) -> bool:
    """Keep whether a contributor named a known drawing rightly, and return it; a look-alike is right too.

    Raises:
        UnknownSet, BadLabel: the set or the label does not exist.
        Conflict: the question was answered before.
    """
    try:
        with database.writing() as session:
            symbols = registry.symbol_set(session, set_name)
            if label is not None:
                symbols.index(label)
            right = label in look_alikes(symbols, known.label)
            ensure_contributor(session, contributor)
            session.add(GoldAnswer(id=question, set_name=set_name, contributor_id=contributor, right=right))
    except IntegrityError:
        raise Conflict("This question was answered before.") from None
    return right
