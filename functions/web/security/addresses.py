"""The address of a client: the only place that says what it is, for limits, trust rules and logs."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from flask import request

Address = IPv4Address | IPv6Address

SITE = 48  # bits of the IPv6 addresses that one customer of a provider may have: 65,536 times a /64
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the IPv4 clients of a server that has only IPv6
_WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](?::[0-9]{1,5})?|(?P<v4>[^:]*):[0-9]{1,5}")


def client_address() -> Address | None:
    """Return the address of the current request's client; None where the server knows none, as on a socket file.

    ``behind_proxies`` has put the address that the declared proxies named into ``REMOTE_ADDR``.
    """
    return _of_client(request.remote_addr or "")


# Not ``parse_address``, which reads headers of any length.
@lru_cache(4096)
def _of_client(remote_addr: str) -> Address | None:
    return parse_address(remote_addr)


@lru_cache(4096)
def counted_as(address: Address | None) -> str:
    """Return what limits count a client by: an IPv4 address, or the /64 of IPv6 that one household or one phone has."""
    return "nobody" if address is None else str(block_of(address, 32, 64))


@lru_cache(4096)
def site_of(counted: str) -> str:
    """Return the site of a client as ``counted_as`` names it: the /48 of IPv6 that one site has, else the client itself."""
    try:
        network = ip_network(counted)
    except ValueError:
        return counted
    return str(network.supernet(new_prefix=SITE)) if network.version == 6 else counted


def cookie_path() -> str:
    """Return the path of cookies: another program on the same host must neither get nor replace them."""
    return request.script_root or "/"


def parse_address(text: str) -> Address | None:
    """Return an address that may have a port, brackets, quotes or a zone; None for any other text.

    The IPv4 address within an IPv6 address (mapped, or of a NAT64) is returned as IPv4: the networks around it are one.
    """
    text = text.strip().strip('"')
    if found := _WITH_PORT.fullmatch(text):
        text = found["v4"] if found["v6"] is None else found["v6"]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in NAT64 else address.ipv4_mapped or address


def block_of(address: Address, ipv4_bits: int, ipv6_bits: int) -> IPv4Network | IPv6Network:
    """Return the block of addresses that an address belongs to."""
    if isinstance(address, IPv4Address):
        return IPv4Network((address, ipv4_bits), strict=False)
    return IPv6Network((address.packed, ipv6_bits), strict=False)
