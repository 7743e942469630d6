from __future__ import annotations

from dataclasses import replace

import pytest

from functions.errors import StoreUnavailable, Unavailable
from functions.settings import Bucket
from functions.store.s3 import S3Store
from tests import servers


def _calls(store: S3Store) -> list[object]:
    return [
        lambda: store.put("a/b", b"x", "text/plain"),
        lambda: store.put_new("a/b", b"x", "text/plain"),
        lambda: store.get("a/b"),
        lambda: store.exists("a/b"),
        lambda: store.sha256("a/b"),
        lambda: store.delete("a/b"),
        lambda: list(store.keys("")),
    ]


def test_wrong_keys_to_the_bucket_are_a_store_that_is_unavailable(minio: Bucket) -> None:
    for wrong in (replace(minio, secret_key="not the secret"), replace(minio, access_key="nobody")):
        for call in _calls(S3Store(wrong)):
            with pytest.raises(StoreUnavailable) as refused:
                call()
            assert "not the secret" not in str(refused.value)


def test_a_server_that_is_away_is_a_store_that_is_unavailable() -> None:
    nobody = Bucket("b", endpoint=f"http://127.0.0.1:{servers.free_port()}", access_key="a", secret_key="s")
    for call in _calls(S3Store(nobody)):
        with pytest.raises(Unavailable):
            call()


def test_a_bucket_that_does_not_exist_is_no_missing_object(minio: Bucket) -> None:
    store = S3Store(replace(minio, name="inkloop-never-made"))
    for call in (lambda: store.get("a/b"), lambda: store.put("a/b", b"", "x/y"), lambda: list(store.keys(""))):
        with pytest.raises(StoreUnavailable):
            call()


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"name": "inkloop-there-is-none"}, "S3_BUCKET"),
        ({"access_key": "stranger"}, "AWS_ACCESS_KEY_ID"),
        ({"secret_key": "not the key of it"}, "AWS_SECRET_ACCESS_KEY"),
        ({"endpoint": "http://127.0.0.1:9"}, "S3_ENDPOINT_URL"),
    ],
)
def test_the_owner_reads_which_variable_is_wrong(minio: Bucket, wrong: dict[str, str], named: str) -> None:
    store = S3Store(replace(minio, **wrong))
    for use in (lambda: store.put("samples/a.png", b"png", "image/png"), lambda: next(store.keys(), None)):
        with pytest.raises(StoreUnavailable) as told:
            use()
        assert named in told.value.for_owner
        assert named not in str(told.value)  # strangers read this


def test_two_prefixes_share_a_bucket_without_seeing_each_other(minio: Bucket, s3_owner: object) -> None:
    one, two = S3Store(replace(minio, prefix="ink/one")), S3Store(replace(minio, prefix="ink/two"))
    one.put("samples/a.png", b"1", "image/png")
    two.put("samples/b.png", b"2", "image/png")
    assert list(one.keys("")) == ["samples/a.png"]
    assert list(two.keys("samples/")) == ["samples/b.png"]
    assert not one.exists("samples/b.png")
    assert s3_owner.get_object(Bucket=minio.name, Key="ink/one/samples/a.png")["Body"].read() == b"1"


def test_the_content_type_is_kept(minio: Bucket, s3_owner: object) -> None:
    S3Store(minio).put("a.png", b"1", "image/png")
    assert s3_owner.head_object(Bucket=minio.name, Key="a.png")["ContentType"] == "image/png"
