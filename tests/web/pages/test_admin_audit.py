"""The owner's page of the audit log."""

from __future__ import annotations

from flask.testing import FlaskClient

from functions.records.audit_log import CLI, note
from functions.records.tables import AuditRow
from functions.web.pages.admin_audit import ROWS_ON_PAGE, figures
from functions.web.pages.translations import words
from functions.web.platform import Platform
from tests.support.pages import sign_in


def test_the_log_is_filtered_and_leads_to_older_acts(client: FlaskClient, here: Platform) -> None:
    with here.database.writing() as session:
        for number in range(ROWS_ON_PAGE):
            note(session, CLI, "token_made", f"token {number}")
    sign_in(client)
    page = client.get("/admin/audit").text
    assert "Signed in" in page.partition("<tbody>")[2] or "cursor=" in page
    assert "cursor=" in page
    only = client.get("/admin/audit?act=signed_in").text.partition("<tbody>")[2]
    assert "Signed in" in only
    assert "token 1" not in only
    assert "token 7" in client.get("/admin/audit?object=token+7").text.partition("<tbody>")[2]
    assert "Nothing matches." in client.get("/admin/audit?object=nothing").text


def test_figures_are_told_in_the_language_of_the_page() -> None:
    changed = AuditRow(
        act="set_changed", details={"title": ["", "Runes"], "hidden": [False, True], "labels": [["a"], ["a", "b"]]}
    )
    assert figures(changed, words("en")) == "title: — → Runes; hidden: no → yes; labels: a → a b"
    decided = AuditRow(act="samples_rejected", details={"count": 1200, "were": [{}]})
    assert figures(decided, words("ru")) == "число: 1\u00a0200"
