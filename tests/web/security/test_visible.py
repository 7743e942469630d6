"""Who may see a drawing."""

from __future__ import annotations

import pytest
from flask import Flask

from functions.errors import NotAllowed, UnknownSample
from functions.records.tables import Sample
from functions.web.security.visible import visible


def test_an_accepted_drawing_is_for_everybody_and_a_waiting_one_is_not(app: Flask) -> None:
    with app.test_request_context("/api/v1/samples/x.png"):
        accepted = Sample(id="x", status="accepted", contributor_id="a" * 32)
        assert visible(accepted) is accepted
        for status in ("pending", "quarantined", "rejected"):
            with pytest.raises(NotAllowed, match="only its author"):
                visible(Sample(id="x", status=status, contributor_id="a" * 32))
        with pytest.raises(UnknownSample):
            visible(Sample(id="x", status="withdrawn", contributor_id="a" * 32))
