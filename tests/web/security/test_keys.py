"""Keys: what was signed before still verifies, and one purpose's signature serves no other."""

from __future__ import annotations

import pytest
from flask import Flask
from itsdangerous import BadSignature

from functions.web.security import identity, keys


def test_a_receipt_that_was_handed_out_stays_valid(app: Flask) -> None:
    with app.test_request_context():
        identity.check_receipt("0123456789abcdef" * 2, "794aae75ab06ba021e34ae9062ec5c601c152181dd8d2b29bc8d0a453497d125")


def test_each_purpose_and_each_set_has_a_key_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        assert keys.keyed_hash("receipt", b"a") != keys.keyed_hash("address block", b"a")
        signed = keys.question_signer("digits").sign("a")
        assert keys.question_signer("digits").unsign(signed) == b"a"
        with pytest.raises(BadSignature):
            keys.question_signer("letters").unsign(signed)


def test_texts_are_compared_whatever_they_hold() -> None:
    assert keys.is_equal("a", "a")
    assert not keys.is_equal("a", "\ud800")
