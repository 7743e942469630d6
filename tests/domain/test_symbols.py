from __future__ import annotations

import pytest

from functions.domain.symbols import LONGEST_LABEL, MOST_LABELS, SymbolSet, check_label
from functions.errors import BadLabel, BadSet, BadSettings


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


@pytest.mark.parametrize("goal", [-1, 1_000_001])
def test_a_goal_is_none_or_up_to_a_million_drawings_of_each_label(goal: int) -> None:
    assert SymbolSet("letters", ("a", "b"), goal=1_000_000) == SymbolSet("letters", ("a", "b"))
    with pytest.raises(BadSet, match="from 0 to 1,000,000"):
        SymbolSet("letters", ("a", "b"), goal=goal)


def test_a_set_has_at_most_five_hundred_labels() -> None:
    labels = tuple(f"l{number}" for number in range(MOST_LABELS + 1))
    assert len(SymbolSet("many", labels[:-1]).labels) == 500
    with pytest.raises(BadSettings, match="at most 500 labels"):
        SymbolSet("many", labels)


@pytest.mark.parametrize("label", ["Ж", "é", "手", "ぱ", "½", "0", "arrow-up", "😀", "x" * LONGEST_LABEL])
def test_a_label_may_be_a_word_of_any_script(label: str) -> None:
    check_label(label)
    assert SymbolSet("signs", (label, "other")).index(label) == 0


@pytest.mark.parametrize(
    "label", ["", " ", "two words", "tab\t", "line\n", "\x00", "\u00a0", "\u200b", "\ud800", "x" * (LONGEST_LABEL + 1)]
)
def test_a_label_is_one_printable_word(label: str) -> None:
    with pytest.raises(BadLabel):
        check_label(label)
    with pytest.raises(BadLabel):
        SymbolSet("signs", (label, "other"))


@pytest.mark.parametrize("label", ["👩\u200d🚀", "👩🏽\u200d🚀", "❤️\u200d🔥", "👨\u200d👩\u200d👧"])
def test_a_joined_emoji_is_a_label(label: str) -> None:
    check_label(label)


@pytest.mark.parametrize("label", ["a\u200db", "\u200d🚀", "👩\u200d", "🚀\u200d\u200d👩"])
def test_what_nobody_can_see_is_refused_in_a_sentence_without_codes(label: str) -> None:
    with pytest.raises(BadLabel, match="characters that can be seen") as refused:
        check_label(label)
    assert "\\u" not in str(refused.value)


def test_a_label_in_two_ways_of_writing_is_refused_in_one_of_them() -> None:
    check_label("\u0439")  # one character
    with pytest.raises(BadLabel, match="NFC"):
        check_label("\u0438\u0306")  # the same letter as two


def test_groups_of_confusable_labels_are_kept_and_a_set_stays_hashable() -> None:
    letters = SymbolSet("letters", tuple("0O1Il"), (("0", "O"), ("1", "I", "l")))
    assert letters.confusable[1] == ("1", "I", "l")
    assert letters in {letters}
    assert letters != SymbolSet("letters", tuple("0O1Il"))


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ((("0", "Q"),), "'Q' is in a group of confusable labels, but is not a label"),
        ((("0", "O"), ("O", "1")), "'O' is among the confusable labels"),
        ((("0", "0"),), "'0' is among the confusable labels"),
        ((("0",),), "fewer than two"),
        (((),), "fewer than two"),
    ],
)
def test_confusable_labels_are_of_the_set_and_in_one_group_each(groups: tuple[tuple[str, ...], ...], reason: str) -> None:
    with pytest.raises(BadSet, match=reason):
        SymbolSet("letters", ("0", "O", "1"), groups)
