"""The origin of a request for the trust rules: a keyed hash of the address block, never the address."""

from __future__ import annotations

from functions.web.security.addresses import block_of, client_address
from functions.web.security.keys import keyed_hash

IPV4, IPV6 = 24, 48  # bits of a block: about one office, one household or one site


def block() -> str | None:
    """Return the hash of the request's address block, keyed with the platform's secret; None without an address."""
    if (address := client_address()) is None:
        return None
    network = block_of(address, IPV4, IPV6)
    # There are only 2^24 IPv4 blocks: without the key, anybody could find the block of a hash by trying all.
    return keyed_hash("address block", network.network_address.packed)[:32]
