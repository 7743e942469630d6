from __future__ import annotations

import json
import logging

from functions.domain.log_line import OWN, JsonLine


def record(message: str, *arguments: object, error: BaseException | None = None, **facts: object) -> logging.LogRecord:
    found = None if error is None else (type(error), error, None)
    made = logging.LogRecord("inkloop", logging.WARNING, "a.py", 1, message, arguments, found)
    setattr(made, OWN, facts)
    return made


def test_a_line_has_a_time_a_level_a_process_a_sentence_and_its_facts() -> None:
    line = json.loads(JsonLine("worker").format(record("Run %s begins.", "r1", run="r1", attempt=2)))
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "warning", "process": "worker", "event": "Run r1 begins.", "run": "r1", "attempt": 2}


def test_whatever_is_said_it_is_one_line_of_plain_characters() -> None:
    line = JsonLine("web").format(record("a\nb\x1b[31m\u2028", error=ValueError("x\ny"), path=object()))
    assert line.isascii() and line.isprintable()
    assert "ValueError" in json.loads(line)["error"]
