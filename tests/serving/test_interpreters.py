"""Two interpreters of a version at most, however many threads there are."""

from __future__ import annotations

import threading
import time

import pytest

from functions.serving.interpreters import AT_ONCE, Interpreters
from tests.support.tiny_models import tiny_network


def test_threads_that_take_turns_share_an_interpreter() -> None:
    interpreters, network = Interpreters(), tiny_network(3)
    for _ in range(5):
        with interpreters.interpreter("a", network):
            pass
    assert interpreters.count() == {"a": 1}
    interpreters.keep({"b"})
    assert interpreters.count() == {}


def test_threads_at_once_have_two_and_the_others_wait_for_them() -> None:
    interpreters, network = Interpreters(), tiny_network(3)
    in_use: list[int] = []  # ids of the interpreters that are lent
    most: list[int] = []

    def use() -> None:
        with interpreters.interpreter("a", network) as opened:
            assert id(opened) not in in_use
            in_use.append(id(opened))
            most.append(len(in_use))
            time.sleep(0.02)
            in_use.remove(id(opened))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (len(most), max(most)) == (8, AT_ONCE)
    assert interpreters.count() == {"a": AT_ONCE}


def test_an_interpreter_comes_back_after_an_error() -> None:
    interpreters, network = Interpreters(), tiny_network(3)
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ZeroDivisionError), interpreters.interpreter("a", network):
            raise ZeroDivisionError
    assert interpreters.count() == {"a": 1}
