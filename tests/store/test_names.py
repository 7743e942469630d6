from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from functions.store.base import checked
from functions.store.names import drawing_facts_key, drawing_key, escape, facts_key, picture_key, set_key

labels = st.none() | st.text(max_size=64)


def test_digits_and_small_letters_are_named_as_they_are() -> None:
    assert picture_key("digits", "7", "0190ab") == "samples/digits/7/0190ab.png"
    assert facts_key("characters", "t", "0190ab") == "samples/characters/t/0190ab.json"
    assert drawing_key("digits", "0190ab") == "drawings/digits/0190ab.png"
    assert drawing_facts_key("digits", "0190ab") == "drawings/digits/0190ab.json"
    assert set_key("digits") == "sets/digits.json"


def test_not_a_symbol_has_a_folder_that_no_label_has() -> None:
    assert picture_key("digits", None, "x") == "samples/digits/_not-a-symbol/x.png"
    assert escape("_not-a-symbol") != escape(None)


def test_small_and_capital_letters_differ_where_case_does_not_count() -> None:
    assert escape("a") == "a"
    assert escape("A") == "_41"


def test_dots_and_slashes_cannot_leave_the_folder() -> None:
    assert [escape(label) for label in (".", "..", "/", "", "a/b")] == ["_2e", "_2e_2e", "_2f", "_", "a_2fb"]


@given(labels)
def test_every_label_makes_a_safe_key(label: str | None) -> None:
    name = escape(label)
    assert checked(picture_key("digits", label, "0" * 32)).count("/") == 3
    assert name.isascii()
    assert name == name.lower() == unicodedata.normalize("NFC", name)


@given(labels, labels)
def test_different_labels_have_different_folders(one: str | None, other: str | None) -> None:
    assert (escape(one) == escape(other)) == (one == other)
