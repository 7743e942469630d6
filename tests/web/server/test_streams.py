from __future__ import annotations

import pytest

from functions.web.server.streams import PIECE, Pieces, rest_of_answer

WHOLE = bytes(range(256)) * 4096


def read(start: int, length: int) -> bytes:
    return WHOLE[start : start + length]


@pytest.mark.parametrize(("start", "length"), [(0, len(WHOLE)), (7, 0), (5, PIECE), (1, PIECE + 1), (len(WHOLE) - 3, 3)])
def test_another_server_gets_all_pieces(start, length):
    assert b"".join(Pieces(read, start, length)) == WHOLE[start : start + length]


def test_our_server_gets_the_first_piece_and_the_way_to_the_others():
    kept = []
    token = rest_of_answer.set(kept)
    try:
        assert list(Pieces(read, 0, len(WHOLE))) == [WHOLE[:PIECE]]
    finally:
        rest_of_answer.reset(token)
    assert b"".join(kept[0]) == WHOLE[PIECE:]


def test_an_object_that_has_become_shorter_is_no_complete_answer():
    with pytest.raises(OSError, match="shorter"):
        list(Pieces(read, 0, len(WHOLE) + 1))
