from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from typing import Any

import pytest

from functions.domain.webhooks import Event
from functions.records.database import Database
from functions.records.webhooks import create_webhook, find_webhook, send_test
from functions.settings import ROOT
from functions.store.outage_log import OutageLog
from functions.worker.webhook_post import Undelivered
from functions.worker.webhooks import deliver_webhooks

log = logging.getLogger("test")


class Receiver:
    """Keeps what it gets, or refuses it."""

    def __init__(self, refuses: str = "") -> None:
        self.got: list[tuple[str, bytes, Mapping[str, str]]] = []
        self.refuses = refuses

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str], *, anywhere: bool) -> None:
        self.got.append((url, body, headers))
        if self.refuses:
            raise Undelivered(self.refuses)


@pytest.fixture
def webhook(database: Database) -> str:
    with database.writing() as session:
        made = create_webhook(session, "https://bot.example/x", [Event.VERSION_LIVE])
        send_test(session, made.id)
    return made.id


def the_check_of_the_documentation() -> Any:
    """Return ``is_genuine`` as docs/api.md shows it to receivers."""
    text = (ROOT / "docs" / "api.md").read_text()
    example = next(code for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "def is_genuine" in code)
    names: dict[str, Any] = {}
    exec(example, names)
    return names["is_genuine"]


def test_the_documented_check_accepts_a_message_and_nothing_else(database: Database, webhook: str) -> None:
    receiver, is_genuine = Receiver(), the_check_of_the_documentation()
    assert deliver_webhooks(database, OutageLog(log), anywhere=False, send=receiver)
    ((_, body, headers),) = receiver.got
    with database.reading() as session:
        secret = find_webhook(session, webhook).secret
    assert is_genuine(secret, headers, body)
    assert not is_genuine(secret, headers, body + b" ")
    assert not is_genuine("whsec_AAAA", headers, body)
    assert not is_genuine(secret, {**headers, "webhook-id": "another"}, body)
    old = {**headers, "webhook-timestamp": str(int(time.time()) - 600)}
    assert not is_genuine(secret, old, body)
    assert not deliver_webhooks(database, OutageLog(log), anywhere=False, send=receiver)


def test_a_failing_webhook_is_logged_once_and_its_result_is_kept(
    database: Database, webhook: str, caplog: pytest.LogCaptureFixture
) -> None:
    outages = OutageLog(log)
    for number in range(3):
        with database.writing() as session:
            send_test(session, webhook)
        deliver_webhooks(database, outages, anywhere=False, send=Receiver(f"The receiver answered 50{number}."))
    with database.reading() as session:
        assert find_webhook(session, webhook).error == "The receiver answered 502."
    assert [line for line in caplog.messages if "bot.example" in line] == [caplog.messages[0]]
    assert "secret" not in caplog.text
