from __future__ import annotations

from datetime import timedelta

import pytest

from functions.domain.monitoring import Proportion, by_count, by_time, window_size
from tests.support.labelled_answers import NOON, answer


@pytest.mark.parametrize(("count", "size"), [(0, 20), (500, 20), (501, 50), (1250, 50), (1251, 100), (5000, 200), (10**6, 5000)])
def test_there_are_never_more_than_twenty_five_blocks(count: int, size: int) -> None:
    assert window_size(count) == size


def test_the_newest_block_is_whole_and_the_oldest_holds_the_rest() -> None:
    some = [answer("7", "1", "7" if minute >= 15 else "1", minutes=minute) for minute in range(55)]
    blocks = by_count(some, 20)
    assert [block.accuracy.answer for block in blocks] == [Proportion(0, 15), Proportion(20, 20), Proportion(20, 20)]
    assert (blocks[0].begin, blocks[0].end) == (NOON, NOON + timedelta(minutes=14))
    assert blocks[2].end == NOON + timedelta(minutes=54)
    assert [block.accuracy.answer for block in by_count(some[:45], 20)] == [Proportion(10, 25), Proportion(20, 20)], (
        "a small rest joins"
    )


def test_whole_blocks_leave_no_rest() -> None:
    assert [block.accuracy.answer.count for block in by_count([answer("7", "7", "7")] * 40, 20)] == [20, 20]
    assert [block.accuracy.answer.count for block in by_count([answer("7", "7", "7")], 20)] == [1]
    assert by_count([], 20) == []


@pytest.mark.parametrize(
    ("minutes", "width"),
    [
        (0, timedelta(minutes=1)),
        (39, timedelta(minutes=1)),
        (40, timedelta(minutes=10)),
        (60 * 24, timedelta(hours=1)),
        (60 * 24 * 5, timedelta(hours=6)),
        (60 * 24 * 30, timedelta(days=1)),
        (60 * 24 * 200, timedelta(days=7)),
        (60 * 24 * 365 * 2, timedelta(days=28)),
        (60 * 24 * 365 * 90, timedelta(days=364)),
    ],
)
def test_spans_grow_with_the_time_that_is_told(minutes: int, width: timedelta) -> None:
    found, blocks = by_time([answer("7", "7", "7"), answer("7", "7", "1", minutes=minutes)])
    assert found == width
    assert sum(block.accuracy.answer.count for block in blocks) == 2
    assert all(block.end - block.begin == width for block in blocks)


def test_an_answer_lies_in_its_own_span_and_empty_spans_are_left_out() -> None:
    width, blocks = by_time([answer("7", "7", "7", minutes=m) for m in (0, 0.5, 7 * 24 * 60, 180 * 24 * 60)])
    assert width == timedelta(days=7)
    assert [block.accuracy.answer.count for block in blocks] == [2, 1, 1]
    assert all(block.begin.weekday() == 0 and block.begin.hour == 0 for block in blocks), "weeks begin on Mondays"
    assert blocks[0].begin <= NOON < blocks[0].end


def test_without_answers_there_is_no_span() -> None:
    assert by_time([]) == (timedelta(minutes=1), [])
