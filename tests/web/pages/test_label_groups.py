"""What kind of sign a label is, and how many of them are shown to choose from."""

from __future__ import annotations

import pytest

from functions.web.pages.label_groups import kinds, label_choice

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
    shown = label_choice("9876543210")
    assert [(group.heading, "".join(group.labels)) for group in shown.groups] == [(None, "9876543210")]
    assert not shown.has_suggestions and not shown.has_search


def test_many_labels_stand_below_headings() -> None:
    shown = label_choice(CHARACTERS)
    assert {group.heading: len(group.labels) for group in shown.groups} == {"digit": 10, "capital": 26, "small": 11}
    assert shown.has_suggestions and not shown.has_search


def test_many_labels_of_one_kind_need_no_heading() -> None:
    assert [group.heading for group in label_choice("АБВГДЕЁЖЗИЙКЛМН").groups] == [None]


def test_words_and_hundreds_of_signs_can_be_searched() -> None:
    assert label_choice([f"word{i}" for i in range(13)]).has_search
    assert not label_choice(["left", "right"]).has_search
    assert label_choice([chr(0x4E00 + i) for i in range(100)]).has_search
