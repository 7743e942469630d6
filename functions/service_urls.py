"""Checks the addresses of the database, the bucket, Redis, Ray and Sentry, so that a mistake is told before anything starts.

No message holds an address itself: it may contain a password.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from functions.errors import BadSettings

HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?")  # boto3 accepts no other names
BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}|arn:aws[\w-]*:s3[\w-]*:.+")
POSTGRES, DRIVER = ("postgres", "postgresql", "postgresql+psycopg"), "postgresql+psycopg"
REDIS = ("redis", "rediss")


def database_url(text: str) -> str:
    """Return the address of the database as SQLAlchemy reads it; PostgreSQL gets its driver.

    Raises:
        BadSettings: it is not the address of a SQLite or PostgreSQL database.
    """
    _refuse_quotes("DATABASE_URL", text)
    if text.startswith("sqlite:///"):
        return text
    parts = _split("DATABASE_URL", text, POSTGRES, "postgresql://user:password@host:5432/name or sqlite:////path/to/file")
    if len(parts.path) < 2:
        raise BadSettings("DATABASE_URL does not name a database: its path, after the host, is empty.")
    return f"{DRIVER}:{text.partition(':')[2]}"


def redis_url(text: str) -> str:
    """Return the address of a Redis; raise BadSettings if it is none."""
    _refuse_quotes("REDIS_URL", text)
    _split("REDIS_URL", text, REDIS, "redis://host:6379 or rediss://host:6379")
    return text


def ray_address(text: str) -> str:
    """Return the address of a Ray cluster; raise BadSettings if it is none."""
    _refuse_quotes("INKLOOP_RAY", text)
    host, colon, port = text.removeprefix("ray://").rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    is_server = colon and port.isascii() and port.isdigit() and 0 < int(port) < 65_536
    if text != "auto" and not (is_server and (HOST.fullmatch(bare) or _is_ipv6(bare))):
        raise BadSettings(
            "INKLOOP_RAY must be auto (the cluster that this machine belongs to) or the address of a cluster, such as "
            "ray://ray-head:10001."
        )
    return text


def sentry_dsn(text: str) -> str:
    """Return the address of a Sentry project; raise BadSettings if it is none."""
    _refuse_quotes("SENTRY_DSN", text)
    example = "https://key@o1.ingest.sentry.io/2"
    parts = _split("SENTRY_DSN", text, ("http", "https"), example)
    project = parts.path.rpartition("/")[2]
    if not parts.username or not (project.isascii() and project.isdigit()):
        raise BadSettings(f"SENTRY_DSN must have a key and the number of a project, such as {example}.")
    return text


def endpoint_url(text: str) -> str:
    """Return the address of a server that speaks S3; raise BadSettings if boto3 could not use it."""
    _refuse_quotes("S3_ENDPOINT_URL", text)
    parts = _split("S3_ENDPOINT_URL", text, ("http", "https"), "https://s3.example.com or http://minio:9000")
    if not HOST.fullmatch(parts.hostname or "") and ":" not in (parts.hostname or ""):
        raise BadSettings(
            "The host of S3_ENDPOINT_URL may have letters, digits, dots and hyphens only; S3 clients refuse others."
        )
    if parts.query or parts.fragment or parts.username:
        raise BadSettings("S3_ENDPOINT_URL must have no user, query or fragment; keys belong into AWS_ACCESS_KEY_ID etc.")
    return text


def bucket_name(text: str) -> str:
    """Return the name of a bucket; raise BadSettings if no bucket can have it."""
    _refuse_quotes("S3_BUCKET", text)
    if not BUCKET.fullmatch(text):
        raise BadSettings("S3_BUCKET must be the name of a bucket alone, without a scheme or a path; S3_PREFIX holds a folder.")
    return text


def host(text: str) -> str:
    """Return the address to listen at, an IPv6 address without brackets; raise BadSettings if it is none."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if not HOST.fullmatch(bare) and not _is_ipv6(bare):
        raise BadSettings(f"INKLOOP_HOST must be a host or an IP address without a port, such as 127.0.0.1 or ::1, not {text!r}.")
    return bare


def _is_ipv6(text: str) -> bool:
    try:
        return ip_address(text).version == 6
    except ValueError:
        return False


def _split(name: str, text: str, schemes: tuple[str, ...], example: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        named = parts.scheme in schemes and parts.port != 0 and (bool(parts.hostname) or "host=" in parts.query)
    except ValueError:  # a port that is no number, or half a pair of brackets
        named = False
    if not named:
        raise BadSettings(f"{name} must be an address such as {example}.")
    return parts


def _refuse_quotes(name: str, text: str) -> None:
    if text != text.strip() or text[:1] in "'\"" or text[-1:] in "'\"":
        raise BadSettings(f"{name} is in quotes or has spaces around it; write the bare address.")
