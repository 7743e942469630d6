"""The addresses of services: what cannot work is told in a sentence, and no sentence holds a password."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from functions import service_urls
from functions.errors import BadSettings


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h:5433/d?sslmode=require", "postgresql+psycopg://u:p@h:5433/d?sslmode=require"),
        ("postgresql+psycopg://u@[::1]/d", "postgresql+psycopg://u@[::1]/d"),
        ("postgresql:///d?host=/run/postgresql", "postgresql+psycopg:///d?host=/run/postgresql"),
        ("sqlite:////srv/ink.sqlite", "sqlite:////srv/ink.sqlite"),
    ],
)
def test_a_database_address_gets_its_driver(given: str, used: str) -> None:
    assert service_urls.database_url(given) == used


@pytest.mark.parametrize(
    ("check", "name", "given"),
    [
        (service_urls.database_url, "DATABASE_URL", "mysql://u:hidden@h/d"),
        (service_urls.database_url, "DATABASE_URL", "'postgres://u:hidden@h/d'"),
        (service_urls.database_url, "DATABASE_URL", "postgres://u:hidden@h/d "),
        (service_urls.database_url, "DATABASE_URL", "postgres://u:hidden@h:port/d"),
        (service_urls.database_url, "DATABASE_URL", "postgres://u:hidden@h"),
        (service_urls.database_url, "DATABASE_URL", "postgres://u:hidden@[::1/d"),
        (service_urls.database_url, "DATABASE_URL", "h:5432/d"),
        (service_urls.redis_url, "REDIS_URL", "http://:hidden@h"),
        (service_urls.redis_url, "REDIS_URL", '"redis://:hidden@h"'),
        (service_urls.endpoint_url, "S3_ENDPOINT_URL", "minio:9000"),
        (service_urls.endpoint_url, "S3_ENDPOINT_URL", "http://my_minio:9000"),
        (service_urls.endpoint_url, "S3_ENDPOINT_URL", "https://u:hidden@h"),
        (service_urls.endpoint_url, "S3_ENDPOINT_URL", "https://"),
        (service_urls.endpoint_url, "S3_ENDPOINT_URL", "https://h/?x=hidden"),
        (service_urls.bucket_name, "S3_BUCKET", "s3://bucket"),
        (service_urls.bucket_name, "S3_BUCKET", "bucket/folder"),
        (service_urls.bucket_name, "S3_BUCKET", "'bucket'"),
        (service_urls.host, "INKLOOP_HOST", "127.0.0.1:5000"),
        (service_urls.host, "INKLOOP_HOST", "::zz"),
        (service_urls.host, "INKLOOP_HOST", "http://h"),
        (service_urls.host, "INKLOOP_HOST", "a b"),
        (service_urls.ray_address, "INKLOOP_RAY", "ray-head"),
        (service_urls.ray_address, "INKLOOP_RAY", "ray://hidden@h:10001"),
        (service_urls.ray_address, "INKLOOP_RAY", "ray://h:port"),
        (service_urls.ray_address, "INKLOOP_RAY", "http://h:8265"),
        (service_urls.ray_address, "INKLOOP_RAY", "'auto'"),
        (service_urls.sentry_dsn, "SENTRY_DSN", "hidden"),
        (service_urls.sentry_dsn, "SENTRY_DSN", "https://o1.ingest.sentry.io/2"),
        (service_urls.sentry_dsn, "SENTRY_DSN", "https://hidden@o1.ingest.sentry.io/"),
        (service_urls.sentry_dsn, "SENTRY_DSN", "https://hidden@o1.ingest.sentry.io/project"),
    ],
)
def test_an_address_that_cannot_work_is_named_and_not_shown(check: Callable[[str], str], name: str, given: str) -> None:
    with pytest.raises(BadSettings, match=name) as told:
        check(given)
    assert "hidden" not in str(told.value)


@pytest.mark.parametrize("given", ["https://s3.example.com", "http://minio:9000", "http://127.0.0.1:9000", "http://[::1]:9000/"])
def test_the_address_of_a_server_that_speaks_s3_is_kept_as_it_is(given: str) -> None:
    assert service_urls.endpoint_url(given) == given


@pytest.mark.parametrize(
    ("given", "used"),
    [("::1", "::1"), ("[::1]", "::1"), ("::", "::"), ("[::]", "::"), ("0.0.0.0", "0.0.0.0"), ("a.local", "a.local")],
)
def test_an_ipv6_address_to_listen_at_may_have_brackets(given: str, used: str) -> None:
    assert service_urls.host(given) == used


@pytest.mark.parametrize("given", ["https://key@o1.ingest.sentry.io/2", "http://key:secret@sentry.example/base/12"])
def test_the_address_of_a_sentry_project_is_kept_as_it_is(given: str) -> None:
    assert service_urls.sentry_dsn(given) == given


@pytest.mark.parametrize("given", ["auto", "ray://ray-head:10001", "10.0.0.7:6379", "ray://[fd00::7]:10001"])
def test_the_address_of_a_ray_cluster_is_kept_as_it_is(given: str) -> None:
    assert service_urls.ray_address(given) == given
