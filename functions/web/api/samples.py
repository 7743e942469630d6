"""The API under ``/api/v1``: each view turns a request into one call of a verb, and the result into an answer.

This module has the views of samples; ``predictions``, ``versions`` and other modules add theirs to the same blueprint.
"""

from __future__ import annotations

import re

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from functions import registry
from functions.dataset.labelled_drawing import Sender
from functions.errors import EmptyDrawing, UnknownSample
from functions.records import outbox
from functions.records.samples import find_sample, page_of_samples
from functions.records.tables import Sample
from functions.store import names
from functions.verbs.contribute import Contribution
from functions.verbs.contribute import contribute as contribute_verb
from functions.verbs.withdraw import withdraw as withdraw_verb
from functions.web.api.exchange_schemas import SamplesQuery
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_drawing, read_query
from functions.web.api.present import json_response, page_response
from functions.web.api.request_schemas import NoQuery, ReceiptQuery, SampleBody
from functions.web.api.response_schemas import ContributedOut, SampleOut, SamplesOut, WithdrawnOut
from functions.web.api.retries import HEADER, idempotency_key
from functions.web.platform import platform
from functions.web.security import access, identity
from functions.web.security.address_block import block
from functions.web.security.visible import visible

api = Blueprint("api", __name__, url_prefix="/api/v1")
api.before_request(identity.refuse_forms)

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


@api.url_value_preprocessor
def refuse_odd_names(endpoint: str | None, values: dict[str, str] | None) -> None:
    """Replace impossible names and ids by ``-``, which never exists: a database may raise an error for odd characters."""
    for name, value in (values or {}).items():
        if values is not None and not _ID.fullmatch(value):
            values[name] = "-"


@api.post("/sets/<set_name>/samples")
@Operation(
    "Contributes a drawing with its label; an Idempotency-Key makes a retry safe",
    ContributedOut,
    status=201,
    body=SampleBody,
    headers=(HEADER,),
    errors=(400, 401, 403, 404, 409, 413, 415, 422),
    drawing=True,
)
def contribute(set_name: str) -> ResponseReturnValue:
    """Store a labelled drawing."""
    here, who = platform(), identity.caller()
    if not here.runtime.knows(set_name):
        with here.database.reading() as session:
            registry.symbol_set(session, set_name)
    body, drawing = read_drawing(SampleBody)
    if drawing is None:
        raise EmptyDrawing("Nothing is drawn.")
    here.outbox_room.check(here.database)
    with idempotency_key(who) as key:
        contributed = contribute_verb(
            here.database,
            here.settings.trust,
            Contribution(set_name, body.label, drawing, who.contributor, key),
            Sender(block(), who.owner),
            networks=here.runtime,
            learn_after=here.settings.learn_after,
        )
    if contributed.new:
        identity.remember(who)
    id, label, status = contributed.sample, contributed.label, contributed.status
    return json_response(ContributedOut(id=id, label=label, status=status, receipt=identity.receipt(id)), 201)


@api.get("/sets/<set_name>/samples")
@Operation("Pages through the dataset", SamplesOut, query=SamplesQuery, errors=(400, 404, 422))
def samples(set_name: str) -> Response:
    """List the samples of a set."""
    query = read_query(SamplesQuery)
    with platform().database.reading() as session:
        labels = registry.symbol_set(session, set_name)
        if query.label:
            labels.index(query.label)
        page = page_of_samples(
            session,
            set_name,
            query.filter(),
            limit=query.limit,
            before=query.cursor,
        )
    return page_response(SamplesOut(samples=[SampleOut.model_validate(sample) for sample in page.samples], next=page.next))


@api.get("/samples/<sample_id>")
@Operation("One sample", SampleOut, query=NoQuery, errors=(404,))
def sample(sample_id: str) -> Response:
    """Return one sample."""
    read_query(NoQuery)
    with platform().database.reading() as session:
        return json_response(SampleOut.model_validate(_present(find_sample(session, sample_id))))


@api.get("/samples/<sample_id>.png")
@Operation("A sample's picture; until it is accepted, only for its author and the owner", "image/png", errors=(401, 403, 404))
def picture(sample_id: str) -> Response:
    """Send a sample's picture, from the outbox while it has not reached the store."""
    here = platform()
    with here.database.reading() as session:
        found = visible(find_sample(session, sample_id))
        key = names.picture_key(found.set_name, found.label, found.id)
        waiting = outbox.waiting(session, key)
    response = Response(here.store.get(key) if waiting is None else waiting, mimetype="image/png")
    # A sample may be withdrawn at any time, so caches must revalidate its picture.
    response.cache_control.private = True
    response.cache_control.no_cache = True
    response.vary.update(("Authorization", "Cookie"))
    response.add_etag()
    response.make_conditional(request)
    return response


@api.delete("/samples/<sample_id>")
@Operation(
    "Withdraws a sample, with its receipt or by the owner",
    WithdrawnOut,
    status=202,
    query=ReceiptQuery,
    errors=(400, 401, 403, 404),
)
def withdraw(sample_id: str) -> ResponseReturnValue:
    """Withdraw a sample."""
    here = platform()
    given = read_query(ReceiptQuery).receipt
    with here.database.reading() as session:
        find_sample(session, sample_id)
    by = identity.caller().actor if given is None and access.may() else None
    if by is None:
        identity.check_receipt(sample_id, given)
    versions = withdraw_verb(here.database, sample_id, by=by)
    return json_response(WithdrawnOut(id=sample_id, status="withdrawn", versions=list(versions)), 202)


def _present(sample: Sample) -> Sample:
    if sample.status == "withdrawn":
        raise UnknownSample("This sample was withdrawn.")
    return sample
