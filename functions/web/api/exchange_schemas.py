"""The requests and answers about exports, as pydantic models."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from functions.dataset.exchange.export import ExportRequest, Format
from functions.dataset.exchange.stroke_lines import Form
from functions.domain.trust import SampleStatus, Source
from functions.records.exported_samples import ExportFilter
from functions.records.samples import SampleFilter
from functions.verbs.define import read_labels
from functions.web.api.request_schemas import Label, ListQuery, Strict
from functions.web.api.response_schemas import Out, SetName


def _is_moment(text: str) -> str:
    moment(text)
    return text


def moment(text: str) -> datetime:
    """Return a moment, in UTC where it names no zone; raise ValueError."""
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


Moment = Annotated[
    str,
    Field(max_length=40, description="A day or a moment in ISO 8601, in UTC if it names no zone."),
    AfterValidator(_is_moment),
]


class SamplesQuery(ListQuery):
    """Filters of samples; an empty label selects the samples that are not a symbol."""

    label: Label | None = None
    status: SampleStatus | None = None
    source: Source | None = None
    split: Literal["train", "validation", "test", "unused"] | None = None
    since: Moment | None = None
    until: Moment | None = None
    doubted: Annotated[bool, Field(description="Accepted samples with a label that a network did not expect.")] = False

    def filter(self) -> SampleFilter:
        """Return the samples to list."""
        return SampleFilter(
            status=self.status,
            source=self.source,
            label=self.label,
            without_label=self.label == "",
            split=self.split,
            since=moment(self.since) if self.since else None,
            until=moment(self.until) if self.until else None,
            doubted=self.doubted,
        )


class ExportFields(Strict):
    """What to export. ``label`` has labels with spaces between them; an empty one selects the samples that are not a symbol."""

    format: Format
    form: Form = "facts"
    label: Annotated[str | None, Field(max_length=10_000)] = None
    status: Literal["accepted", "pending", "quarantined", "rejected"] = "accepted"
    split: Literal["train", "validation", "test", "unused"] | None = None
    source: Source | None = None
    since: Moment | None = None
    until: Moment | None = None
    agreement: Annotated[
        int,
        Field(ge=0, le=100, description="Percent of gold questions that a contributor answered rightly, at least; 0: anybody."),
    ] = 0
    snapshot: Annotated[str | None, Field(max_length=64, pattern="^[0-9a-f]*$")] = None
    doubted: Annotated[bool, Field(description="Accepted samples with a label that a network did not expect.")] = False

    def request(self) -> ExportRequest:
        """Return the fields as the verb takes them."""
        labels = None if self.label is None else (read_labels(self.label) or (None,))
        wanted = ExportFilter(
            labels=labels or (),
            statuses=(self.status,),
            splits=(self.split,) if self.split else (),
            sources=(self.source,) if self.source else (),
            since=moment(self.since) if self.since else None,
            until=moment(self.until) if self.until else None,
            agreement=self.agreement / 100 if self.agreement else None,
            snapshot=self.snapshot,
            doubted=self.doubted,
        )
        return ExportRequest(self.format, wanted, self.form)


class ExportedFileOut(Out):
    """A file of an export; its ``number`` is part of its address."""

    number: int
    name: str
    bytes: int
    sha256: str


class ExportOut(Out):
    """The files of an export that is done."""

    id: str
    set: SetName
    format: str
    samples: int
    files: list[ExportedFileOut]
