from __future__ import annotations

import pytest

from functions.errors import BadLabel, BadSettings
from functions.symbols import SymbolSet


def test_a_label_stands_for_its_output() -> None:
    assert SymbolSet("letters", ("b", "a")).index("a") == 1


@pytest.mark.parametrize("label", ["", "B", "ab", "c"])
def test_a_label_that_is_not_in_the_set_is_told_with_those_that_are(label: str) -> None:
    with pytest.raises(BadLabel, match="b a"):
        SymbolSet("letters", ("b", "a")).index(label)


@pytest.mark.parametrize("name", ["", "Digits", "1st", "a/b", "a b", "a" * 33, "ä"])
def test_a_set_has_a_plain_name(name: str) -> None:
    with pytest.raises(BadSettings):
        SymbolSet(name, ("a", "b"))


@pytest.mark.parametrize("labels", [(), ("a",), ("a", "a")])
def test_a_set_has_at_least_two_labels_each_once(labels: tuple[str, ...]) -> None:
    with pytest.raises(BadSettings):
        SymbolSet("letters", labels)
