"""A release with a migration while processes of the release before it answer: no request fails."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from sqlalchemy import func, select, text

from functions.records.database import open_database
from functions.records.tables import Sample
from functions.settings import Bucket
from tests.support.factories import seeded
from tests.support.load import Load
from tests.support.web_server import web_server
from tests.torture.installation import wait

pytestmark = [pytest.mark.long_run, pytest.mark.timeout(600)]
# What a later release's migration may do: it adds, and leaves what the release before it needs.
MIGRATION = (
    "ALTER TABLE samples ADD COLUMN of_a_later_release TEXT",
    "ALTER TABLE outbox ADD COLUMN of_a_later_release INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX ix_samples_of_a_later_release ON samples (set_name, of_a_later_release)",
    "CREATE TABLE later_release (id TEXT PRIMARY KEY)",
    "UPDATE alembic_version SET version_num = '9999'",
)


def test_no_request_fails_while_a_release_migrates_and_replaces_the_processes(
    postgres_url: str, minio: Bucket, tmp_path: Path
) -> None:
    database = seeded(open_database(postgres_url), tmp_path / "models")
    environ = {
        "DATABASE_URL": postgres_url,
        "S3_BUCKET": minio.name,
        "S3_ENDPOINT_URL": minio.endpoint or "",
        "AWS_ACCESS_KEY_ID": minio.access_key or "",
        "AWS_SECRET_ACCESS_KEY": minio.secret_key or "",
        "SECRET_KEY": "the same for all of them",
        "ADMIN_PASSWORD": "only for these tests",
        "INKLOOP_MODELS": str(tmp_path / "models"),
    }
    with ExitStack() as stack:
        old = [stack.enter_context(web_server(tmp_path / f"old-{place}", "main:app", **environ)) for place in range(2)]
        for server in old:
            wait(lambda server=server: requests.get(f"http://127.0.0.1:{server.port}/readyz", timeout=60).ok)  # type: ignore[misc]
        with Load([f"http://127.0.0.1:{server.port}" for server in old]) as load:
            wait(lambda: load.count() > 40)
            for statement in MIGRATION:
                with database.engine.begin() as connection:
                    connection.execute(text(statement))
            migrated = load.count()
            wait(lambda: load.count() > migrated + 40)
            for place, server in enumerate(old):  # one after the other, as a platform does
                new = stack.enter_context(web_server(tmp_path / f"new-{place}", "main:app", **environ))
                there = f"http://127.0.0.1:{new.port}"
                wait(lambda there=there: requests.get(f"{there}/readyz", timeout=60).ok)  # type: ignore[misc]
                load.add(there)
                load.take_out(f"http://127.0.0.1:{server.port}")
                time.sleep(0.2)  # a request that was chosen just before has been sent
                server.process.terminate()
                assert server.process.wait(60) == 0
            replaced = load.count()
            wait(lambda: load.count() > replaced + 40)
    print(f"\n{load.count()} requests, {migrated} of them before the migration's end: {dict(load.statuses)}")
    assert load.errors == []
    assert set(load.statuses) == {("samples", 201), ("predictions", 200)}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Sample)) == load.statuses["samples", 201]
    database.engine.dispose()
