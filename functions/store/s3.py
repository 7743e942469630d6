"""An S3 bucket as object store, at Amazon or elsewhere. Only this module imports boto3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.errors import MissingObject, StoreUnavailable
from functions.settings import Bucket
from functions.store.base import checked

MISSING = {"NoSuchKey", "404"}
EXISTS = {"PreconditionFailed", "412"}
BUSY = {"ConditionalRequestConflict", "409"}  # two conditional puts at once: try again
TRIES = 3  # with the timeouts below, a call ends within half a minute, well within an outbox claim


class S3Store:
    """Keeps objects in a bucket, below the bucket's prefix."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket.name
        self._above = f"{bucket.prefix}/" if bucket.prefix else ""
        self._client: Any = _client(bucket)  # thread-safe, unlike boto3's sessions and resources

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write an object completely and durably."""
        with _telling():
            self._client.put_object(**self._at(key), Body=body, ContentType=content_type)

    def put_new(self, key: str, body: bytes, content_type: str) -> bool:
        """Write an object unless it exists; the bucket decides, also between processes.

        If the answer of a successful put is lost, the retry returns False although this call wrote the object.
        """
        for _ in range(TRIES):
            with _telling():
                try:
                    self._client.put_object(**self._at(key), Body=body, ContentType=content_type, IfNoneMatch="*")
                    return True
                except ClientError as error:
                    if _code(error) in EXISTS:
                        return False
                    if _code(error) not in BUSY:
                        raise
        raise StoreUnavailable("The bucket is busy with this object; try again.")

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        with _telling():
            body: bytes = self._client.get_object(**self._at(key))["Body"].read()
            return body

    def exists(self, key: str) -> bool:
        """Tell whether there is an object."""
        try:
            with _telling():
                self._client.head_object(**self._at(key))
        except MissingObject:
            return False
        return True

    def delete(self, key: str) -> None:
        """Delete an object if it exists."""
        with _telling():
            self._client.delete_object(**self._at(key))

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys that start with ``prefix``, sorted."""
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._above + prefix)
        with _telling():
            for page in pages:
                for entry in page.get("Contents", ()):
                    yield entry["Key"].removeprefix(self._above)

    def _at(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._above + checked(key)}


def _client(bucket: Bucket) -> Any:
    custom = bucket.endpoint is not None
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if custom else "auto"},
        connect_timeout=3,
        read_timeout=6,
        retries={"mode": "standard", "total_max_attempts": TRIES},
        max_pool_connections=16,
        # Many servers that speak S3 refuse the checksum trailers that boto3 adds by itself.
        request_checksum_calculation="when_required" if custom else "when_supported",
        response_checksum_validation="when_required" if custom else "when_supported",
    )
    session = Session(aws_access_key_id=bucket.access_key, aws_secret_access_key=bucket.secret_key, region_name=bucket.region)
    return session.client("s3", endpoint_url=bucket.endpoint, config=config)


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _code(error) in MISSING:
            raise MissingObject("There is no such object.") from None
        raise StoreUnavailable(f"The bucket refused: {_code(error)}.") from error
    except BotoCoreError as error:
        raise StoreUnavailable(f"The bucket cannot be reached just now ({type(error).__name__}).") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
