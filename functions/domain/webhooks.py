"""Webhooks without input and output: their events, addresses and signatures.

The signature is that of Standard Webhooks (https://www.standardwebhooks.com), which receivers find libraries for.
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

from functions.errors import Malformed

LONGEST_URL = 500  # characters
PREFIX = "whsec_"  # of a secret, by Standard Webhooks
# From the first try to the second, and so on: a receiver may be away for a day and a half.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 28800, 86400))
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
OPEN_IPV6 = ipaddress.IPv6Network("2000::/3")  # all that is given out; site-local addresses, for example, lie outside
# What Python calls global although it may lead inside: the metadata addresses of Oracle's and Azure's clouds, 6to4 relays, and
# the IPv6 addresses of examples.
CLOSED = [ipaddress.ip_network(text) for text in ("192.0.0.0/24", "168.63.129.16/32", "192.88.99.0/24", "3fff::/20")]


class Event(StrEnum):
    """What a webhook can be told about."""

    VERSION_LIVE = "version.live"
    VERSION_KEPT_OUT = "version.kept_out"
    SAMPLE_WAITING = "sample.waiting"
    EXPORT_READY = "export.ready"


TEST = "test"  # the event of the button "send a test"


def events_of(names: Iterable[str]) -> tuple[Event, ...]:
    """Return the events of that names in their order; raise Malformed for none, or an unknown one."""
    try:
        named = {Event(name) for name in names}
    except ValueError as error:
        raise Malformed(f"The events are {', '.join(Event)}.") from error
    if not named:
        raise Malformed(f"A webhook needs an event: {', '.join(Event)}.")
    return tuple(event for event in Event if event in named)


def checked_url(text: str) -> str:
    """Return the address of a receiver; raise Malformed unless it is http(s) with a host and without a user."""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not text.isascii() or not text.isprintable() or " " in text or len(text) > LONGEST_URL:
        raise Malformed("A webhook's address begins with https:// or http://, and has a host.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise Malformed("A webhook's address has neither a user nor a '#'; its signature proves the sender.")
    return text


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address belongs to the open internet, also inside an IPv6 address that leads to an IPv4 one."""
    if isinstance(address, IPv6Address):
        if inside := _embedded(address):
            return all(map(is_public, inside))
        if address not in OPEN_IPV6:
            return False
    closed = address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    return address.is_global and not closed and not address.is_link_local and not any(address in one for one in CLOSED)


def _embedded(address: IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address leads to: mapped, 6to4, Teredo (its server and its client) or NAT64."""
    if address in NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    if address.teredo:
        return address.teredo
    return tuple(one for one in (address.ipv4_mapped, address.sixtofour) if one is not None)


def signature(secret: str, delivery: str, timestamp: int, body: bytes) -> str:
    """Return the value of ``webhook-signature``: ``v1,`` and HMAC-SHA256 of ``delivery.timestamp.body`` in base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    digest = hmac.digest(key, f"{delivery}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(digest).decode()}"
