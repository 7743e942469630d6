from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from sqlalchemy import delete, func, select

from functions.dataset.assess import Assessment
from functions.dataset.labelled_drawing import Sender
from functions.domain.trust import CAP_AN_HOUR
from functions.errors import BadLabel, KeyReused, UnknownSet
from functions.records.database import Database
from functions.records.drawings import square_of
from functions.records.idempotency import GivenKey
from functions.records.tables import DrawingRow, IdempotencyKey, Run, Sample
from functions.verbs import contribute as contribute_module
from functions.verbs.contribute import SITTING, Contributed, Contribution, contribute
from functions.verbs.define import create_set, delete_set
from tests.support.platform_fakes import fill_platform, promised, quiet_times
from tests.support.sample_drawings import ONE, drawing, upload

ANN, BOB = "a" * 32, "b" * 32
HERE, THERE = "address block", "another address block"


@pytest.fixture
def house(database: Database) -> Database:
    fill_platform(database)
    return database


def give(house: Database, trust: str = "review", *, from_owner: bool = False, **changes: object) -> Contributed:
    fields = {"set_name": "digits", "label": "7", "drawing": drawing(), "contributor": ANN, **changes}
    text, named = fields.pop("idempotency", None), fields.pop("named", True)
    if text is not None:
        fields["key"] = GivenKey(text, fields["contributor"] if named else fields.pop("block", HERE), named)
    return contribute(house, trust, Contribution(**fields), Sender(from_owner=from_owner))


def count(house: Database, table: type) -> int:
    with house.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_contribution_is_a_row_its_strokes_its_square_and_a_picture_on_its_way(house: Database) -> None:
    given = drawing()
    made = give(house, drawing=given)
    with house.reading() as session:
        sample = session.get_one(Sample, made.sample)
        row = session.get_one(DrawingRow, sample.drawing_id)
        assert (sample.label, sample.status, sample.source, sample.contributor_id) == ("7", "accepted", "contribution", ANN)
        assert json.loads(zlib.decompress(row.strokes))["pointer"] == "pen"
        assert abs(square_of(row) - given.square).max() <= 1 / 255
    key = f"samples/digits/7/{made.sample}"
    assert promised(house) == {f"{key}.png": True, f"{key}.json": True}


def test_an_uploads_drawing_has_no_strokes(house: Database) -> None:
    give(house, drawing=upload())
    with house.reading() as session:
        assert session.scalars(select(DrawingRow)).one().strokes is None


def test_contributions_of_one_sitting_are_one_run(house: Database) -> None:
    for _ in range(3):
        give(house)
    assert quiet_times(house) == [SITTING]


def test_a_contribution_that_waits_for_the_owner_teaches_nobody(house: Database) -> None:
    assert give(house, "moderated").status == "pending"
    assert count(house, Run) == 0
    assert give(house, "moderated", from_owner=True).status == "accepted"


def test_an_unknown_set_or_label_keeps_nothing(house: Database) -> None:
    with pytest.raises(UnknownSet):
        give(house, set_name="letters")
    with pytest.raises(BadLabel):
        give(house, label="x")
    assert count(house, Sample) == count(house, DrawingRow) == len(promised(house)) == 0


def test_the_same_key_and_drawing_again_is_the_same_sample(house: Database) -> None:
    first = give(house, idempotency="k")
    again = give(house, idempotency="k")
    assert (first.new, again.new) == (True, False)
    assert first.sample == again.sample
    assert count(house, DrawingRow) == 1


def test_the_same_key_with_anything_else_is_refused(house: Database) -> None:
    give(house, idempotency="k")
    with pytest.raises(KeyReused):
        give(house, idempotency="k", label="1")
    with pytest.raises(KeyReused):
        give(house, idempotency="k", drawing=drawing(ONE))
    with pytest.raises(KeyReused):
        give(house, idempotency="k", drawing=upload())


def test_a_key_belongs_to_its_contributor(house: Database) -> None:
    assert give(house, idempotency="k").sample != give(house, idempotency="k", contributor=BOB).sample


def test_without_a_name_the_key_belongs_to_the_address_or_to_the_request(house: Database) -> None:
    first = give(house, idempotency="k", named=False)
    assert give(house, idempotency="k", named=False, contributor=BOB).sample == first.sample
    assert give(house, idempotency="k", named=False, contributor=BOB, block=THERE).sample == first.sample
    with pytest.raises(KeyReused):
        give(house, idempotency="k", named=False, label="1")
    assert give(house, idempotency="k", named=False, label="1", block=THERE).sample != first.sample


def test_a_key_that_an_earlier_release_kept_in_the_sample_is_still_known(house: Database) -> None:
    named, anonymous = give(house, idempotency="k"), give(house, idempotency="a", named=False)
    with house.writing() as session:
        session.execute(delete(IdempotencyKey))
    assert give(house, idempotency="k").sample == named.sample
    assert give(house, idempotency="a", named=False, block=THERE).sample == anonymous.sample
    with pytest.raises(KeyReused):
        give(house, idempotency="k", label="1")


def test_a_retry_that_has_got_its_cookie_meanwhile_finds_the_first_request(house: Database) -> None:
    first = give(house, idempotency="k", named=False)
    assert give(house, idempotency="k", named=True).sample == first.sample


def test_a_retry_of_what_was_withdrawn_meanwhile_tells_so(house: Database) -> None:
    from functions.verbs.withdraw import withdraw

    first = give(house, idempotency="k")
    withdraw(house, first.sample)
    again = give(house, idempotency="k")
    assert (again.sample, again.status) == (first.sample, "withdrawn")


def test_beyond_the_hourly_cap_contributions_wait(house: Database) -> None:
    made = give(house)
    with house.writing() as session:
        row = session.get_one(Sample, made.sample)
        alike = {"set_name": "digits", "label": "7", "status": "accepted", "source": "import", "drawing_id": row.drawing_id}
        session.add_all(Sample(**alike, contributor_id=ANN) for _ in range(CAP_AN_HOUR - 2))
    assert [give(house).status for _ in range(3)] == ["accepted", "pending", "pending"]
    assert give(house, contributor=BOB).status == "accepted"


def test_a_cap_that_is_reached_after_the_assessment_still_holds(house: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The assessment is made before the transaction; other requests of the same contributor may come in between."""
    made, real, inside = give(house), contribute_module.assess, []
    with house.writing() as session:
        row = session.get_one(Sample, made.sample)
        alike = {"set_name": "digits", "label": "7", "status": "accepted", "source": "import", "drawing_id": row.drawing_id}
        session.add_all(Sample(**alike, contributor_id=ANN) for _ in range(CAP_AN_HOUR - 2))

    def assess_early(*arguments: Any) -> Assessment:
        assessment = real(*arguments)
        if not inside:
            inside.append(True)
            assert give(house).status == "accepted"  # the last one below the cap
        return assessment

    monkeypatch.setattr(contribute_module, "assess", assess_early)
    assert give(house).status == "pending"


def test_a_set_that_is_deleted_meanwhile_is_unknown(house: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    create_set(house, "greek", ["α", "β"])
    real = contribute_module.assess

    def assess_and_delete(*arguments: Any) -> Assessment:
        assessment = real(*arguments)
        delete_set(house, "greek")
        return assessment

    monkeypatch.setattr(contribute_module, "assess", assess_and_delete)
    with pytest.raises(UnknownSet):
        give(house, set_name="greek", label="α")
    assert count(house, DrawingRow) == 0
