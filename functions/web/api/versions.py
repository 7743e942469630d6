"""The API of versions, runs and metrics."""

from __future__ import annotations

from contextlib import suppress

from flask import Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from functions import jobs, registry
from functions.domain.answer import LEARNERS, ROLES, Learner, Role
from functions.records.audit_log import note
from functions.records.growth import growth
from functions.records.label_counts import counts_by_label
from functions.records.runs import NEAREST, lineage
from functions.records.tables import Version
from functions.records.withdrawals import withdrawn_since
from functions.verbs.activate import activate as activate_verb
from functions.web.api.metrics_schemas import MetricsOut
from functions.web.api.operations import Operation
from functions.web.api.parse_request import read_json, read_query
from functions.web.api.present import Extended, json_response, page_response
from functions.web.api.present_metrics import metrics_json
from functions.web.api.request_schemas import ActivationQuery, ListQuery, NoQuery, RunBody
from functions.web.api.samples import api
from functions.web.api.version_schemas import NetworkOut, NetworksOut, RunOut, RunsOut, VersionOut, VersionsOut, VersionWithCard
from functions.web.platform import platform
from functions.web.security import identity


@api.get("/sets/<set_name>/versions")
@Operation("The versions of a set", VersionsOut, query=ListQuery, errors=(400, 404))
def versions(set_name: str) -> Response:
    """List the versions of a set."""
    query = read_query(ListQuery)
    with platform().database.reading() as session:
        registry.symbol_set(session, set_name)
        live = _live(session, set_name)
        page = registry.versions(session, set_name, limit=query.limit + 1, before=query.cursor)
    more = len(page) > query.limit
    page = page[: query.limit]
    found = [VersionOut.model_validate(Extended(version, live=version.id in live)) for version in page]
    return page_response(VersionsOut(versions=found, next=page[-1].id if more else None))


@api.get("/sets/<set_name>/networks")
@Operation("The networks that answer now, for a device that runs them itself", NetworksOut, query=NoQuery, errors=(404,))
def networks(set_name: str) -> Response:
    """Send the versions that answer, originals and live ones. A client that has the same list gets 304."""
    read_query(NoQuery)
    with platform().database.reading() as session:
        symbols = registry.symbol_set(session, set_name)
        roles: dict[Role, dict[str, Version]] = {
            "original": registry.original(session, set_name),
            "learned": registry.live(session, set_name),
        }
    places = [(learner, role) for learner in LEARNERS for role in ROLES if all(learner in found for found in roles.values())]
    found = [_network(learner, role, roles[role][learner]) for learner, role in places]
    confusable = [list(group) for group in symbols.confusable]
    response = json_response(NetworksOut(set=set_name, confusable=confusable, networks=found))
    response.cache_control.no_cache = True
    response.add_etag()
    response.make_conditional(request)
    return response


@api.get("/versions/<version_id>")
@Operation("One version: card, lineage, gate report", VersionWithCard, query=NoQuery, errors=(404,))
def version(version_id: str) -> Response:
    """Return one version with its card."""
    read_query(NoQuery)
    return json_response(_version(version_id))


@api.post("/versions/<version_id>/activation")
@Operation(
    "Makes a version live: promotion and rollback alike; of several calls that replace one version, one is done",
    VersionWithCard,
    query=ActivationQuery,
    errors=(400, 401, 403, 404, 409),
)
def activate(version_id: str) -> Response:
    """Make a version live."""
    here, query = platform(), read_query(ActivationQuery)
    artefacts = registry.Artefacts(here.store, here.settings.models)
    activate_verb(here.database, artefacts, version_id, "owner", replaces=query.replaces, actor=identity.caller().actor)
    with suppress(SQLAlchemyError):  # the activation is stored; every process finds it by itself within a second
        here.runtime.refresh()
    return json_response(_version(version_id))


@api.get("/sets/<set_name>/runs")
@Operation("The background work of a set", RunsOut, query=ListQuery, errors=(400, 404))
def runs(set_name: str) -> Response:
    """List the runs of a set."""
    query = read_query(ListQuery)
    with platform().database.reading() as session:
        registry.symbol_set(session, set_name)
        page = jobs.runs(session, set_name, limit=query.limit + 1, before=query.cursor)
    more = len(page) > query.limit
    page = page[: query.limit]
    return page_response(RunsOut(runs=[RunOut.model_validate(one) for one in page], next=page[-1].id if more else None))


@api.post("/sets/<set_name>/runs")
@Operation("Starts work now", RunOut, status=202, body=RunBody, errors=(400, 401, 403, 404, 415))
def start_run(set_name: str) -> ResponseReturnValue:
    """Ask for a run now."""
    here = platform()
    body = read_json(RunBody)
    with here.database.writing() as session:
        registry.symbol_set(session, set_name)
        run = jobs.run(session, jobs.request(session, set_name, body.kind))
        note(session, identity.caller().actor, "run_requested", run.id, set_name=set_name, kind=body.kind)
    return json_response(RunOut.model_validate(run), 202)


@api.get("/runs/<run_id>")
@Operation("One run with its progress and result", RunOut, query=NoQuery, errors=(404,))
def run(run_id: str) -> Response:
    """Return one run."""
    read_query(NoQuery)
    with platform().database.reading() as session:
        return json_response(RunOut.model_validate(jobs.run(session, run_id)))


@api.get("/sets/<set_name>/metrics")
@Operation("How well the networks do, and what the dataset holds", MetricsOut, query=NoQuery, errors=(404,))
def metrics(set_name: str) -> Response:
    """Return the metrics of a set."""
    read_query(NoQuery)
    with platform().database.reading() as session:
        symbols = registry.symbol_set(session, set_name)
        gathered = platform().metrics.of_set(session, set_name)
        counts = counts_by_label(session, set_name)
        parts = growth(session, set_name)
    return Response(metrics_json(symbols, gathered, counts, parts), mimetype="application/json")


def _version(version_id: str) -> VersionWithCard:
    with platform().database.reading() as session:
        found = registry.version(session, version_id)
        live = found.id in _live(session, found.set_name)
        ancestors = lineage(session, found, NEAREST)
        since = withdrawn_since(session, found, ancestors)
    return VersionWithCard.model_validate(Extended(found, live=live, lineage=ancestors, withdrawn=since))


def _network(learner: Learner, role: Role, version: Version) -> NetworkOut:
    return NetworkOut(learner=learner, role=role, version=version.id, labels=list(version.labels), sha256=version.sha256)


def _live(session: Session, set_name: str) -> set[str]:
    return {version.id for version in registry.live(session, set_name).values()}
