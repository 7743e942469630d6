"""Withdrawing all of a visitor's drawings, at the end of the page Contribute."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from functions.records.tables import Sample
from tests.browser.visitor import SEVEN, Visitor

DO = "Delete all my drawings"
EVERYTHING = re.compile(r"/contributors/me/samples$")


def arrive(visit: Callable[..., Visitor], site: Any) -> Visitor:
    visitor = visit(f"{site.url}/contribute")
    expect(visitor.at("#prompt")).to_have_text(re.compile(r"\d"))
    return visitor


def save(visitor: Visitor, count: int) -> None:
    visitor.draw(SEVEN)
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("#count")).to_have_text(re.compile(f"^{count} drawing"))


def statuses(site: Any) -> list[str]:
    with site.platform.database.reading() as session:
        return list(session.scalars(select(Sample.status)))


def withdraw_all(visitor: Visitor) -> None:
    visitor.at("#withdraw-all summary").click()
    visitor.button(DO).click()


def test_all_drawings_are_withdrawn_in_two_steps(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = arrive(visit, site)
    save(visitor, 1)
    save(visitor, 2)
    expect(visitor.button(DO)).to_be_hidden()
    withdraw_all(visitor)
    expect(visitor.at("#withdraw-all [role=status]")).to_have_text("Done: all your drawings are deleted.")
    expect(visitor.at("#count")).to_have_text("")
    assert statuses(site) == ["withdrawn", "withdrawn"]
    save(visitor, 1)
    assert sorted(statuses(site)) == ["accepted", "withdrawn", "withdrawn"]


@pytest.mark.long_run
def test_a_visitor_without_drawings_is_told_so(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = arrive(visit, site)
    visitor.forgiving = True  # the browser reports the 401: the server does not know this visitor
    withdraw_all(visitor)
    expect(visitor.at("#withdraw-all [role=status]")).to_have_text(re.compile("^There is nothing to delete"))


@pytest.mark.long_run
def test_a_failure_is_shown_and_the_visitor_can_try_again(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = arrive(visit, site)
    save(visitor, 1)
    visitor.forgiving = True
    visitor.page.route(EVERYTHING, lambda route: route.abort())
    withdraw_all(visitor)
    expect(visitor.at("#withdraw-all [role=status]")).to_have_text(re.compile("no connection"))
    assert statuses(site) == ["accepted"]
    visitor.page.unroute(EVERYTHING)
    visitor.button(DO).click()
    expect(visitor.at("#withdraw-all [role=status]")).to_have_text(re.compile("^Done"))
    assert statuses(site) == ["withdrawn"]
