"""A bucket or a Redis that refuses ends a first start; it ends nothing once somebody has drawn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from redis.exceptions import AuthenticationError, ConnectionError

from functions import registry
from functions.errors import BadSettings
from functions.records.database import Database
from functions.registry.first_start import require_services, why_no_redis
from functions.settings import Bucket, Settings
from functions.store.s3 import S3Store
from tests.support.factories import add_sample
from tests.support.tiny_models import ship


@pytest.fixture
def good(minio: Bucket, tmp_path: Path) -> Settings:
    ship(tmp_path / "models")
    environ = {"INKLOOP_HOME": str(tmp_path / "home"), "INKLOOP_MODELS": str(tmp_path / "models")}
    return replace(Settings.from_env(environ), bucket=minio)


@pytest.fixture
def database(good: Settings) -> Database:
    return registry.bootstrap(good)


def test_a_bucket_that_accepts_is_left_as_it_was(good: Settings, database: Database, minio: Bucket) -> None:
    require_services(database, good)
    assert list(S3Store(minio).keys("checks/")) == []


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"name": "nothing-here"}, "S3_BUCKET"),
        ({"access_key": "nobody"}, "AWS_ACCESS_KEY_ID"),
        ({"secret_key": "no"}, "AWS_SECRET_ACCESS_KEY"),
    ],
)
def test_a_bucket_that_refuses_ends_a_first_start(good: Settings, minio: Bucket, change: dict[str, str], variable: str) -> None:
    with pytest.raises(BadSettings, match=variable):
        registry.bootstrap(replace(good, bucket=replace(minio, **change)))


def test_a_bucket_that_refuses_ends_nothing_once_somebody_has_drawn(good: Settings, database: Database, minio: Bucket) -> None:
    with database.writing() as session:
        add_sample(session)
    require_services(database, replace(good, bucket=replace(minio, name="nothing-here")))


def test_what_does_not_answer_is_no_mistake(good: Settings, database: Database, minio: Bucket) -> None:
    away = replace(minio, endpoint="http://127.0.0.1:1")
    require_services(database, replace(good, bucket=away, redis_url="redis://127.0.0.1:1"))


@pytest.mark.parametrize(
    ("error", "state", "told"),
    [
        (ConnectionError("Error 1: [SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"), "wrong", "?ssl_cert_reqs=none"),
        (ConnectionError("Error 1: [SSL: WRONG_VERSION_NUMBER] wrong version number"), "wrong", "redis://"),
        (AuthenticationError("invalid username-password pair"), "wrong", "password"),
        (ConnectionError("Error 111 connecting to h:6379. Connection refused."), "away", "REDIS_URL"),
    ],
)
def test_the_errors_of_redis_are_told_with_what_to_set(error: Exception, state: str, told: str) -> None:
    found, said = why_no_redis(error)
    assert found == state
    assert told in said
