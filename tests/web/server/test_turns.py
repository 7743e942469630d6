"""Senders take turns, and no more requests than places are under way."""

from __future__ import annotations

from functions.web.server.turns import Turns


def test_a_sender_with_many_requests_waits_for_its_turn() -> None:
    turns: Turns[str] = Turns(lambda: 1)
    for number in range(3):
        turns.add("many", f"many {number}")
    turns.add("one", "one")
    order = [turns.begin()]
    while (following := turns.end()) is not None:
        order.append(following)
    assert order == ["many 0", "one", "many 1", "many 2"]


def test_no_more_are_under_way_than_there_are_places_now() -> None:
    places = 2
    turns: Turns[int] = Turns(lambda: places)
    for number in range(5):
        turns.add("a", number)
    assert [turns.begin(), turns.begin(), turns.begin()] == [0, 1, None]
    places = 3
    assert [turns.begin(), turns.begin()] == [2, None]
    places = 2
    assert turns.end() is None
    assert turns.end() == 3


def test_a_site_with_many_networks_waits_for_its_turn() -> None:
    turns: Turns[str] = Turns(lambda: 1)
    for number in range(3):
        turns.add(f"2001:db8:1:{number}::/64", f"site {number}")
    turns.add("2001:db8:1::/64", "site 0 again")
    turns.add("2001:db8:2::/64", "other")
    order = [turns.begin()]
    while (following := turns.end()) is not None:
        order.append(following)
    assert order == ["site 0", "other", "site 1", "site 2", "site 0 again"]
