"""The owner's page of settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from functions.settings import ROOT, Bucket, Settings
from functions.web.pages.admin_settings import GROUPS
from tests.support.pages import sign_in

EVERY = {one.name: one for group in GROUPS.values() for one in group}


def test_the_page_has_every_setting_that_is_documented() -> None:
    table = (ROOT / "docs" / "running.md").read_text("utf-8").partition("| variable |")[2].partition("\n\n")[0]
    documented = {name for row in table.splitlines()[2:] for name in re.findall(r"`([A-Z][A-Z0-9_]+)`", row.split(" | ")[0])}
    assert set(EVERY) <= documented <= set(EVERY) | {alias for one in EVERY.values() for alias in one.aliases}


def test_values_are_shown_and_secrets_are_not(make_app: Callable[..., Flask], settings: Callable[..., Settings]) -> None:
    app = make_app(
        trust="moderated",
        redis_url="redis://user:hush1@cache:6379/0",
        metrics_token="hush2" * 8,
        given=frozenset({"INKLOOP_TRUST", "ADMIN_PASSWORD"}),
        limits=True,
    )
    client = app.test_client()
    sign_in(client)
    page = client.get("/admin/settings").text
    assert "redis://cache:6379/0" in page
    for secret in ("hush", "the owner's password", "the owner&#39;s password", app.extensions["inkloop"].settings.secret_key):
        assert secret not in page
    assert len(re.findall("state state-live", page)) == 2
    assert "kept in a file" in page


@pytest.mark.parametrize(
    ("name", "given", "source"),
    [
        ("PORT", {"PORT"}, "environment"),
        ("PORT", set(), "default"),
        ("SECRET_KEY", set(), "file"),
        ("S3_BUCKET", {"BUCKET_NAME"}, "environment"),
    ],
)
def test_every_setting_says_where_it_comes_from(tmp_path: Path, name: str, given: set[str], source: str) -> None:
    used = Settings(home=tmp_path, database_url="postgresql+psycopg://u:hush@h/d", secret_key="k", given=frozenset(given))
    assert EVERY[name].source(used) == source
    assert "hush" not in (EVERY["DATABASE_URL"].value(used) or "")


def test_the_parts_of_a_bucket_are_shown(tmp_path: Path) -> None:
    used = Settings(home=tmp_path, database_url="sqlite://", secret_key="k", bucket=Bucket("drawings", prefix="x"))
    shown = {name: EVERY[name].value(used) for name in ("S3_BUCKET", "S3_PREFIX", "S3_ENDPOINT_URL")}
    assert shown == {"S3_BUCKET": "drawings", "S3_PREFIX": "x", "S3_ENDPOINT_URL": None}
