"""The owner's page of samples that wait for a decision."""

from __future__ import annotations

from typing import Any

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from functions.errors import Malformed
from functions.records.evidence_log import evidence_of
from functions.records.samples import SampleFilter, counts_waiting, page_of_samples
from functions.records.tables import Sample
from functions.verbs.moderate import moderate as moderate_verb
from functions.verbs.moderate import moderate_all
from functions.web.pages.admin import admin
from functions.web.pages.owner_page import chosen_set, field, page, tell, to
from functions.web.pages.owner_sentences import reason_text
from functions.web.pages.public import current_words
from functions.web.platform import platform

ROWS_ON_PAGE = 40  # of each status; more come as these are decided


@admin.get("/moderation")
@admin.get("/moderation/<set_name>")
def moderation(set_name: str | None = None) -> str:
    """Show the samples of a set that wait, those that look hostile first."""
    with platform().database.reading() as session:
        shown = chosen_set(session, set_name)
        queue = [
            {"status": status, "rows": _waiting(session, shown["chosen"].name, status)} for status in ("quarantined", "pending")
        ]
    return page("moderation.html", queue=queue, **shown)


@admin.post("/moderate")
def moderate() -> ResponseReturnValue:
    """Accept or reject a sample, or all waiting samples of one contributor in a set."""
    here, accept, contributor = platform(), _accepts(), field("contributor")
    delay = here.settings.learn_after
    if contributor:
        count = moderate_all(here.database, set_name=field("set"), contributor=contributor, accept=accept, learn_after=delay)
        tell("accepted_all" if accept else "rejected_all", count=count)
    else:
        moderate_verb(here.database, field("sample"), accept=accept, learn_after=delay)
        tell("accepted" if accept else "rejected")
    return to("moderation", set_name=field("set") or None, _anchor=field("next") or None)


def _waiting(session: Session, set_name: str, status: str) -> list[dict[str, Any]]:
    """Return waiting samples with the reason, the evidence, and the number of waiting samples of the same contributor."""
    samples: list[Sample] = page_of_samples(session, set_name, SampleFilter(status), limit=ROWS_ON_PAGE).samples
    evidence = evidence_of(session, [sample.id for sample in samples])
    theirs = counts_waiting(session, set_name, {sample.contributor_id for sample in samples})
    return [
        {
            "sample": sample,
            "reason": reason_text(sample.reason, sample.reason_figures, current_words()),
            "evidence": evidence.get(sample.id),
            "theirs": theirs.get(sample.contributor_id, 0),
        }
        for sample in samples
    ]


def _accepts() -> bool:
    decision = field("decision")
    if decision not in ("accept", "reject"):
        raise Malformed("A decision is 'accept' or 'reject'.")
    return decision == "accept"
