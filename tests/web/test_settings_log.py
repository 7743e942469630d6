"""What the log says about settings that changed between two starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from functions.records.audit_log import AuditFilter, all_acts
from functions.records.database import Database
from functions.settings import Settings
from functions.web.settings_log import note_changes


def test_a_start_with_other_settings_is_written_once_without_secrets(
    database: Database, settings: Callable[..., Settings]
) -> None:
    used = settings(trust="review", metrics_token=None)
    changed = replace(used, trust="moderated", metrics_token="hush" * 8, port=5001)
    for each in (used, used, changed, changed):
        note_changes(database, each)
    with database.reading() as session:
        acts = list(all_acts(session, AuditFilter()))
    assert [(row.act, row.actor_kind) for row in acts] == [("settings_changed", "platform")]
    assert acts[0].details == {"INKLOOP_TRUST": ["review", "moderated"], "INKLOOP_METRICS_TOKEN": ["", "set"]}
