"""The API of readings: whole numbers and words on one canvas."""

from __future__ import annotations

import hashlib
from contextlib import nullcontext

from flask import Response, jsonify

from functions.domain.drawing import Strokes, to_json
from functions.domain.reading import Pictured, Writing, Written
from functions.errors import Malformed
from functions.records.idempotency import GivenKey, RequestKey
from functions.verbs.cut_again import NewCut
from functions.verbs.cut_again import cut_again as cut_again_verb
from functions.verbs.read import read as read_verb
from functions.web.api.operations import Operation
from functions.web.api.parse_request import one_at_a_time, read_json, read_writing
from functions.web.api.present import reading_json
from functions.web.api.request_schemas import CutBody, ReadingBody
from functions.web.api.response_schemas import ReadingOut
from functions.web.api.retries import HEADER, idempotency_key
from functions.web.api.samples import api
from functions.web.platform import platform
from functions.web.security import access, identity


@api.post("/sets/<set_name>/readings")
@Operation(
    "Reads a whole number or word from one canvas; with consent each symbol is kept and can be corrected",
    ReadingOut,
    body=ReadingBody,
    headers=(HEADER,),
    errors=(400, 401, 403, 404, 409, 413, 415, 422),
    drawing=True,
)
def read(set_name: str) -> Response:
    """Read a line of writing."""
    here = platform()
    body, written = read_writing(ReadingBody)
    # Without consent nothing is written; only the own drawings of a visitor with a cookie are read.
    who = access.sender() if body.consent else None
    if who is not None:
        here.outbox_room.check(here.database)
    visitor = identity.visitor() if body.adapt else None
    with idempotency_key(who) if who else nullcontext() as key:
        reading = read_verb(
            here.database,
            here.runtime,
            set_name=set_name,
            writing=_writing(written),
            contributor=who.contributor if who else None,
            examples=here.visitor_examples.of(here.database, here.runtime, visitor) if visitor else None,
            key=_with_request(key, set_name, body, written),
            continues=body.continues,
        )
    if who is not None and reading.new:
        identity.remember(who)
    return jsonify(reading_json(reading, set_name))


@api.post("/sets/<set_name>/readings/cuts")
@Operation(
    "Cuts symbols of a kept reading again: several are one, or one is two; answers with the new ones",
    ReadingOut,
    body=CutBody,
    headers=(HEADER,),
    errors=(400, 401, 403, 404, 409, 413, 415, 422),
)
def cut_again(set_name: str) -> Response:
    """Replace wrongly cut symbols by the right ones."""
    here = platform()
    body = read_json(CutBody)
    if (body.join is None) == (body.split is None) or (body.boxes is not None and body.split is None):
        raise Malformed(
            "A cut is either 'join', a list of two to five predictions, or 'split', one prediction, perhaps with 'boxes'."
        )
    predictions = tuple(body.join or [body.split or ""])
    here.outbox_room.check(here.database)
    who, visitor = identity.caller(), identity.visitor()
    with idempotency_key(who) as key:
        # Without boxes the record is what earlier releases stored.
        more = () if body.boxes is None else (body.boxes,)
        with_request = key.with_request("cut", set_name, body.join, body.split, *more) if key else None
        boxes = tuple((left, top, left + width, top + height) for left, top, width, height in body.boxes or ())
        new = NewCut(set_name, predictions, with_request, boxes)
        examples = here.visitor_examples.of(here.database, here.runtime, visitor) if visitor else None
        reading = cut_again_verb(here.database, here.store, here.runtime, new, examples)
    return jsonify(reading_json(reading, set_name))


def _writing(written: Strokes | bytes) -> Writing:
    with one_at_a_time:
        return Written.of(written) if isinstance(written, Strokes) else Pictured.from_png(written)


def _with_request(key: GivenKey | None, set_name: str, body: ReadingBody, written: Strokes | bytes) -> RequestKey | None:
    if key is None:
        return None
    record = to_json(written) if isinstance(written, Strokes) else hashlib.sha256(written).hexdigest()
    more = (body.continues,) if body.continues else ()  # without, the record is what earlier releases stored
    return key.with_request("reading", set_name, body.adapt, record, *more)
