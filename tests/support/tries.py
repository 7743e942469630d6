"""Tests that compare two times: a pause of a busy machine can spoil one try, not three."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import suppress
from typing import Any

TRIES = 3


def best_of_three(test: Callable[..., None]) -> Callable[..., None]:
    """Repeat a test whose assertion compares times; it passes if one of three tries does."""

    @functools.wraps(test)
    def repeated(*args: Any, **fixtures: Any) -> None:
        for _ in range(TRIES - 1):
            with suppress(AssertionError):
                return test(*args, **fixtures)
        return test(*args, **fixtures)

    return repeated
