"""What a client's address is, however a proxy writes it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.web.security.addresses import block_of, counted_as, parse_address, site_of
from tests.support.examples import examples

ipv4, ipv6 = st.ip_addresses(v=4), st.ip_addresses(v=6)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:51234", "203.0.113.7"),  # as Azure sends it
        (" 203.0.113.7 ", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:443", "2001:db8::7"),
        ('"[2001:db8::7]:443"', "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:cb00:7107]:80", "203.0.113.7"),
        ("64:ff9b::203.0.113.7", "203.0.113.7"),
        ("::1", "::1"),
    ],
)
def test_an_address_is_found_with_port_brackets_quotes_and_zone(text: str, address: str) -> None:
    assert str(parse_address(text)) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unknown",
        "_hidden",
        "-",
        ":",
        "[]",
        "[]:80",
        "[::1",
        "::1]",
        "203.0.113",
        "203.0.113.7:",
        "203.0.113.7:x",
        "1:2",
        "٣.0.0.1",
        "203.0.113.256",
        "2001:db8::7:::1",
        "localhost",
        "203.0.113.7 198.51.100.1",
        "%",
        "0x7f.1",
        "127.1",
        "\x00",
    ],
)
def test_other_texts_are_no_address(text: str) -> None:
    assert parse_address(text) is None


@given(text=st.text() | st.text('0123456789abcdef:.[]%"_, /', max_size=40))
@examples(200)
def test_no_text_is_an_error(text: str) -> None:
    found = parse_address(text)
    assert found is None or parse_address(str(found)) == found


@given(address=ipv4, port=st.integers(0, 65535))
@examples(50)
def test_one_ipv4_client_is_one_however_it_is_written(address: IPv4Address, port: int) -> None:
    written = (f"{address}", f"{address}:{port}", f"::ffff:{address}", f"[::ffff:{address}]:{port}", f"64:ff9b::{address}")
    assert {parse_address(text) for text in written} == {address}


@given(one=ipv4, other=ipv4)
@examples(50)
def test_two_ipv4_clients_are_never_one_block(one: IPv4Address, other: IPv4Address) -> None:
    blocks = {block_of(parse_address(f"::ffff:{each}"), 32, 64) for each in (one, other)}
    assert len(blocks) == len({one, other})


@given(address=ipv6)
@examples(50)
def test_a_visitor_with_a_whole_network_is_one_block(address: IPv6Address) -> None:
    neighbour = IPv6Address(int(address) ^ 1)
    assert block_of(address, 32, 64) == block_of(neighbour, 32, 64)
    assert address in block_of(address, 32, 64)


@given(address=ipv6)
@examples(50)
def test_all_networks_of_a_site_are_one_site(address: IPv6Address) -> None:
    neighbour = IPv6Address(int(address) ^ (1 << 70))
    sites = {site_of(counted_as(one)) for one in (address, neighbour)}
    assert sites == {str(block_of(address, 32, 48))}


def test_an_ipv4_client_is_a_site() -> None:
    assert {site_of(one) for one in ("203.0.113.7/32", "nobody", "")} == {"203.0.113.7/32", "nobody", ""}
