from __future__ import annotations

import os
import threading

from functions.worker.priority import LEARNING, lower_priority


def test_a_learning_thread_and_what_it_starts_yield_and_other_threads_do_not():
    found: dict[str, int] = {}

    def learn() -> None:
        lower_priority(LEARNING)
        found["learning"] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        below = threading.Thread(target=note, args=("started by it",))
        below.start()
        below.join()

    def note(name: str) -> None:
        found[name] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before = os.getpriority(os.PRIO_PROCESS, 0)
    learning = threading.Thread(target=learn)
    learning.start()
    learning.join()
    note("other")
    assert found == {"learning": max(before, LEARNING), "started by it": max(before, LEARNING), "other": before}
