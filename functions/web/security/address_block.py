"""The origin of a request for the trust rules: a keyed hash of the address block, never the address."""

from __future__ import annotations

import ipaddress

from flask import request

from functions.web.security.keys import keyed_hash

IPV4, IPV6 = 24, 48  # bits of a block: about one office, one household or one site


def block() -> str | None:
    """Return the hash of the request's address block, keyed with the platform's secret; None without an address."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:  # a socket file has none
        return None
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    network = ipaddress.ip_network((int(address), IPV4 if address.version == 4 else IPV6), strict=False)
    # There are only 2^24 IPv4 blocks: without the key, anybody could find the block of a hash by trying all.
    return keyed_hash("address block", network.network_address.packed)[:32]
