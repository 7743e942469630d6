"""What kind of sign a label is, and how many of them are shown to choose from."""

from __future__ import annotations

import pytest

from functions.web.pages.label_groups import Lacking, choosing, kinds

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"


def test_digits_alone_need_no_words() -> None:
    assert kinds("0123456789") == {}


@pytest.mark.parametrize(("label", "kind"), [("0", "digit"), ("O", "either"), ("Q", "capital"), ("q", "small"), ("I", "either")])
def test_a_letter_without_its_other_case_stands_for_both_where_the_set_has_both_cases(label: str, kind: str) -> None:
    assert kinds(CHARACTERS)[label] == kind


def test_letters_of_one_case_are_meant_in_that_case() -> None:
    assert set(kinds("АБВЁ").values()) == {"capital"}
    assert set(kinds("0абв").values()) == {"digit", "small"}


def test_signs_without_case_and_words_are_what_they_are() -> None:
    assert kinds(["א", "字", "+", "star"]) == {"א": "letter", "字": "letter"}


def test_few_labels_stand_in_one_row_as_they_come() -> None:
    shown = choosing("9876543210")
    assert [(group.heading, "".join(group.labels)) for group in shown.groups] == [(None, "9876543210")]
    assert not shown.many and not shown.search


def test_many_labels_stand_below_headings() -> None:
    shown = choosing(CHARACTERS)
    assert {group.heading: len(group.labels) for group in shown.groups} == {"digit": 10, "capital": 26, "small": 11}
    assert shown.many and not shown.search


def test_many_labels_of_one_kind_need_no_heading() -> None:
    assert [group.heading for group in choosing("АБВГДЕЁЖЗИЙКЛМН").groups] == [None]


def test_words_and_hundreds_of_signs_can_be_searched() -> None:
    assert choosing([f"word{i}" for i in range(13)]).search
    assert not choosing(["left", "right"]).search
    assert choosing([chr(0x4E00 + i) for i in range(100)]).search


def test_what_is_lacking_adds_up() -> None:
    lacking = Lacking(("a", "b", "c"), {"a": 30, "b": 15}, 30)
    assert (lacking.drawings, lacking.done, lacking.progress) == (45, 1, pytest.approx(0.5))
    assert Lacking((), {}, 30).progress == 1
