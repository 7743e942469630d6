"""What is believed about a request, and of whom."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from functions.settings import ROOT
from tests.support.examples import examples
from tests.support.seen_app import seen_app

PEER = "198.51.100.9"
ALL = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "ink.example",
    "X-Forwarded-Prefix": "/ink",
}
CROOKED = (
    *("//evil.example", "/../x", "/a b", "https://evil.example", "javascript", "/%2e"),
    *("0..", "a" * 64, "[:]", "[....]", "[::1", "a:99999", "a:0", "xn--zz", "xn--a-ecp.ru", "-", "a_b.example"),
)
addresses = st.ip_addresses().map(str)
odd = st.sampled_from(["unknown", "_hidden", "", " ", "203.0.113.7:x", "[", "::ffff:", "1.2.3.4.5"]) | st.text(
    st.characters(codec="latin-1", exclude_characters=",\r\n"), max_size=20
)


def seen(proxies: int, headers: dict[str, str], prefix: str = "", path: str = "/seen") -> dict[str, str]:
    answer = seen_app(proxies, prefix).test_client().get(path, headers=headers, environ_overrides={"REMOTE_ADDR": PEER})
    assert answer.status_code == 200
    return answer.json


@pytest.mark.parametrize("peer", [PEER, "127.0.0.1", "::1"])
def test_without_a_declared_proxy_no_header_is_believed(peer: str) -> None:
    answer = seen_app().test_client().get("/seen", headers=ALL, environ_overrides={"REMOTE_ADDR": peer})
    assert answer.json == {"client": peer, "scheme": "http", "host": "localhost", "prefix": ""}


def test_a_declared_proxy_is_believed() -> None:
    assert seen(1, ALL) == {"client": "203.0.113.7", "scheme": "https", "host": "ink.example", "prefix": "/ink"}


def test_the_router_of_a_paas_is_believed_about_client_and_scheme_alone() -> None:
    """It sets these two, so host and prefix can only be a client's own words."""
    answer = seen_app(1, declared=False).test_client().get("/seen", headers=ALL, environ_overrides={"REMOTE_ADDR": PEER})
    assert answer.json == {"client": "203.0.113.7", "scheme": "https", "host": "localhost", "prefix": ""}
    below = seen_app(1, "/mine", declared=False).test_client().get("/mine/seen", headers=ALL)
    assert below.json["prefix"] == "/mine"


@pytest.mark.parametrize(
    ("proxies", "header", "client"),
    [
        (1, "192.0.2.66, 203.0.113.7:51234", "203.0.113.7"),  # the client itself sent the first one
        (1, "192.0.2.66,[2001:db8::7]:443", "2001:db8::7"),
        (2, "192.0.2.66, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (2, "203.0.113.7", "203.0.113.7"),  # a proxy was passed by
        (2, "unknown, 10.0.0.1", "10.0.0.1"),
        (1, "192.0.2.66, unknown", PEER),
        (1, "_hidden", PEER),
        (1, "", PEER),
        (1, "," * 1000, PEER),
        (1, "192.0.2.66, ::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_the_client_is_the_farthest_address_that_a_declared_proxy_names(proxies: int, header: str, client: str) -> None:
    assert seen(proxies, {"X-Forwarded-For": header})["client"] == client


@given(proxies=st.integers(1, 5), sent=st.lists(addresses | odd, max_size=3), named=st.lists(addresses | odd, max_size=5))
@examples(200)
def test_whatever_a_client_sends_it_is_counted_by_what_the_proxies_name(proxies: int, sent: list[str], named: list[str]) -> None:
    named = named[:proxies]
    header = ",".join([*sent, *named])
    client = seen(proxies, {"X-Forwarded-For": header})["client"]
    assert client is not None
    if len(named) == proxies:
        assert client == seen(proxies, {"X-Forwarded-For": ",".join(named)})["client"]


@given(text=odd | addresses | st.sampled_from(CROOKED))
@examples(100)
def test_scheme_host_and_prefix_are_used_only_where_they_are_plain(text: str) -> None:
    facts = seen(1, {f"X-Forwarded-{name}": text for name in ("Proto", "Host", "Prefix")})
    assert facts["scheme"] in ("http", "https")
    assert "//" not in facts["prefix"]
    assert ".." not in facts["prefix"].split("/")
    assert not set(facts["host"]) & set(" /\\@\"'<>")


def test_a_proxy_that_names_nobody_is_reported_but_not_for_each_request(caplog: pytest.LogCaptureFixture) -> None:
    one = seen_app(1).test_client()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            one.get("/seen", headers={"X-Forwarded-For": "unknown\tINFO a forged line"})
    assert len(caplog.records) == 1
    assert "INKLOOP_PROXIES is 1" in caplog.text
    assert "\t" not in caplog.records[0].getMessage()


@pytest.mark.parametrize("path", ["/seen", "/ink/seen"])
def test_a_prefix_of_the_settings_is_used_whether_or_not_the_proxy_takes_it_off(path: str) -> None:
    assert seen(0, {}, "/ink", path)["prefix"] == "/ink"
    assert seen(1, {"X-Forwarded-Prefix": "/other"}, "/ink", path)["prefix"] == "/ink"


def test_the_real_server_believes_nobody_on_its_own_machine(tmp_path: Path, free_port: Callable[[], int]) -> None:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", str(ROOT / "deploy" / "gunicorn.py")]
    environ = {"PATH": os.environ["PATH"], "PORT": str(port), "WEB_WORKERS": "1", "INKLOOP_HOME": str(tmp_path)}
    path = {"PYTHONPATH": str(ROOT), "FORWARDED_ALLOW_IPS": "*"}
    with subprocess.Popen([*command, "tests.support.seen_app:app"], env={**environ, **path}, cwd=ROOT) as server:
        try:
            url = f"http://127.0.0.1:{port}/seen"
            until = time.monotonic() + 60
            while True:
                try:
                    answer = requests.get(url, headers={**ALL, "SCRIPT_NAME": "/x", "X-Forwarded-Ssl": "on"}, timeout=10)
                    break
                except requests.ConnectionError:
                    assert time.monotonic() < until
                    time.sleep(0.05)
        finally:
            server.terminate()
    assert answer.json() == {"client": "127.0.0.1", "scheme": "http", "host": f"127.0.0.1:{port}", "prefix": ""}


@pytest.fixture
def free_port() -> Callable[[], int]:
    """A factory of free ports."""

    def free() -> int:
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            return trial.getsockname()[1]

    return free
