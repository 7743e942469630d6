"""The page that compares two versions."""

from __future__ import annotations

import re

import numpy as np
from flask.testing import FlaskClient

from functions import registry
from functions.domain.monitoring.comparison import kept_errors
from functions.records.tables import Version
from functions.web.platform import Platform
from tests.support.tiny_models import ship_holdout

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


def test_versions_that_kept_nothing_answer_the_shipped_test_drawings(client: FlaskClient, here: Platform) -> None:
    ship_holdout(here.settings.models, np.array([1] * 30 + [2] * 10 + [10] * 5))  # the last are no symbols
    page = client.get("/models/digits/compare").text  # the shipped two: one answers always 1, the other always 2
    assert "Of the same 40 test drawings" in page
    assert "30 correctly" in page
    assert "cannot be compared drawing" not in page
    assert "Only drawings of" not in page


def test_versions_with_other_labels_are_compared_on_what_both_know(client: FlaskClient, here: Platform) -> None:
    ship_holdout(here.settings.models, np.array([1] * 30 + [2] * 10))
    with here.database.writing() as session:
        live = registry.live(session, "digits")
        live["fnn"].labels = ["0", "1"]
    page = client.get("/models/digits/compare").text
    assert "Of the same 30 test drawings" in page
    assert "Only drawings of the 2 labels that both know are counted." in page


def test_without_shipped_drawings_the_figures_remain(client: FlaskClient, here: Platform) -> None:
    page = client.get("/models/digits/compare").text
    assert "cannot be compared drawing by drawing" in page
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


def test_a_lesson_of_one_drawing_is_told_as_one(client: FlaskClient, here: Platform) -> None:
    _, child = learned(here)
    with here.database.writing() as session:
        session.get_one(Version, child).card = {"samples": 1, "labels": {"4": 1}}
        registry.activate(session, child, "run")
    text = " ".join(re.sub("<[^>]+>", "", client.get("/models/digits").text).split())
    assert "They last learned from one drawing: 4." in text
