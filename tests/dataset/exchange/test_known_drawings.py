from __future__ import annotations

import random

from functions.dataset.exchange import known_drawings
from functions.dataset.exchange.known_drawings import KnownDrawings


def test_a_look_is_found_if_two_bits_differ_and_not_if_more_do(monkeypatch):
    monkeypatch.setattr(known_drawings, "AT_ONCE", 7)
    chance = random.Random(1)
    looks = [chance.getrandbits(64) - 2**63 for _ in range(300)]
    known = KnownDrawings([f"{number:064x}" for number in range(150)], looks[:150])
    for number, look in enumerate(looks[150:]):
        known.add(f"{number + 150:016x}{'0' * 48}", look)
    for look in looks[::7]:
        one, two, three = chance.sample(range(64), 3)
        assert known.has_look(look)
        assert known.has_look(look ^ 1 << one ^ 1 << two)
        assert not known.has_look(look ^ 1 << one ^ 1 << two ^ 1 << three)


def test_a_picture_is_found_by_its_hash(monkeypatch):
    monkeypatch.setattr(known_drawings, "AT_ONCE", 3)
    names = [f"{number:016x}{'a' * 48}" for number in range(1, 40, 2)]
    known = KnownDrawings(names[:10], [1] * 10)
    for name in names[10:]:
        known.add(name, 1)
    assert all(known.has_picture(name) for name in names)
    assert not any(known.has_picture(f"{number:016x}{'a' * 48}") for number in range(0, 40, 2))
