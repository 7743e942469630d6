from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from functions.web.api.ranges import ranged

WHOLE = bytes(range(200))


def answer(**headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    with Flask("ranges").test_request_context(headers=names):
        return ranged(lambda start, length: WHOLE[start : start + length], 200, "whole.zip", "application/zip", "abc")


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=190-", 190, 200),
        ("bytes=-5", 195, 200),
        ("bytes=0-999", 0, 200),
        ("bytes=150-150", 150, 151),
    ],
)
def test_a_range_is_answered_with_its_place(asked, start, stop):
    found = answer(Range=asked)
    assert (found.status_code, b"".join(found.response)) == (206, WHOLE[start:stop])
    assert found.headers["Content-Range"] == f"bytes {start}-{stop - 1}/200"
    assert found.headers["Content-Length"] == str(stop - start)


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes", "bytes=a-b"])
def test_what_is_no_single_range_of_bytes_is_answered_whole(asked):
    found = answer(Range=asked)
    assert (found.status_code, b"".join(found.response)) == (200, WHOLE)
    assert found.headers["Accept-Ranges"] == "bytes"


def test_a_range_of_a_file_that_has_changed_is_answered_whole():
    assert answer(Range="bytes=0-9", If_Range='"abc"').status_code == 206
    assert answer(Range="bytes=0-9", If_Range='"old"').status_code == 200


def test_a_range_behind_the_end_is_refused():
    with pytest.raises(RequestedRangeNotSatisfiable):
        answer(Range="bytes=200-")
