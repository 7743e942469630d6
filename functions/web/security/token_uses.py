"""Notes when tokens were last used, without making a write of every request."""

from __future__ import annotations

import time
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from functions.errors import Unavailable
from functions.records.database import Database
from functions.records.tokens import note_use

PAUSE = 600  # seconds between two tries for one token: a database that cannot write must not delay each request that reads


class TokenUses:
    """Which tokens this process has tried to note, and when. At worst two threads try at once, which changes nothing."""

    def __init__(self) -> None:
        self._tried: dict[str, float] = {}

    def note(self, database: Database, token_id: str) -> None:
        """Note a use that is due; a database that cannot be written leaves it out."""
        moment = time.monotonic()
        if moment - self._tried.get(token_id, -PAUSE) < PAUSE:
            return
        self._tried[token_id] = moment
        with suppress(SQLAlchemyError, Unavailable), database.writing() as session:
            note_use(session, token_id)
