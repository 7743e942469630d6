"""The owner's pages, a version and the comparison of two, on a phone: what the owner comes to do is done with a finger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from functions import jobs, registry
from functions.domain.run_step import Step
from tests.browser.test_owner_pages import found, give
from tests.browser.visitor import Visitor
from tests.browser.worker import ManualWorker
from tests.support.pages import PASSWORD

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
# What a finger cannot reach: beyond the sides of the screen, unless a part of the page scrolls there, or too small.
CONTROLS = "main :is(a[href], button, input, select, summary, textarea)"
AWAY = """(controls) => [...document.querySelectorAll(controls)].filter((element) => {
  const elsewhere = element.closest(".visually-hidden, .tabs, .table-responsive");
  if (!element.checkVisibility({ visibilityProperty: true }) || elsewhere) return false;
  const { left, right, height } = element.getBoundingClientRect();
  const label = element.closest("label")?.getBoundingClientRect().height ?? 0;
  const inText = getComputedStyle(element).display === "inline";
  return left < 0 || right > innerWidth || (!inText && Math.max(height, label) < 24);
}).map((element) => element.outerHTML.slice(0, 120))"""

pytestmark = pytest.mark.long_run


@pytest.fixture
def site(make_site: Callable[..., Any]) -> Any:
    """The app where every drawing waits for the owner."""
    return make_site(trust="moderated", admin_password=PASSWORD)


@pytest.fixture
def owner(visit: Callable[..., Visitor], site: Any) -> Visitor:
    """The owner, signed in with a phone."""
    owner = visit(f"{site.url}/admin/login", **PHONE)
    owner.page.get_by_label("Password").fill(PASSWORD)
    owner.button("Sign in").tap()
    expect(owner.at("h1")).to_have_text("Overview")
    return owner


def go(owner: Visitor, tab: str, title: str) -> None:
    """Tap a tab, as somebody does who finds it in the row that scrolls."""
    owner.at(".tabs").get_by_role("link", name=tab, exact=True).tap()
    arrived(owner, title)


def arrived(owner: Visitor, title: str) -> None:
    """Expect a page whose every control is within reach."""
    expect(owner.at("h1")).to_have_text(title)
    assert owner.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), title
    assert owner.page.evaluate(AWAY, CONTROLS) == [], title


def live(site: Any) -> dict[str, str]:
    with site.platform.database.reading() as session:
        return {learner: version.id for learner, version in registry.live(session, "digits").items()}


def learn(site: Any, answer: int) -> None:
    """Let a run make new versions live."""
    with site.platform.database.writing() as session:
        jobs.request(session, "digits", jobs.QUICK)
    ManualWorker(site.platform).publish(answer)


def test_from_the_overview_to_what_waits_and_each_decision_can_be_taken_back(owner: Visitor, site: Any) -> None:
    for label in "789":
        give(site, label)
    owner.page.reload()
    arrived(owner, "Overview")
    waiting = owner.at("#tiles > div").first
    expect(waiting.locator("dd").first).to_have_text("3")
    waiting.get_by_role("link").tap()
    arrived(owner, "Drawings waiting for your decision")
    row = owner.at(".queue-row")
    expect(row.locator(".queue-label b")).to_have_text(["9", "8", "7"])
    row.nth(0).get_by_role("button", name="Accept").first.tap()
    expect(row.nth(0).locator(".outcome")).to_have_text("Accepted.")
    row.nth(1).get_by_role("button", name="Reject").first.tap()
    row.nth(2).locator("select").select_option("4")
    row.nth(2).get_by_role("button", name="Relabel").tap()
    expect(owner.at(".outcome:visible")).to_have_text(["Accepted.", "Rejected.", "Relabelled: 4"])
    row.nth(1).get_by_role("button", name="Undo").tap()
    expect(owner.at(".outcome:visible")).to_have_text(["Accepted.", "Relabelled: 4"])
    expect(row.nth(1).get_by_role("button", name="Reject").first).to_be_enabled()
    owner.page.wait_for_load_state("networkidle")
    decided = [("4", "accepted"), ("8", "pending"), ("9", "accepted")]
    assert [one for one in found(site) if one[1] != "withdrawn"] == decided
    go(owner, "Overview", "Overview")
    expect(owner.at("#tiles > div").first.locator("dd").first).to_have_text("1")


def test_an_earlier_version_is_made_live_after_a_question_and_the_later_one_again_by_undo(owner: Visitor, site: Any) -> None:
    before = live(site)
    learn(site, 7)
    now = live(site)
    go(owner, "Versions", "Versions")
    original = owner.page.locator(".version-row", has=owner.at(f"[href$='/{before['cnn']}']"))
    original.get_by_role("link", name="Make live").tap()
    expect(owner.at("h1")).to_contain_text("CNN")
    arrived(owner, owner.at("h1").inner_text())
    expect(owner.at("main")).to_contain_text("answers now", ignore_case=True)
    owner.page.get_by_role("link", name="Leave it as it is").tap()
    assert live(site) == now
    original.get_by_role("link", name="Make live").tap()
    owner.button("Make live").tap()
    expect(owner.at("#news")).to_contain_text("answers now")
    assert live(site) == {**now, "cnn": before["cnn"]}
    owner.at("#news").get_by_role("button", name="Undo").tap()
    expect(owner.at("#news")).to_be_visible()
    assert live(site) == now


def test_a_run_is_begun_watched_and_cancelled(owner: Visitor, site: Any) -> None:
    go(owner, "Runs", "Runs")
    owner.button("Retrain now").tap()
    expect(owner.at(".run-row .state")).to_have_text("queued")
    claim = jobs.lease(site.platform.database)
    jobs.beat(site.platform.database, claim, 0.4, Step("preparing"))
    expect(owner.at(".run-row progress")).to_have_attribute("value", "0.400")
    arrived(owner, "Runs")
    owner.button("Cancel").tap()
    expect(owner.at(".run-row .state")).to_have_text("cancelled")


def test_a_set_is_made_with_a_mistake_that_is_told_and_put_right(owner: Visitor) -> None:
    page, owner.forgiving = owner.page, True
    go(owner, "Symbol sets", "Symbol sets")
    page.get_by_label("Name: lower-case").fill("Greek")
    page.get_by_label("Labels, with spaces").fill("α β")
    owner.button("Create the set").tap()
    expect(page.get_by_role("alert")).to_contain_text("“Greek” does not fit")
    expect(page.get_by_label("Labels, with spaces")).to_have_value("α β")
    page.get_by_label("Name: lower-case").fill("greek")
    owner.button("Create the set").tap()
    expect(owner.at("#set-greek")).to_be_visible()
    arrived(owner, "Symbol sets")
    page.get_by_role("link", name="Edit: greek").tap()
    page.get_by_label("The title").fill("Ελληνικά")
    owner.at("[name=act][value=title]").tap()
    arrived(owner, "Ελληνικά")
    page.get_by_role("button", name="Move down: α").tap()
    expect(owner.at(".label-row b")).to_have_text(["β", "α"])


def test_a_token_is_made_read_and_revoked_after_a_question(owner: Visitor) -> None:
    page = owner.page
    go(owner, "API tokens", "API tokens")
    page.get_by_label("What is it for?").fill("a phone")
    owner.button("Make a token").tap()
    expect(owner.at("#token-text")).to_be_in_viewport()
    arrived(owner, "API tokens")
    token = owner.at("#token-text").inner_text()
    page.get_by_role("link", name="Revoke: a phone").tap()
    expect(owner.at("h1")).to_contain_text("a phone")
    assert page.evaluate(AWAY, CONTROLS) == []
    page.get_by_role("link", name="Leave it as it is").tap()
    expect(owner.at("#tokens li")).to_have_count(1)
    page.get_by_role("link", name="Revoke: a phone").tap()
    owner.button("Revoke").tap()
    expect(owner.at("#tokens")).to_contain_text("There are no tokens.")
    assert token not in page.content()


def test_settings_tell_where_they_come_from_and_the_log_tells_what_was_done_and_is_searched(owner: Visitor, site: Any) -> None:
    go(owner, "Settings", "Settings")
    trust = owner.page.locator(".settings > div", has_text="INKLOOP_TRUST")
    expect(trust.locator(".value")).to_contain_text("moderated")
    expect(owner.page.locator(".settings > div", has_text="ADMIN_PASSWORD").locator(".value")).to_contain_text("set, not shown")
    assert PASSWORD not in owner.page.content()
    go(owner, "Runs", "Runs")
    owner.button("Retrain now").tap()
    go(owner, "Log", "What the owner did")
    acts = owner.at(".acts tbody tr")
    expect(acts).to_have_count(2)
    owner.at("select[name=act]").select_option("run_requested")
    owner.button("Show").tap()
    expect(acts).to_have_count(1)
    arrived(owner, "What the owner did")
    expect(acts.locator("td").first).to_be_in_viewport()


def test_two_versions_are_compared_and_a_versions_page_says_what_it_learned_from(owner: Visitor, site: Any) -> None:
    before = live(site)
    learn(site, 7)
    now = live(site)
    page = owner.page
    page.goto(f"{site.url}/models/digits/compare")
    page.get_by_label("One version").select_option(before["cnn"])
    page.get_by_label("Another version").select_option(now["cnn"])
    owner.button("Compare").tap()
    arrived(owner, owner.at("h1").inner_text())
    expect(page.get_by_label("Another version")).to_have_value(now["cnn"])
    table = owner.at("#measured + .table-responsive")
    expect(table.locator("thead a")).to_have_count(2)
    table.locator("thead a").nth(1).tap()
    expect(owner.at("h1")).to_contain_text("CNN")
    arrived(owner, owner.at("h1").inner_text())
    expect(owner.at("main")).to_contain_text(now["cnn"])
    owner.at(f"#provenance ~ dl [href$='/{before['cnn']}']").tap()
    expect(owner.at("main")).to_contain_text(before["cnn"])
    address = page.get_by_role("link", name="Model card").get_attribute("href")
    assert page.request.get(f"{site.url}{address}").json()["id"] == before["cnn"]
