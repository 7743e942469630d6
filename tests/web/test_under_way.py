from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from functions.web.under_way import UnderWay


def test_a_key_is_in_use_once_at_a_time() -> None:
    here = UnderWay()
    assert here.begin("a", 0.0)
    assert not here.begin("a", 0.01)
    assert here.begin("b", 0.0)
    here.end("a")
    assert here.begin("a", 0.0)


def test_who_waits_gets_a_key_as_soon_as_it_is_free() -> None:
    here, inside, most = UnderWay(), [], []
    assert here.begin("a", 0.0)
    threading.Timer(0.05, here.end, ["a"]).start()

    def use(number: int) -> bool:
        got = here.begin("a", 60.0)
        inside.append(number)
        most.append(len(inside))
        time.sleep(0.001)
        inside.remove(number)
        here.end("a")
        return got

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(8)))
    assert max(most) == 1
