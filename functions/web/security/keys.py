"""Signatures with the platform's secret key. Each purpose has its own key, so a signature is valid for one purpose only."""

from __future__ import annotations

import hashlib
import hmac

from itsdangerous import Signer, TimestampSigner

from functions.web.platform import platform


def keyed_hash(purpose: str, message: bytes) -> str:
    """Return the HMAC-SHA256 of a message as 64 hexadecimal digits, under the key of a purpose."""
    key = hmac.digest(_secret(), purpose.encode(), hashlib.sha256)
    return hmac.digest(key, message, hashlib.sha256).hex()


def session_fingerprint(password: str) -> str:
    """Return the fingerprint of an owner's session; a new password or a new secret key ends the session."""
    return hmac.digest(_secret(), f"owner:{password}".encode(), hashlib.sha256).hex()


def contributor_signer() -> Signer:
    """Return the signer of the contributor's cookie."""
    return Signer(_secret(), salt="inkloop.contributor", digest_method=hashlib.sha256)


def question_signer(set_name: str) -> TimestampSigner:
    """Return the signer of a symbol set's gold questions, which includes their time."""
    return TimestampSigner(_secret(), salt=f"inkloop.gold question.{set_name}", digest_method=hashlib.sha256)


def is_equal(wanted: str, given: str) -> bool:
    """Compare two texts in constant time; ``given`` may contain any characters."""
    return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))


def _secret() -> bytes:
    return platform().settings.secret_key.encode()
