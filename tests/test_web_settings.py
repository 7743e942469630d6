from __future__ import annotations

import base64
import errno
import secrets
import socket

import pytest

from functions.errors import BadSettings
from functions.web_settings import bind_once, origins, owner_password, prefix, secret_key, why_not_bound


@pytest.mark.parametrize(("given", "path"), [("", ""), ("/", ""), ("/ink", "/ink"), ("/ink/", "/ink"), ("/a/b.c", "/a/b.c")])
def test_a_prefix_is_a_path_without_its_last_slash(given: str, path: str) -> None:
    assert prefix(given) == path


@pytest.mark.parametrize("given", ["ink", "//evil.example", "/ink/../x", "/a b", "/api", "/api/ink", "https://a.example/ink"])
def test_what_would_break_links_is_no_prefix(given: str) -> None:
    with pytest.raises(BadSettings, match="INKLOOP_PREFIX"):
        prefix(given)


@pytest.mark.parametrize(
    ("given", "sites"),
    [
        ("any", None),
        ("none", ()),
        ("https://a.example, http://b.example:8080", ("https://a.example", "http://b.example:8080")),
    ],
)
def test_origins_are_named_exactly(given: str, sites: tuple[str, ...] | None) -> None:
    assert origins(given) == sites


@pytest.mark.parametrize("given", ["*", "null", "a.example", "https://a.example/", "https://*.example", "any none", "file://"])
def test_what_is_no_origin_is_refused(given: str) -> None:
    with pytest.raises(BadSettings, match="INKLOOP_ORIGINS"):
        origins(given)


@pytest.mark.parametrize(
    "given",
    ["sk", "s" * 23, "django-insecure-0123456789abcdef", "Change_me! Change_me! Change_me!", "your-secret-key-goes-here-please"],
)
def test_a_short_or_known_key_is_refused_and_not_shown(given: str) -> None:
    with pytest.raises(BadSettings, match="SECRET_KEY") as refused:
        secret_key(given)
    assert given not in str(refused.value).replace("SECRET_KEY", "")


def test_every_made_key_is_accepted() -> None:
    for length in (18, 32, 48):
        for key in (secrets.token_urlsafe(length), secrets.token_hex(length)):
            assert secret_key(key) == key


@pytest.mark.parametrize(
    "given",
    [
        "admin",
        "p",
        "k3X-9fQ_2Lw",
        "administrator",
        "password1234",
        "P@ssw0rd!!!!",
        "123456789012",
        "qwertyuiop12",
        "aaaaaaaaaaaaaaaa",
    ],
)
def test_a_short_or_known_password_is_refused_and_not_shown(given: str) -> None:
    with pytest.raises(BadSettings, match="ADMIN_PASSWORD") as refused:
        owner_password(given)
    assert len(given) < 3 or f" {given} " not in str(refused.value)
    assert str(refused.value).count(".") <= 2


@pytest.mark.parametrize("given", ["only for these tests", "839274650193", "correct horse battery", "Пароль владельца"])
def test_a_long_password_of_ones_own_is_accepted(given: str) -> None:
    assert owner_password(given) == given


def test_every_made_password_is_accepted() -> None:
    for _ in range(200):
        for password in (secrets.token_urlsafe(12), secrets.token_hex(6), base64.b64encode(secrets.token_bytes(12)).decode()):
            assert owner_password(password) == password
    assert owner_password("") is None


def test_an_address_at_which_nobody_can_listen_is_told_with_the_variable_to_change() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for host, variable in (("127.0.0.1", "PORT"), ("192.0.2.77", "INKLOOP_HOST")):  # taken; of another machine
            with pytest.raises(OSError) as found:
                bind_once(host, port)
            assert variable in why_not_bound(host, port, found.value)
    bind_once("127.0.0.1", port)
    assert "change PORT" in why_not_bound("127.0.0.1", 80, PermissionError(errno.EACCES, "Permission denied"))
