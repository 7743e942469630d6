"""What a new platform tries while nobody has drawn on it: its bucket and its Redis.

Later a bucket that refuses stops nothing, because drawings wait in the database (docs/decisions/0015).
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import select

from functions.errors import BadSettings, MissingObject, StoreUnavailable
from functions.records.database import Database
from functions.records.tables import DrawingRow, new_id
from functions.settings import Settings
from functions.store import open_store

UNREACHABLE = ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError")  # of boto3
PATIENCE = 2.0  # seconds that a request gets


def require_services(database: Database, settings: Settings) -> None:
    """Try the services that the settings name, unless drawings are kept already. One that does not answer is no mistake.

    Raises:
        BadSettings: the bucket or the Redis refuses; the message names the setting.
    """
    if settings.bucket is None and settings.redis_url is None:
        return
    with database.reading() as session:
        if session.scalar(select(DrawingRow.id).limit(1)) is not None:
            return
    if settings.bucket is not None:
        _require_bucket(settings)
    if settings.redis_url is not None:
        state, said = try_redis(settings.redis_url)
        if state == "wrong":
            raise BadSettings(said)


def _require_bucket(settings: Settings) -> None:
    key = f"checks/{new_id()}"
    try:
        store = open_store(settings, patience=PATIENCE)
        store.put(key, b"check", "text/plain")
        store.delete(key)
    except ValueError as error:  # boto3 refuses a setting before it asks anybody
        raise BadSettings(f"{error} See S3_ENDPOINT_URL and AWS_REGION.") from error
    except StoreUnavailable as error:
        # Other refusals, such as "slow down", end by themselves.
        if any(name in error.advice for name in ("S3_", "AWS_")) and not any(name in str(error) for name in UNREACHABLE):
            raise BadSettings(error.for_owner) from error
    except MissingObject as error:
        raise BadSettings("There is no bucket at that address (404); see S3_ENDPOINT_URL.") from error


def try_redis(url: str) -> tuple[Literal["ok", "away", "wrong"], str]:
    """Return whether a Redis answers, and what to do if it does not."""
    from redis import Redis  # takes 0.1 s
    from redis.exceptions import RedisError

    try:
        with Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as redis:
            redis.ping()
    except (RedisError, ValueError) as error:
        return why_no_redis(error)
    return "ok", "Redis answers."


def why_no_redis(error: Exception) -> tuple[Literal["away", "wrong"], str]:
    """Return what to do about an error of the Redis client. Without a Redis the platform goes on."""
    from redis.exceptions import AuthenticationError

    if isinstance(error, AuthenticationError):
        return "wrong", "Redis does not accept the user and the password in REDIS_URL."
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        trust = "If you trust it, as Heroku's, end REDIS_URL with ?ssl_cert_reqs=none."
        return "wrong", f"Nobody vouches for the certificate of Redis. {trust}"
    if "SSL" in str(error):
        return "wrong", "Redis speaks no TLS there: REDIS_URL must begin with redis://."
    return "away", f"Redis does not answer ({type(error).__name__}); see REDIS_URL. Meanwhile the database shares the limits."
