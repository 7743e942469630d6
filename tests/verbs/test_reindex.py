from __future__ import annotations

import hashlib
import json
import zlib
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from functions.domain.trust.reason_codes import in_words
from functions.errors import StoreUnavailable
from functions.records import facts, objects, outbox
from functions.records.database import Database, open_database
from functions.records.migrate import migrate
from functions.records.tables import Base, Contributor, DrawingRow, OutboxRow, Prediction, Sample, SymbolSetRow, new_id, now
from functions.store import FolderStore, Store, names
from functions.verbs.reindex import reindex

pytestmark = pytest.mark.above_sql

KEPT = ("symbol_sets", "contributors", "drawings", "predictions", "samples")
LABELS = ["0", "1", "7", "A", "a", "é/手"]
STROKES = {"lines": [[[1.1, 2, 0], [3, 4.30000001, 16]]], "width": 280, "height": 280, "pointer": "touch"}


def _drawing(set_name: str, contributor: str, number: int) -> tuple[DrawingRow, bytes]:
    png = b"picture %d" % number
    strokes = json.dumps(STROKES | {"width": number + 1}, sort_keys=True, separators=(",", ":")).encode()
    row = DrawingRow(
        id=new_id(),
        set_name=set_name,
        contributor_id=contributor,
        strokes=zlib.compress(strokes, 9) if number % 2 else None,
        square=zlib.compress(bytes([number % 256]) * 784, 9),
        png_sha256=hashlib.sha256(png).hexdigest(),
        created=now() - timedelta(hours=number),
    )
    return row, png


def fill(database: Database, store: Store, count: int = 12) -> list[str]:
    """Make a platform with a set, contributors, samples of every status and label, corrections, and drawings without a label."""
    samples = []
    with database.writing() as session:
        row = SymbolSetRow(name="mixed", labels=LABELS, created=now())
        session.add(row)
        outbox.send(session, outbox.Object(names.set_key("mixed"), facts.set_facts(row), "application/json"))
        people = [new_id() for _ in range(3)]
        session.add_all([Contributor(id=person, created=now()) for person in people])
        session.flush()
        for number in range(count):
            person = people[number % 3]
            drawing, png = _drawing("mixed", person, number)
            session.add(drawing)
            session.flush()
            prediction = None
            if number % 3 == 0:
                answer = {"status": "sure", "label": "1", "p": 0.981234}
                opinions = {"models": [{"version": "mixed-cnn-00000000", "top": [{"label": "1", "p": 0.1}]}]}
                prediction = Prediction(
                    set_name="mixed", drawing_id=drawing.id, contributor_id=person, answer=answer, opinions=opinions
                )
                session.add(prediction)
                session.flush()
            if number % 4 == 3:
                outbox.send(session, outbox.Object(names.drawing_key("mixed", drawing.id), png, "image/png"))
                body = facts.drawing_facts(drawing, prediction)
                outbox.send(session, outbox.Object(names.drawing_facts_key("mixed", drawing.id), body, "application/json"))
                continue
            label = None if number == 4 else LABELS[number % len(LABELS)]
            sample = Sample(
                set_name="mixed",
                label=label,
                status=["accepted", "pending", "quarantined", "rejected"][number % 4],
                reason="hostile",
                reason_figures={"of": "block", "surprising": number, "count": 2 * number},
                source="contribution" if prediction is None else "correction",
                drawing_id=drawing.id,
                prediction_id=None if prediction is None else prediction.id,
                contributor_id=person,
                idempotency=hashlib.sha256(b"%d" % number).hexdigest() if number % 2 else None,
            )
            session.add(sample)
            session.flush()
            samples.append(sample.id)
            outbox.send(session, outbox.Object(names.picture_key("mixed", label, sample.id), png, "image/png"))
            objects.send_facts(session, sample, drawing)
    while outbox.drain(database, store):
        pass
    return samples


def _rows(database: Database) -> dict[str, list[Any]]:
    with database.reading() as session:
        tables = {name: Base.metadata.tables[name] for name in KEPT}
        rows = {name: session.execute(select(table).order_by(*table.primary_key)).all() for name, table in tables.items()}
    rows["contributors"] = [row.id for row in rows["contributors"]]  # a bucket knows a person by their first drawing
    return rows


def _forget_everything(database: Database) -> None:
    with database.writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())


def test_the_bucket_alone_rebuilds_every_row(database: Database, store: Store) -> None:
    fill(database, store)
    before = _rows(database)
    _forget_everything(database)
    steps: list[tuple[float, str]] = []
    rebuilt = reindex(database, store, lambda share, step: steps.append((share, step)))
    assert _rows(database) == before
    assert (rebuilt.sets, rebuilt.samples, rebuilt.drawings, rebuilt.broken) == (1, 9, 12, {})
    assert steps[-1][0] == 1.0


def test_a_laptop_bucket_rebuilds_another_kind_of_database(database: Database, tmp_path: Any) -> None:
    store = FolderStore(tmp_path / "objects")
    laptop = open_database(f"sqlite:///{tmp_path / 'laptop.sqlite'}")
    migrate(laptop)
    fill(laptop, store)
    reindex(database, store)
    assert _rows(database) == _rows(laptop)
    laptop.engine.dispose()


def test_sentences_of_facts_from_before_there_were_codes_become_codes(database: Database, tmp_path: Any) -> None:
    store = FolderStore(tmp_path / "objects")
    fill(database, store)
    before = _rows(database)
    for key in [key for key in store.keys("samples/") if key.endswith(".json")]:
        whole = json.loads(store.get(key))
        figures = whole["sample"].pop("reason_figures")
        whole["sample"]["reason"] = in_words("hostile", figures)
        store.put(key, json.dumps(whole).encode(), "application/json")
    _forget_everything(database)
    assert reindex(database, store).broken == {}
    assert _rows(database) == before


def test_reindexing_again_adds_nothing(database: Database, tmp_path: Any) -> None:
    store = FolderStore(tmp_path / "objects")
    fill(database, store)
    before = _rows(database)
    rebuilt = reindex(database, store)
    assert (rebuilt.sets, rebuilt.samples, rebuilt.drawings, rebuilt.broken) == (0, 0, 0, {})
    assert _rows(database) == before


def test_an_empty_bucket_is_a_fine_bucket(database: Database, tmp_path: Any) -> None:
    assert reindex(database, FolderStore(tmp_path / "objects")).samples == 0


def test_a_withdrawn_sample_is_not_brought_back_and_its_objects_go(database: Database, tmp_path: Any) -> None:
    store = FolderStore(tmp_path / "objects")
    sample_id = fill(database, store)[0]
    with database.writing() as session:
        session.execute(update(Sample).where(Sample.id == sample_id).values(status="withdrawn"))
    reindex(database, store)
    with database.reading() as session:
        assert session.get_one(Sample, sample_id).status == "withdrawn"
        assert len(list(session.scalars(select(OutboxRow)))) == 2
    while outbox.drain(database, store):
        pass
    assert not [key for key in store.keys("samples/") if sample_id in key]
    assert len(list(store.keys("samples/"))) == 16


def test_broken_objects_are_reported_and_the_others_rebuilt(database: Database, tmp_path: Any) -> None:
    store = FolderStore(tmp_path / "objects")
    fill(database, store)
    facts = [key for key in store.keys("samples/") if key.endswith(".json")]
    body = store.get(facts[0])
    store.put(facts[0], body[:100], "application/json")
    store.put(facts[1].replace(".json", ".png"), b"another picture", "image/png")
    store.delete(facts[2].replace(".json", ".png"))
    store.put(facts[3].replace("/mixed/", "/elsewhere/"), store.get(facts[3]), "application/json")
    stranger = json.loads(store.get(facts[4]))
    stranger["set"] = "unheard-of"
    strange_key = facts[4].replace("/mixed/", "/unheard-of/")
    store.put(strange_key, json.dumps(stranger).encode(), "application/json")
    store.put(strange_key.replace(".json", ".png"), store.get(facts[4].replace(".json", ".png")), "image/png")
    store.put("samples/mixed/7/no-facts.png", b"alone", "image/png")
    _forget_everything(database)
    rebuilt = reindex(database, store)
    assert rebuilt.samples == 6
    assert rebuilt.broken == {
        facts[0]: "These are not the facts of an object; these fields are wrong: JSON.",
        facts[1]: "its picture is not the one that was drawn",
        facts[2]: "its picture is missing",
        facts[3].replace("/mixed/", "/elsewhere/"): "its facts belong to another key",
        strange_key: "there is no symbol set 'unheard-of'",
    }


def test_a_label_that_its_set_does_not_have_is_reported(database: Database, tmp_path: Any) -> None:
    store = FolderStore(tmp_path / "objects")
    fill(database, store)
    _forget_everything(database)
    with database.writing() as session:
        session.add(SymbolSetRow(name="mixed", labels=["1", "0"]))
    rebuilt = reindex(database, store)
    assert rebuilt.sets == 0
    assert "'7' is not a label of 'mixed'" in rebuilt.broken.values()
    with database.reading() as session:
        assert set(session.scalars(select(Sample.label))) == {"0", "1", None}


def test_labels_that_the_owner_added_to_a_shipped_set_come_back(database: Database, tmp_path: Any) -> None:
    store = FolderStore(tmp_path / "objects")
    fill(database, store)
    _forget_everything(database)
    with database.writing() as session:
        session.add(SymbolSetRow(name="mixed", labels=LABELS[:2]))
    rebuilt = reindex(database, store)
    assert (rebuilt.sets, rebuilt.broken) == (0, {})
    with database.reading() as session:
        assert session.get_one(SymbolSetRow, "mixed").labels == LABELS


def test_a_set_that_the_owner_defined_comes_back_as_one(database: Database, tmp_path: Any) -> None:
    store = FolderStore(tmp_path / "objects")
    row = SymbolSetRow(name="signs", labels=["0", "O"], confusable=[["0", "O"]], origin="owner", created=now())
    store.put(names.set_key("signs"), facts.set_facts(row), "application/json")
    assert reindex(database, store).sets == 1
    with database.reading() as session:
        back = session.get_one(SymbolSetRow, "signs")
        assert (back.labels, back.confusable, back.origin) == (["0", "O"], [["0", "O"]], "owner")


def test_two_samples_that_claim_one_idempotency_key_do_not_stop_the_rest(database: Database, tmp_path: Any) -> None:
    store = FolderStore(tmp_path / "objects")
    fill(database, store)
    facts = [key for key in store.keys("samples/") if key.endswith(".json")]
    keyed = next(key for key in facts if json.loads(store.get(key))["sample"]["idempotency"])
    copy = json.loads(store.get(keyed))
    old, new = copy["sample"]["id"], new_id()
    copy["sample"]["id"] = new
    store.put(keyed.replace(old, new), json.dumps(copy).encode(), "application/json")
    store.put(keyed.replace(old, new).replace(".json", ".png"), store.get(keyed.replace(".json", ".png")), "image/png")
    _forget_everything(database)
    rebuilt = reindex(database, store)
    assert rebuilt.samples == 9
    assert list(rebuilt.broken.values()) == ["it contradicts what the database has"]


def test_a_bucket_that_is_away_is_said_and_what_was_added_stays(database: Database, tmp_path: Any) -> None:
    store = FolderStore(tmp_path / "objects")
    fill(database, store)
    _forget_everything(database)

    class Away(FolderStore):
        def get(self, key: str) -> bytes:
            raise StoreUnavailable("The store is away.")

    with pytest.raises(StoreUnavailable):
        reindex(database, Away(tmp_path / "objects"))
    assert reindex(database, store).samples == 9
