"""The API of the audit log."""

from __future__ import annotations

import csv
import io

from flask.testing import FlaskClient

from functions.records.audit_log import CLI, Actor, note
from functions.web.platform import Platform

AUDIT = "/api/v1/audit"


def write(here: Platform) -> None:
    with here.database.writing() as session:
        note(session, CLI, "token_made", "=cmd()")
        note(session, Actor("token", "laptop"), "samples_rejected", "c", set_name="digits", count=2, were=[{"sample": "x"}])


def test_acts_come_in_pages_without_what_is_kept_to_undo_them(client: FlaskClient, here: Platform, owner: dict[str, str]) -> None:
    write(here)
    first = client.get(f"{AUDIT}?limit=1", headers=owner).json
    second = client.get(f"{AUDIT}?limit=1&cursor={first['next']}", headers=owner).json
    acts = {one["act"]: one for one in (*first["acts"], *second["acts"])}
    assert acts["samples_rejected"]["details"] == {"count": 2}
    assert acts["samples_rejected"]["set"] == "digits"
    assert set(acts) == {"token_made", "samples_rejected"}
    assert second["next"] is None
    assert [one["act"] for one in client.get(f"{AUDIT}?act=token_made", headers=owner).json["acts"]] == ["token_made"]
    assert client.get(AUDIT).status_code == 401


def test_the_csv_has_every_act_and_no_formula(client: FlaskClient, here: Platform, owner: dict[str, str]) -> None:
    write(here)
    answer = client.get(f"{AUDIT}.csv", headers=owner)
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert sorted(row["act"] for row in rows) == ["samples_rejected", "token_made"]
    assert next(row["object"] for row in rows if row["act"] == "token_made") == "'=cmd()"
    assert client.get(f"{AUDIT}.csv").status_code == 401
