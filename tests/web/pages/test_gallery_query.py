from __future__ import annotations

from datetime import UTC, datetime

import pytest

from functions.errors import Malformed
from functions.records.samples import SampleFilter
from functions.web.pages.gallery_query import GalleryQuery


def test_an_address_without_arguments_shows_all_accepted_drawings() -> None:
    asked = GalleryQuery.of({"lang": "ru", "label": "", "since": ""})
    assert asked.filter() == SampleFilter("accepted")
    assert asked.address() == asked.export() == {}


def test_every_argument_filters_and_stays_in_the_address() -> None:
    address = {"label": "7", "status": "pending", "split": "test", "source": "import", "since": "2026-01-01", "to": "2026-01-31"}
    asked = GalleryQuery.of(address | {"doubted": "yes", "cursor": "00ff"})
    since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    assert asked.filter() == SampleFilter("pending", "import", "7", split="test", since=since, until=until, doubted=True), (
        "the last day is shown whole"
    )
    assert asked.address() == address | {"doubted": "yes"}
    assert asked.address(cursor="0a") == address | {"doubted": "yes", "cursor": "0a"}


def test_an_export_takes_the_same_filters_as_the_api_names_them() -> None:
    asked = GalleryQuery.of({"label": "not a symbol", "to": "2026-01-31", "doubted": "yes"})
    assert asked.filter().without_label
    assert asked.export() == {"label": "", "until": "2026-02-01", "doubted": "true"}


@pytest.mark.parametrize(
    "odd",
    [
        *({"split": "other"}, {"since": "yesterday"}, {"to": "9999-12-31"}, {"cursor": "' OR 1"}, {"doubted": "no"}),
        *({"page": "2"}, {"label": "7" * 65}, {"status": "withdrawn"}),
    ],
)
def test_an_address_that_nobody_made_here_is_refused(odd: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        GalleryQuery.of(odd)
