"""The API of kept drawings: what was drawn and said of it, what each version says of it, and what the caller gave."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response
from pydantic import Field

from functions import registry
from functions.dataset.label_history import By, label_history
from functions.dataset.sample_state import State, state_of
from functions.domain.answer import Learner
from functions.errors import NotSignedIn, Unavailable
from functions.records.contributor_samples import page_of_theirs, versions_of_runs
from functions.records.drawings import read_strokes, square_of
from functions.records.samples import find_sample
from functions.records.tables import DrawingRow, Sample
from functions.records.withdrawals import learned_from
from functions.verbs.ask_versions import VersionAnswer, ask_versions
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_query
from functions.web.api.present import Extended, json_response, page_response
from functions.web.api.request_schemas import ListQuery, NoQuery
from functions.web.api.response_schemas import Out, SampleOut, Timestamp
from functions.web.api.samples import api
from functions.web.platform import platform
from functions.web.security import identity
from functions.web.security.visible import visible


class SaidLabelOut(Out):
    """A label that was given to a drawing, when, and by whom; nobody is named. The label null means "not a symbol"."""

    label: str | None
    at: Timestamp
    by: By


class DrawingOut(SampleOut):
    """A sample with its drawing; an uploaded picture has no ``strokes``. ``square`` has 784 numbers, row by row.

    ``history`` begins with the networks' answer, where one was given. ``learned_by`` are the versions that learned from it.
    """

    split: Literal["train", "validation", "test", "unused"] | None
    strokes: dict[str, Any] | None
    square: list[int] = Field(json_schema_extra={"minItems": 784, "maxItems": 784})
    history: list[SaidLabelOut]
    learned_by: list[str]


class VersionAnswerOut(Out):
    """What a version says of a drawing: its best label (null: not a symbol) with its probability; ``since`` it was first live."""

    version: str
    learner: Learner
    since: Timestamp
    live: bool
    learned: bool
    label: str | None
    p: float


class VersionAnswersOut(Out):
    """The answers of the versions that were ever live, oldest first: of many, some evenly between the first and the last."""

    sample: str
    answers: list[VersionAnswerOut]


class OwnSampleOut(SampleOut):
    """A sample of the caller: its state, the receipt that withdraws it, and the versions that it taught."""

    state: State
    receipt: str
    versions: list[str]


class OwnSamplesOut(Out):
    """A page of what the caller gave in all sets, newest first."""

    samples: list[OwnSampleOut]
    next: str | None


@api.get("/samples/<sample_id>/drawing")
@Operation("What was drawn, and what was said of it", DrawingOut, query=NoQuery, errors=(400, 401, 403, 404))
def drawn(sample_id: str) -> Response:
    """Return a sample with its strokes and the history of its label."""
    read_query(NoQuery)
    with platform().database.reading() as session:
        sample = visible(find_sample(session, sample_id))
        row = session.get_one(DrawingRow, sample.drawing_id)
        more = {
            "strokes": None if row.strokes is None else read_strokes(row.strokes),
            "square": (255 * square_of(row)).round().astype(int).ravel().tolist(),
            "history": label_history(session, sample),
            "learned_by": [one.id for one in learned_from(session, sample_id)],
        }
        return _private(json_response(DrawingOut.model_validate(Extended(sample, **more))))


@api.get("/samples/<sample_id>/answers")
@Operation("What each version says of a drawing", VersionAnswersOut, query=NoQuery, errors=(400, 401, 403, 404))
def answers(sample_id: str) -> Response:
    """Ask the versions that were ever live about a drawing."""
    read_query(NoQuery)
    with platform().database.reading() as session:
        visible(find_sample(session, sample_id))
    out = VersionAnswersOut(sample=sample_id, answers=[VersionAnswerOut.model_validate(one) for one in answers_to(sample_id)])
    return _private(json_response(out))


def answers_to(sample_id: str) -> tuple[VersionAnswer, ...]:
    """Ask the versions that were ever live about a drawing, or raise Unavailable if others do that now."""
    here = platform()
    with here.waits.waiting("versions", Unavailable("Others ask the versions now; try again in a moment.")):
        return ask_versions(here.database, registry.Artefacts(here.store, here.settings.models), sample_id)


@api.get("/contributors/me/samples")
@Operation("Pages through what the caller gave, with the receipts", OwnSamplesOut, query=ListQuery, errors=(400, 401, 403))
def own_samples() -> Response:
    """List the samples of the contributor of the cookie or the token."""
    query, who = read_query(ListQuery), identity.caller()
    if not who.known:
        raise NotSignedIn("Send the cookie or the token of the drawings' contributor.")
    with platform().database.reading() as session:
        page = page_of_theirs(session, who.contributor, limit=query.limit, before=query.cursor)
        taught = versions_of_runs(session, {one.taught_to for one in page.samples if one.taught_to is not None})
        own = [_own(one, [version.id for version in taught.get(one.taught_to or "", ())]) for one in page.samples]
    return _private(page_response(OwnSamplesOut(samples=own, next=page.next)))


def _own(sample: Sample, versions: list[str]) -> OwnSampleOut:
    more = {"state": state_of(sample), "receipt": identity.receipt(sample.id), "versions": versions}
    return OwnSampleOut.model_validate(Extended(sample, **more))


def _private(response: Response) -> Response:
    response.cache_control.no_store = True  # a drawing may be withdrawn at any time
    return response
