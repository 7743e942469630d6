"""The owner's page of samples that wait for a decision."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from functions.domain.symbols import SymbolSet
from functions.errors import Malformed
from functions.records.evidence_log import evidence_of
from functions.records.reports import SEVERAL, Place, count_reported, reported_samples
from functions.records.samples import HELD, SampleFilter, count_up_to, counts_waiting, page_of_samples
from functions.records.tables import Sample
from functions.verbs.moderate import Before, moderate_all, put_all_back, put_back, relabel
from functions.verbs.moderate import moderate as moderate_verb
from functions.web.pages.admin import admin
from functions.web.pages.owner_page import chosen_set, field, page, tell, to
from functions.web.pages.owner_sentences import reason_text
from functions.web.pages.public import current_words
from functions.web.platform import platform
from functions.web.security.owner_session import actor

DIGITS = "0123456789"
DECIDED = {"accept": "accepted", "reject": "rejected", "relabel": "relabelled"}
MOST_ACTS = 50  # of 200 samples each: the session's cookie carries their ids to the next page
ROWS_ON_PAGE = 40  # of each status; the next page has more
MOST_COUNTED = 10_000  # samples that wait behind these
HELD_CURSOR, REPORTED_CURSOR = re.compile(r"[0-9a-f]{1,32}"), re.compile(r"([0-9]{1,6})-([0-9a-f]{1,32})")


@admin.get("/moderation")
@admin.get("/moderation/<set_name>")
def moderation(set_name: str | None = None) -> str:
    """Show the samples of a set that wait, those that look hostile first."""
    with platform().database.reading() as session:
        shown = chosen_set(session, set_name)
        queue = _queue(session, shown["chosen"])
    whole = "before" not in request.args
    return page("moderation.html", queue=queue, whole=whole, most_counted=MOST_COUNTED, **shown)


@admin.post("/moderate")
def moderate() -> ResponseReturnValue:
    """Accept, reject or relabel a sample, or decide about all waiting samples of one contributor in a set."""
    here, contributor = platform(), field("contributor")
    delay, decision = here.settings.learn_after, _decision()
    if contributor and decision != "relabel":
        accept = decision == "accept"
        done = moderate_all(
            here.database, set_name=field("set"), contributor=contributor, accept=accept, learn_after=delay, by=actor()
        )
        back = {"endpoint": "admin.undo_decision", "acts": " ".join(done.acts), "set": field("set")}
        tell(
            "accepted_all" if accept else "rejected_all", undo=back if 0 < len(done.acts) <= MOST_ACTS else None, count=done.count
        )
        return to("moderation", set_name=field("set") or None)
    if decision == "relabel":
        before = relabel(here.database, here.store, field("sample"), field("label") or None, learn_after=delay, by=actor())
    else:
        before = moderate_verb(here.database, field("sample"), accept=decision == "accept", learn_after=delay, by=actor())
    undo = _signer().dumps(asdict(before))
    if _wants_json():
        return jsonify(undo=undo)
    if field("on") == "drawing":  # the page of one drawing, which shows the decision
        return redirect(url_for("pages.drawing", set_name=field("set"), sample_id=field("sample")), 303)
    tell(DECIDED[decision], undo={"endpoint": "admin.undo_decision", "undo": undo, "set": field("set")})
    return to("moderation", set_name=field("set") or None, _anchor=field("next") or None)


@admin.post("/moderate/undo")
def undo_decision() -> ResponseReturnValue:
    """Take a decision back: the sample waits again, as it did before, or all samples of a contributor do."""
    if acts := request.form.get("acts", "").split()[:MOST_ACTS]:
        tell("undone_all", count=put_all_back(platform().database, acts, by=actor()))
        return to("moderation", set_name=field("set") or None)
    try:
        before = Before(**_signer().loads(request.form.get("undo", "")))
    except BadSignature:
        raise Malformed("This is no decision that can be undone.") from None
    sample = put_back(platform().database, platform().store, before, by=actor())
    if _wants_json():
        return jsonify(sample=sample)
    tell("undone")
    return to("moderation", set_name=field("set") or None, _anchor=f"s-{sample}")


def _queue(session: Session, symbols: SymbolSet) -> list[dict[str, Any]]:
    """Return what waits: what several people reported, what looks hostile, what is not known enough, what few reported.

    An address with a cursor has the next page of one of these parts.
    """
    status, before = request.args.get("status", ""), request.args.get("before", "")[:64]
    if status in HELD and HELD_CURSOR.fullmatch(before):
        return [_held(session, symbols, status, before)]
    if status == "reported" and (place := REPORTED_CURSOR.fullmatch(before)) is not None:
        return [_reported(session, symbols, (int(place[1]), place[2]))]
    held = [_held(session, symbols, one, None) for one in ("quarantined", "pending")]
    reported = _reported(session, symbols, None)
    by_many = [row for row in reported["rows"] if row["reporters"] >= SEVERAL]
    by_few = reported["rows"][len(by_many) :]
    more_of_many = reported["more"] if not by_few else 0
    return [{**reported, "rows": by_many, "more": more_of_many}, *held, {**reported, "rows": by_few}]


def _held(session: Session, symbols: SymbolSet, status: str, before: str | None) -> dict[str, Any]:
    found = page_of_samples(session, symbols.name, SampleFilter(status), limit=ROWS_ON_PAGE, before=before)
    more = count_up_to(session, symbols.name, SampleFilter(status), MOST_COUNTED, before=found.next) if found.next else 0
    return {"status": status, "rows": _rows(session, symbols, found.samples), "more": more, "next": found.next}


def _reported(session: Session, symbols: SymbolSet, after: Place | None) -> dict[str, Any]:
    found = reported_samples(session, symbols.name, ROWS_ON_PAGE, after=after)
    rows = _rows(session, symbols, [sample for sample, _ in found])
    for row, (_, reporters) in zip(rows, found, strict=True):
        row["reporters"] = reporters
    last = (found[-1][1], found[-1][0].id) if found else None
    more = count_reported(session, symbols.name, after=last) if len(found) == ROWS_ON_PAGE else 0
    return {"status": "reported", "rows": rows, "more": more, "next": f"{last[0]}-{last[1]}" if last else None}


def _rows(session: Session, symbols: SymbolSet, samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """Return samples with the reason, the evidence, other labels, and how many samples of the contributor wait."""
    set_name = symbols.name
    evidence = evidence_of(session, [sample.id for sample in samples])
    theirs = counts_waiting(session, set_name, {sample.contributor_id for sample in samples})
    return [
        {
            "sample": sample,
            "reason": reason_text(sample.reason, sample.reason_figures, current_words()),
            "evidence": evidence.get(sample.id),
            "choices": _choices(symbols, sample.label, one.answered if (one := evidence.get(sample.id)) is not None else None),
            "theirs": theirs.get(sample.contributor_id, 0),
        }
        for sample in samples
    ]


def _choices(symbols: SymbolSet, label: str | None, answered: str | None) -> list[tuple[str, str]]:
    """Return the labels that a key gives: a set's digits by their own keys, else the likeliest labels by 1 to 9."""
    if set(DIGITS[1:]) <= set(symbols.labels) and len(symbols.labels) <= len(DIGITS):
        return [(digit, digit) for digit in DIGITS if digit in symbols.labels and digit != label]
    alike = [other for group in symbols.confusable if label in group or answered in group for other in group]
    likely = dict.fromkeys(one for one in (answered, *alike) if one is not None and one != label)
    return list(zip(DIGITS[1:], likely, strict=False))


def _decision() -> str:
    if field("decision") not in DECIDED:
        raise Malformed("A decision is 'accept', 'reject' or 'relabel'.")
    return field("decision")


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _signer() -> URLSafeSerializer:
    # The owner's browser keeps what a sample was, so the signature only keeps nonsense out of the rows.
    return URLSafeSerializer(platform().settings.secret_key, salt="decision")
