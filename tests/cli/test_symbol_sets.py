"""The commands about symbol sets."""

from __future__ import annotations


def test_a_set_of_ones_own_is_made_grown_and_shown(call, database):
    _, said, _ = call("set", "create", "cyrillic", "--labels", "А Б")
    assert said == "The symbol set cyrillic has 2 labels; each needs 30 drawings to be learned.\n"
    _, said, _ = call("set", "add-label", "cyrillic", "В")
    assert said == "cyrillic has the label В; it needs 30 drawings to be learned.\n"
    _, said, _ = call("set", "goal", "cyrillic", "50")
    assert said == "The goal of cyrillic is 50 drawings of each label.\n"
    _, shown, _ = call("set", "show", "cyrillic")
    assert shown.splitlines() == [
        "cyrillic (owner), goal: 50 drawings of each label",
        *(f"  {label}               0 drawings, 30 more needed" for label in "АБВ"),
    ]
    _, all_of_them, _ = call("set", "show")
    assert "digits (shipped)\n" in all_of_them
    assert "  7               0 drawings\n" in all_of_them


def test_what_cannot_be_a_set_is_one_sentence(call, database):
    status, said, complaint = call("set", "create", "cyrillic", "--labels", "А А")
    assert (status, said, complaint) == (2, "", "The symbol set 'cyrillic' needs at least two labels, each once.\n")
    assert call("set", "add-label", "digits", "7") == (2, "", "'7' is a label of 'digits' already.\n")
    assert call("set", "goal", "digits", "-1")[0] == 2
    assert call("set", "show", "runes") == (2, "", "There is no symbol set called 'runes'.\n")
