"""The API of symbol sets: list them; the owner creates, changes and deletes them."""

from __future__ import annotations

from typing import Annotated

from flask import Response
from flask.typing import ResponseReturnValue
from pydantic import Field
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.symbols import LONGEST_TITLE, MOST_LABELS, MOST_WANTED, Origin, SymbolSet
from functions.records.label_counts import counts_by_label
from functions.records.split_assignments import learned_from
from functions.verbs.define import SetChange, change_set, create_set, delete_set
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_json, read_query
from functions.web.api.present import json_response
from functions.web.api.request_schemas import Label, NoQuery, Strict
from functions.web.api.response_schemas import DeletedSetOut, SetOut, SetsOut
from functions.web.api.samples import api
from functions.web.platform import platform
from functions.web.security import identity

Labels = Annotated[list[Label], Field(min_length=2, max_length=MOST_LABELS)]
Title = Annotated[str, Field(max_length=LONGEST_TITLE, description="What people read instead of the name.")]


class SetBody(Strict):
    """A symbol set to create."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
    labels: Labels
    title: Title = ""


class SetChangeBody(Strict):
    """What changes about a symbol set; what is left out stays. ``labels`` are all of them, in their order."""

    title: Title | None = None
    hidden: Annotated[bool | None, Field(description="Hidden sets are in no menu; their addresses still answer.")] = None
    labels: Labels | None = None
    position: Annotated[int | None, Field(ge=0, le=10_000, description="The place in the menus, 0 for the first.")] = None
    goal: Annotated[
        int | None, Field(ge=0, le=MOST_WANTED, description="Accepted drawings of each label that are wanted, 0 for no goal.")
    ] = None


@api.get("/sets")
@Operation("The symbol sets: labels, accepted samples of each label, live versions", SetsOut, query=NoQuery)
def sets() -> Response:
    """List the symbol sets."""
    read_query(NoQuery)
    with platform().database.reading() as session:
        places = {one.name: place for place, one in enumerate(registry.sets_in_order(session))}
        origins = registry.origins(session)
        found = [_out(session, one, origins, places) for one in registry.symbol_sets(session)]
    return json_response(SetsOut(sets=found, next=None))


@api.post("/sets")
@Operation(
    "Creates a symbol set, for which people can draw at once",
    SetOut,
    status=201,
    body=SetBody,
    errors=(400, 401, 403, 409, 415, 422),
)
def create_symbol_set() -> ResponseReturnValue:
    """Create a symbol set."""
    body = read_json(SetBody)
    create_set(platform().database, body.name, body.labels, title=body.title, by=identity.caller().actor)
    return json_response(_named(body.name), 201)


@api.patch("/sets/<set_name>")
@Operation(
    "Changes a symbol set: its title, its goal, whether and where it is in the menus, and labels that nobody has drawn",
    SetOut,
    body=SetChangeBody,
    errors=(400, 401, 403, 404, 409, 415, 422),
)
def change_symbol_set(set_name: str) -> Response:
    """Change a symbol set."""
    body = read_json(SetChangeBody)
    labels = None if body.labels is None else tuple(body.labels)
    change = SetChange(body.title, body.hidden, labels, body.position, body.goal)
    change_set(platform().database, set_name, change, by=identity.caller().actor)
    return json_response(_named(set_name))


@api.delete("/sets/<set_name>")
@Operation(
    "Deletes a symbol set for which nothing is kept",
    DeletedSetOut,
    query=NoQuery,
    errors=(400, 401, 403, 404, 409),
)
def delete_symbol_set(set_name: str) -> Response:
    """Delete a symbol set."""
    read_query(NoQuery)
    delete_set(platform().database, set_name, by=identity.caller().actor)
    return json_response(DeletedSetOut(name=set_name, deleted=True))


def _named(name: str) -> SetOut:
    with platform().database.reading() as session:
        places = {one.name: place for place, one in enumerate(registry.sets_in_order(session))}
        return _out(session, registry.symbol_set(session, name), registry.origins(session), places)


def _out(session: Session, one: SymbolSet, origins: dict[str, Origin], places: dict[str, int]) -> SetOut:
    counts = counts_by_label(session, one.name)
    return SetOut(
        name=one.name,
        title=one.title,
        hidden=one.hidden,
        position=places[one.name],
        goal=one.goal,
        labels=list(one.labels),
        confusable=[list(group) for group in one.confusable],
        origin=origins[one.name],
        counts={label: counts.get(label, 0) for label in one.labels},
        not_a_symbol=counts.get(None, 0),
        live={learner: version.id for learner, version in registry.live(session, one.name).items()},
        people=learned_from(session, one.name),
    )
