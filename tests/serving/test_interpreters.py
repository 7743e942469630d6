"""As many interpreters as threads that use a version at once, however many threads there are."""

from __future__ import annotations

import threading

from functions.serving.interpreters import Interpreters
from tests.support.tiny_models import tiny_network


def test_threads_that_take_turns_share_an_interpreter_and_threads_at_once_do_not() -> None:
    interpreters, network = Interpreters(), tiny_network(3)

    def use(meanwhile: threading.Barrier | None = None) -> None:
        with interpreters.interpreter("a", network):
            if meanwhile is not None:
                meanwhile.wait(20)

    for _ in range(5):
        thread = threading.Thread(target=use)
        thread.start()
        thread.join()
    assert interpreters.count() == {"a": 1}
    together = threading.Barrier(3)
    threads = [threading.Thread(target=use, args=(together,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert interpreters.count() == {"a": 3}
    interpreters.keep({"b"})
    assert interpreters.count() == {}
