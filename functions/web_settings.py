"""Checks the settings of the web: its address, its prefix, the sites that may call it, and its secret key."""

from __future__ import annotations

import errno
import re
import socket

from functions.errors import BadSettings

# The first parts of the platform's own paths: below such a prefix, nobody could tell whether a proxy has taken it off.
OWN_PATHS = (
    "about",
    "admin",
    "api",
    "apple-touch-icon.png",
    "contribute",
    "dataset",
    "favicon.ico",
    "healthz",
    "how-it-works",
    "manifest.webmanifest",
    "metrics",
    "mine",
    "models",
    "networks",
    "offline",
    "privacy",
    "read",
    "readyz",
    "recognise",
    "reference",
    "service-worker.js",
    "static",
)
PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")  # a part of links: "//" would lead to another site
SOURCE = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[A-Za-z0-9._~/%+-]*)?")
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?")
# Whoever has a cookie can try keys on it, as many as their computers can: 24 characters of base64 are 128 bits.
SHORTEST_KEY = 24
KNOWN_KEYS = ("changeme", "changethis", "yoursecret", "secretkey", "secrethere", "supersecret", "insecure", "placeholder")
# Strangers may try passwords, though few in an hour.
SHORTEST_PASSWORD = 12
FEWEST_SIGNS = 5  # different ones, beside words that everybody tries first
KNOWN_WORDS = (
    *("administrator", "qwertyuiop", "1234567890", "changeme", "password", "abcdefgh", "inkloop", "letmein", "welcome"),
    *("default", "qwerty", "123456", "secret", "access", "admin", "12345", "login", "owner", "root", "test"),
)
MAKE_PASSWORD = 'python -c "import secrets; print(secrets.token_urlsafe(12))"'  # noqa: S105 - a command
MAKE_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(48))"'


def prefix(text: str) -> str:
    """Return the path below which a proxy serves the platform, "" for a host of its own; raise BadSettings."""
    path = text.rstrip("/")
    if path and not PREFIX.fullmatch(path):
        raise BadSettings(f"INKLOOP_PREFIX must be a path such as /ink, of letters, digits and ._~-, not {path!r}.")
    if path and (first := path.split("/")[1]) in OWN_PATHS:
        raise BadSettings(f"INKLOOP_PREFIX cannot begin with /{first}, which is a path of the platform's own.")
    return path


def origins(text: str) -> tuple[str, ...] | None:
    """Return the sites whose scripts may call the API, None for every site; raise BadSettings."""
    words = text.replace(",", " ").split()
    if words in (["any"], ["none"]):
        return None if words == ["any"] else ()
    if odd := [word for word in words if not ORIGIN.fullmatch(word)]:
        raise BadSettings(f"INKLOOP_ORIGINS must be any, none, or origins such as https://a.example, not {odd[0]!r}.")
    return tuple(words)


def source_url(text: str) -> str:
    """Return the address of the source, to which each page leads, "" for none; raise BadSettings."""
    if text and not SOURCE.fullmatch(text):
        raise BadSettings(f"INKLOOP_SOURCE_URL must be an address such as https://git.example/inkloop, not {text!r}.")
    return text


def metrics_token(text: str) -> str | None:
    """Return the token that opens /metrics alone, None if there is none; raise BadSettings, without the token."""
    if text and (len(text) < SHORTEST_KEY or not text.isascii() or not text.isprintable() or " " in text):
        raise BadSettings(f"INKLOOP_METRICS_TOKEN needs {SHORTEST_KEY} plain characters or more; make one with {MAKE_KEY}.")
    return text or None


def owner_password(text: str) -> str | None:
    """Return the owner's password, None if there is none; raise BadSettings, without it, if strangers would soon find it."""
    if not text:
        return None
    rest = text.lower().translate(str.maketrans("@$", "as")).replace("passw0rd", "password")
    for word in KNOWN_WORDS:
        rest = rest.replace(word, "")
    if len(text) < SHORTEST_PASSWORD:
        problem = f"is too short: it needs {SHORTEST_PASSWORD} characters"
    elif len(set(rest)) < FEWEST_SIGNS:
        problem = "is one that everybody tries"
    else:
        return text
    raise BadSettings(f"ADMIN_PASSWORD {problem}; make one with {MAKE_PASSWORD}.")


def secret_key(text: str) -> str:
    """Return a secret key that is long enough and not out of a manual; raise BadSettings, without the key."""
    letters = re.sub(r"[^a-z]", "", text.lower())
    if len(text) < SHORTEST_KEY:
        problem = f"is too short: it needs {SHORTEST_KEY} characters"
    elif any(known in letters for known in KNOWN_KEYS):
        problem = "is one that everybody knows"
    else:
        return text
    raise BadSettings(f"SECRET_KEY {problem}; make one with {MAKE_KEY}.")


def bind_once(host: str, port: int) -> None:
    """Listen for a moment, or raise OSError."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((host, port))


def why_not_bound(host: str, port: int, error: OSError) -> str:
    """Return what to change so that a program can listen."""
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is taken by another program; choose another with PORT."
    name = "PORT" if error.errno == errno.EACCES else "INKLOOP_HOST"
    return f"Nobody can listen at port {port} on {host} ({error.strerror or error}); change {name}."
