"""When a head and a chunked body are there, however their bytes are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.web.server.framing import MOST_CHUNKS, MOST_SIZE_LINE, ChunkedBody, head_arrived

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n\r\n"
BODY = b"5;x=y\r\n0\r\n\r\n\r\n1\r\nA\r\n0\r\n\r\n"  # the first chunk looks like an end
WITH_TRAILER = BODY[:-2] + b"X-Sum: 1\r\nY: 2\r\n\r\n"


@given(st.lists(st.integers(0, len(HEAD) - 1), max_size=5))
def test_a_head_arrives_with_its_last_byte(cuts: list[int]) -> None:
    for cut in sorted(cuts):
        assert head_arrived(bytearray(HEAD[:cut])) == (cut == len(HEAD))
    searched = 0
    for cut in [*sorted(cuts), len(HEAD)]:
        assert head_arrived(bytearray(HEAD[:cut]), searched) == (cut == len(HEAD))
        searched = cut


@pytest.mark.parametrize("odd", [b"GET / HTTP/1.1\nHost", b"\n", b"GET / HTTP/1.1\r\nA: b\n"])
def test_a_line_end_that_the_parser_refuses_counts_as_the_end(odd: bytes) -> None:
    assert head_arrived(bytearray(odd))


@given(st.sampled_from([BODY, WITH_TRAILER]), st.lists(st.integers(1, len(BODY) - 1), max_size=8))
def test_a_chunked_body_arrives_with_its_last_byte(body: bytes, cuts: list[int]) -> None:
    follows, received = ChunkedBody(), bytearray()
    for begin, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(body)], strict=True):
        assert not follows.arrived(received)
        received += body[begin:end]
    assert follows.arrived(received)


@pytest.mark.parametrize("odd", [b"zz\r\n", b"-1\r\n", b"+1\r\n", b"0x1\r\n", b"\r\n", b"1_0\r\n", b"f" * (MOST_SIZE_LINE + 1)])
def test_what_is_no_chunk_goes_to_the_parser_at_once(odd: bytes) -> None:
    assert ChunkedBody().arrived(bytearray(odd))


def test_a_body_of_very_many_chunks_is_not_followed_to_its_end() -> None:
    follows = ChunkedBody()
    assert not follows.arrived(bytearray(b"1\r\nx\r\n" * 10 * MOST_CHUNKS))
    assert follows.too_many
