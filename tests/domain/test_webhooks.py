from __future__ import annotations

from ipaddress import ip_address

import pytest

from functions.domain.webhooks import Event, checked_url, events_of, is_public
from functions.errors import Malformed


@pytest.mark.parametrize(
    "text",
    [
        *("1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2001:4860:4860::8888"),
        *("64:ff9b::101:101", "::ffff:1.1.1.1", "2002:101:101::1", "2001:0:4136:e378:8000:63bf:fefe:fefe"),
    ],
)
def test_addresses_of_the_open_internet_are_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.100.100.200"),
        *("192.0.0.192", "168.63.129.16", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "::127.0.0.1", "::1.1.1.1"),
        *("fec0::1", "feff::1", "4000::1", "5f00::1", "e000::1", "100::1", "2001:db8::1", "3fff::1", "2001:2::1", "ff0e::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a9fe:a9fe::", "2001:0:4136:e378:8000:63bf:80ff:fffe"),
        *(
            "2001:0:a9fe:a9fe:8000:63bf:fefe:fefe",
            "2002:a00:1::1",
            "2002:a83f:8110::1",
            "64:ff9b::a83f:8110",
            "::ffff:168.63.129.16",
        ),
    ],
)
def test_addresses_of_the_inside_are_not(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", ["https://a.example/x?y=1", "http://a.example:8080", "https://[2606:4700::1]/"])
def test_a_receiver_has_a_plain_address(text: str) -> None:
    assert checked_url(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "a.example", "ftp://a.example", "file:///etc/passwd", "gopher://a.example", "https://", "https:///x"),
        *("https://user:word@a.example", "https://a.example@b.example/", "https://a.example/#x", "https://a.example:0/"),
        *("https://a.example/ x", "https://a.example/\r\nHost: b", "https://a.example:99999/", "https://ä.example/"),
        "https://a.example/" + "x" * 600,
    ],
)
def test_any_other_address_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        checked_url(text)


def test_events_are_known_and_at_least_one() -> None:
    assert events_of(["export.ready", "version.live"]) == (Event.VERSION_LIVE, Event.EXPORT_READY)
    for names in ([], ["everything"]):
        with pytest.raises(Malformed, match=r"version\.live"):
            events_of(names)
