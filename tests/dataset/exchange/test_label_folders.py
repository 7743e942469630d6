from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.dataset.exchange.label_folders import folder_of, folders_of, label_in

ODD = ["..", ".", "/", "a/b", "..\\x", "C:", "CON", "nul", "com1", "a.", "\u202e7", "=1+1", "-", "_41", "é", "手" * 64, "A", "a"]


@pytest.mark.parametrize("label", ODD)
def test_an_odd_label_is_a_plain_folder_everywhere(label):
    name = folder_of(label)
    assert re.fullmatch(r"[a-z0-9_-]{1,100}", name)
    assert name not in ("con", "nul", "com1")


def test_odd_labels_have_different_folders_also_where_case_is_ignored():
    assert len({folder_of(label).lower() for label in (*ODD, None)}) == len(ODD) + 1
    assert set(folders_of(ODD).values()) == {*ODD, None}


@given(st.text(min_size=1, max_size=8))
def test_a_label_comes_back_from_its_folder(label):
    assert label_in(folder_of(label)) == label


@pytest.mark.parametrize("folder", ["A", "Sea", "_zz", "x_", "_c3", "con", "手"])
def test_a_name_that_no_label_was_written_as_is_refused(folder):
    with pytest.raises(ValueError):
        label_in(folder)
