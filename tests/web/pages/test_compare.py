"""The page that compares two versions."""

from __future__ import annotations

import numpy as np
from flask.testing import FlaskClient

from functions import registry
from functions.domain.monitoring.comparison import kept_errors
from functions.records.tables import Version
from functions.web.platform import Platform

Y = np.arange(100) % 10


def learned(here: Platform) -> tuple[str, str]:
    """Add a version that is better than the shipped one, and return both."""
    right = Y.copy()
    worse = np.where(np.arange(100) < 12, (Y + 1) % 10, Y)
    with here.database.writing() as session:
        parent = registry.live(session, "digits")["cnn"]
        child = Version(set_name="digits", learner="cnn", parent_id=parent.id, sha256="0" * 64, labels=parent.labels)
        child.gate = {"accepted": True, "errors": kept_errors(Y, worse, right)}
        session.add(child)
        session.flush()
        return parent.id, child.id


def test_two_versions_are_compared_on_the_same_drawings(client: FlaskClient, here: Platform) -> None:
    parent, child = learned(here)
    page = client.get(f"/models/digits/compare?first={parent}&second={child}").text
    assert "88 correctly" in page
    assert f"CNN {child[-8:]} is better" in page
    assert page.count('<th scope="row">') > 10
    assert f"first={parent}&amp;second={child}&amp;lang=ru" in page  # the other language compares the same two


def test_versions_without_kept_answers_show_their_figures(client: FlaskClient, here: Platform) -> None:
    page = client.get("/models/digits/compare").text
    assert "has no record of its answers" in page
    assert "Measured figures" in page
    assert client.get("/models/nothing/compare").status_code == 404
    assert client.get("/models/digits/compare?first=x&second=y").status_code == 200


def test_the_page_of_the_models_begins_with_what_matters_and_leads_to_comparisons(client: FlaskClient, here: Platform) -> None:
    parent, child = learned(here)
    page = client.get("/models/digits").text
    lead = page[page.index("models-lead") :]
    assert lead.index("FNN and CNN answer together.") < lead.index("They have learned nothing") < lead.index("<h2")
    assert f"first={parent}&amp;second={child}" in page
    assert "The most common label has 0 accepted drawings" in page
