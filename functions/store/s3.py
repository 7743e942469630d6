"""An S3 bucket as object store, at Amazon or elsewhere. Only this module imports boto3.

Deliveries use ``_Requests``: boto3 takes three times as much processor time for a put as its own signer and connections alone.
Whatever they do not do at the first try is done by boto3, which repeats calls, follows regions and reads errors.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any
from urllib.parse import quote, urlsplit

from boto3.session import Session
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from functions.domain.problem import Problem
from functions.errors import MissingObject, StoreUnavailable
from functions.settings import Bucket
from functions.store.base import checked

MISSING = {"NoSuchKey", "404"}
EXISTS = {"PreconditionFailed", "412"}
BUSY = {"ConditionalRequestConflict", "409"}  # two conditional puts at once: try again
_KEYS = Problem("advice_keys")
_REGION, _ENDPOINT = Problem("advice_region"), Problem("advice_endpoint")
ADVICE = {  # by the code of an answer, or by the name of an error of boto3
    "NoSuchBucket": Problem("advice_no_bucket"),
    "InvalidBucketName": Problem("advice_bucket_name"),
    "InvalidAccessKeyId": Problem("advice_key_unknown"),
    "SignatureDoesNotMatch": Problem("advice_secret"),
    "RequestTimeTooSkewed": Problem("advice_clock"),
    "XMinioStorageFull": Problem("advice_full"),
    **dict.fromkeys(("AccessDenied", "403", "AllAccessDisabled", "ExpiredToken", "InvalidToken"), _KEYS),
    **dict.fromkeys(("NoCredentialsError", "PartialCredentialsError"), Problem("advice_set_keys")),
    **dict.fromkeys(("PermanentRedirect", "301", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"), _REGION),
    **dict.fromkeys(("EndpointConnectionError", "ConnectTimeoutError", "InvalidEndpoint"), _ENDPOINT),
    **dict.fromkeys(("405", "501"), "Nothing there speaks S3; see S3_ENDPOINT_URL."),
    "SSLError": "There is no TLS that can be trusted at S3_ENDPOINT_URL.",
}
TRIES = 2  # with the timeouts below and the request before boto3's, a call ends within half a minute, well within a claim
PART = 8 * 2**20  # bytes of a part: objects of up to 80 GiB
CONNECTIONS = 32  # more than the threads of a process that call the bucket at once
SHA256 = "x-amz-checksum-sha256"


class S3Store:
    """Keeps objects in a bucket, below the bucket's prefix."""

    def __init__(self, bucket: Bucket, *, patience: float | None = None) -> None:
        """With ``patience``, a request gets so many seconds, and is repeated once at most."""
        self._bucket = bucket.name
        self._above = f"{bucket.prefix}/" if bucket.prefix else ""
        session = Session(aws_access_key_id=bucket.access_key, aws_secret_access_key=bucket.secret_key, region_name=bucket.region)
        self._client: Any = _client(session, bucket, patience)  # thread-safe, unlike boto3's sessions and resources
        self._requests = _Requests(session, self._client, bucket)

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Write an object completely and durably."""
        place = self._at(key)
        if self._requests.put(place["Key"], body, content_type):
            return
        with _telling():
            self._client.put_object(**place, Body=body, ContentType=content_type)

    def sha256(self, key: str) -> str | None:
        """Return the SHA-256 of an object's bytes: the bucket's own, if it keeps one, else that of the bytes it gives back."""
        place = self._at(key)
        status, headers = self._requests.head(place["Key"])
        if status == 404:
            return None
        if status == 200 and SHA256 in headers:
            return b64decode(headers[SHA256]).hex()
        try:
            return hashlib.sha256(self.get(key)).hexdigest()
        except MissingObject:
            return None

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
        raise StoreUnavailable(Problem("bucket_busy"))

    def get(self, key: str) -> bytes:
        """Return an object's bytes."""
        with _telling():
            body: bytes = self._client.get_object(**self._at(key))["Body"].read()
            return body

    def put_pieces(self, key: str, pieces: Iterable[bytes], content_type: str) -> None:
        """Write an object of any length; one that is longer than a part is uploaded in parts."""
        place, parts = self._at(key), _parts(pieces)
        first = next(parts, b"")
        second = next(parts, None)
        if second is None:
            self.put(key, first, content_type)
            return
        with _telling():
            upload = {**place, "UploadId": self._client.create_multipart_upload(**place, ContentType=content_type)["UploadId"]}
        done: list[dict[str, Any]] = []
        try:
            for number, part in enumerate(chain((first, second), parts), 1):
                with _telling():
                    tag = self._client.upload_part(**upload, PartNumber=number, Body=part)["ETag"]
                done.append({"ETag": tag, "PartNumber": number})
            with _telling():
                self._client.complete_multipart_upload(**upload, MultipartUpload={"Parts": done})
        except BaseException:
            with suppress(ClientError, BotoCoreError):  # parts of an upload that nobody completes would be kept for ever
                self._client.abort_multipart_upload(**upload)
            raise

    def size(self, key: str) -> int:
        """Return the length of an object in bytes."""
        with _telling():
            return int(self._client.head_object(**self._at(key))["ContentLength"])

    def read(self, key: str, start: int, length: int) -> bytes:
        """Return up to ``length`` bytes of an object from the byte ``start`` on."""
        if length <= 0 or start >= self.size(key):
            return b""
        with _telling():
            body = self._client.get_object(**self._at(key), Range=f"bytes={start}-{start + length - 1}")["Body"]
            found: bytes = body.read()
            return found

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


class _Requests:
    """Signed requests over the connections of a boto3 client; each answers with a success, or not at all."""

    def __init__(self, session: Session, client: Any, bucket: Bucket) -> None:
        # Not without keys, nor for an access point, which is no bucket.
        self._credentials = None if ":" in bucket.name else session.get_credentials()
        self._region = bucket.region
        self._send = client._endpoint.http_session.send  # with boto3's proxies, certificates, timeouts and pool
        address = urlsplit(client.meta.endpoint_url)
        if bucket.endpoint is None and "." not in bucket.name:
            self._above = f"{address.scheme}://{bucket.name}.{address.netloc}/"
        else:
            self._above = f"{address.scheme}://{address.netloc}{address.path.rstrip('/')}/{bucket.name}/"
        self._puts = True

    def put(self, key: str, body: bytes, content_type: str) -> bool:
        """Write an object, with its SHA-256 for the bucket to check and keep; return whether the bucket says that it has it."""
        if not self._puts:
            return False
        digest = hashlib.sha256(body).digest()
        headers = {"Content-Type": content_type, SHA256: b64encode(digest).decode()}
        status, answered = self._call("PUT", key, headers, body)
        # A server that does not know checksums may refuse them; boto3 sends none.
        self._puts = status not in (400, 405, 411, 501)
        return status == 200 and answered.get(SHA256, headers[SHA256]) == headers[SHA256]

    def head(self, key: str) -> tuple[int, Mapping[str, str]]:
        """Return the status and the headers of an object; status 0 if there was no answer."""
        return self._call("HEAD", key, {"x-amz-checksum-mode": "ENABLED"})

    def _call(self, method: str, key: str, headers: dict[str, str], body: bytes = b"") -> tuple[int, Mapping[str, str]]:
        if self._credentials is None:
            return 0, {}
        request = AWSRequest(method, self._above + quote(key, safe="/~"), data=body, headers=headers)
        request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(body).hexdigest()
        S3SigV4Auth(self._credentials.get_frozen_credentials(), "s3", self._region).add_auth(request)
        try:
            answer = self._send(request.prepare())
        except BotoCoreError:
            return 0, {}
        return answer.status_code, {name.lower(): value for name, value in answer.headers.items()}


def _parts(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield bytes in the parts of an upload: S3 wants 5 MiB at least, and 10,000 of them at most."""
    waiting, size = [], 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= PART:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _client(session: Session, bucket: Bucket, patience: float | None) -> Any:
    custom = bucket.endpoint is not None
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if custom else "auto"},
        connect_timeout=patience or 3,
        read_timeout=patience or 6,
        retries={"mode": "standard", "total_max_attempts": TRIES if patience is None else 1},
        max_pool_connections=CONNECTIONS,
        # Many servers that speak S3 refuse the checksum trailers that boto3 adds by itself.
        request_checksum_calculation="when_required" if custom else "when_supported",
        response_checksum_validation="when_required" if custom else "when_supported",
    )
    return session.client("s3", endpoint_url=bucket.endpoint, config=config)


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if _code(error) in MISSING:
            raise MissingObject(Problem("object_missing")) from None
        raise StoreUnavailable(Problem("bucket_refused", answer=_code(error)), ADVICE.get(_code(error), "")) from error
    except BotoCoreError as error:
        name = type(error).__name__
        raise StoreUnavailable(Problem("bucket_away", answer=name), ADVICE.get(name, "")) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))
