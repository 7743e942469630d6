"""What a visitor of the gallery asks for, in the address of the page. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from functions.domain.trust import Source
from functions.records.samples import SampleFilter
from functions.web.api.request_schemas import Strict, parse

NOT_A_SYMBOL = "not a symbol"  # in an address; no label contains spaces
STATUSES = ("accepted", "pending", "quarantined", "rejected")
SPLITS = ("train", "validation", "test", "unused")
SOURCES = ("contribution", "correction", "import")


def _day(text: object) -> date:
    if not isinstance(text, str):
        raise ValueError("a day is text")
    day = date.fromisoformat(text)
    if not 2000 <= day.year <= 2200:
        raise ValueError("nobody drew here then")
    return day


Day = Annotated[date, BeforeValidator(_day)]


class GalleryQuery(Strict):
    """Filters of the gallery; ``to`` is the last day that is shown."""

    label: Annotated[str | None, Field(max_length=64)] = None
    status: Literal["accepted", "pending", "quarantined", "rejected"] = "accepted"
    split: Literal["train", "validation", "test", "unused"] | None = None
    source: Source | None = None
    since: Day | None = None
    to: Day | None = None
    doubted: Literal["yes"] | None = None
    cursor: Annotated[str | None, Field(pattern=r"^[0-9a-f]{1,32}$")] = None

    @classmethod
    def of(cls, arguments: Mapping[str, str]) -> GalleryQuery:
        """Read the arguments of an address; empty ones say nothing. Raise Malformed."""
        return parse(cls, {name: text for name, text in arguments.items() if text and name != "lang"})

    def filter(self) -> SampleFilter:
        """Return the samples to show."""
        return SampleFilter(
            status=self.status,
            source=self.source,
            label=None if self.label == NOT_A_SYMBOL else self.label,
            without_label=self.label == NOT_A_SYMBOL,
            split=self.split,
            since=_begin(self.since),
            until=_begin(self.to + timedelta(days=1)) if self.to else None,
            doubted=self.doubted is not None,
        )

    def address(self, **changes: Any) -> dict[str, str]:
        """Return the arguments of the address of these filters, without those that filter nothing."""
        asked = self.model_dump(mode="json", exclude_defaults=True, exclude={"cursor"}) | changes
        return {name: text for name, text in asked.items() if text is not None}

    def export(self) -> dict[str, str]:
        """Return the same filters as the API's calls of exports take them."""
        asked = self.address(label=None, to=None, doubted=None)
        if self.label is not None:
            asked["label"] = "" if self.label == NOT_A_SYMBOL else self.label
        if self.to is not None:
            asked["until"] = (self.to + timedelta(days=1)).isoformat()
        return asked | ({"doubted": "true"} if self.doubted else {})


def _begin(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)
