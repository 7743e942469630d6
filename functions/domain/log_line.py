"""A line of the log as JSON, for programs that collect logs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

OWN = "facts"  # the attribute of a record with what the line says beside its sentence: ``log.info("...", extra={OWN: {...}})``


class JsonLine(logging.Formatter):
    """Formats a record as one line of JSON: time (UTC), level, process, event (a sentence), the record's facts, and an error."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "event": record.getMessage(),
            **getattr(record, OWN, {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)
