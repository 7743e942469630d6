"""Which connection goes when there are too many."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from functions.web.server.connection import State
from functions.web.server.open_connections import OpenConnections


class Fake(SimpleNamespace):
    """What the collection needs of a connection."""

    __eq__, __hash__ = object.__eq__, object.__hash__  # type: ignore[assignment]


def connections(*senders: str, held: int = 0) -> tuple[OpenConnections, list[Any]]:
    found: list[Any] = [Fake(sender=one, state=State.RECEIVING, held=held) for one in senders]
    opened = OpenConnections(lambda one: opened.remove(one), most_held=100)
    for one in found:
        opened.add(one)
    return opened, found


def test_the_oldest_of_the_sender_with_most_goes_first() -> None:
    opened, (first, second, third, _) = connections("honest", "many", "many", "other")
    assert opened.drop_one()
    assert second not in opened.all()
    opened.add(first)  # it begins to wait for something else
    assert opened.all()[-1] is first
    assert third in opened.all()


def test_a_connection_whose_request_is_being_answered_stays() -> None:
    opened, found = connections("a", "a")
    for one in found:
        one.state = State.ANSWERING
    assert not opened.drop_one()
    assert len(opened) == 2


def test_connections_go_while_all_together_hold_too_much() -> None:
    opened, _ = connections("a", "a", "b", held=40)
    opened.hold(10)
    assert len(opened) == 3  # not counted anew before the estimate passes the bound
    opened.hold(110)
    assert len(opened) == 2


def test_a_site_with_many_networks_loses_its_connections_first() -> None:
    opened, (*site, _one, _other) = connections(
        *(f"2001:db8:1:{number}::/64" for number in range(4)),
        "one",
        "one",
    )
    for _ in range(2):
        assert opened.drop_one()
    assert len(set(site) & set(opened.all())) == 2
