"""The owner's pages: the queue by keyboard, the token that is shown once, runs that refresh."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from functions import jobs
from functions.domain.run_step import Step
from functions.records.tables import Sample
from functions.web.pages import admin_moderation
from tests.browser.visitor import Visitor
from tests.support.pages import PASSWORD
from tests.support.sample_drawings import SEVEN


@pytest.fixture
def site(make_site: Callable[..., Any]) -> Any:
    """The app where every drawing waits for the owner."""
    return make_site(trust="moderated", admin_password=PASSWORD)


@pytest.fixture
def owner(visit: Callable[..., Visitor], site: Any) -> Visitor:
    """The owner, signed in."""
    owner = visit(f"{site.url}/admin/login")
    owner.page.get_by_label("Password").fill(PASSWORD)
    owner.page.keyboard.press("Enter")
    expect(owner.at("h1")).to_have_text("Overview")
    return owner


def give(site: Any, label: str, person: urllib.request.OpenerDirector | None = None) -> str:
    """Give a drawing, of a new person unless it is a ``person`` with cookies, and return its sample."""
    body, url = json.dumps({**SEVEN, "label": label}).encode(), f"{site.url}/api/v1/sets/digits/samples"
    sent = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with (person or urllib.request.build_opener()).open(sent) as answer:
        return str(json.load(answer)["id"])


def found(site: Any) -> list[tuple[str | None, str]]:
    with site.platform.database.reading() as session:
        return sorted((row.label, row.status) for row in session.query(Sample))


def test_the_buttons_for_all_drawings_of_a_person_say_how_many_still_wait(owner: Visitor, site: Any) -> None:
    person = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    for label in "789":
        give(site, label, person)
    owner.page.get_by_role("link", name="Moderation").click()
    all_of_theirs = owner.at(".queue-row:not([data-decided]) .theirs [value=accept]")
    expect(all_of_theirs).to_have_text(["Accept 3"] * 3)
    owner.page.wait_for_load_state()  # only then the keys are listened to
    owner.page.keyboard.press("a")
    expect(all_of_theirs).to_have_text(["Accept 2"] * 2)
    owner.page.keyboard.press("u")
    expect(all_of_theirs).to_have_text(["Accept 3"] * 3)


def test_the_queue_is_decided_by_keyboard_and_keeps_place_and_focus(owner: Visitor, site: Any) -> None:
    for label in "7891":
        give(site, label)
    owner.page.get_by_role("link", name="Moderation").click()
    expect(owner.at(".keys")).to_be_visible()
    keys, focused = owner.page.keyboard, owner.at(".queue-row:focus .queue-label b")
    keys.press("j")  # from the first row, the newest drawing
    expect(focused).to_have_text("9")
    keys.press("k")
    expect(focused).to_have_text("1")
    keys.press("a")
    expect(focused).to_have_text("9")
    keys.press("r")
    expect(focused).to_have_text("8")
    keys.press("3")
    expect(focused).to_have_text("7")
    expect(owner.at(".outcome:visible")).to_have_text(["Accepted.", "Rejected.", "Relabelled: 3"])
    owner.page.wait_for_load_state("networkidle")
    decided = [("1", "accepted"), ("3", "accepted"), ("7", "pending"), ("9", "rejected")]
    assert [one for one in found(site) if one[1] != "withdrawn"] == decided
    for _ in range(3):
        keys.press("u")
    expect(owner.at(".outcome:visible")).to_have_count(0)
    expect(focused).to_have_text("1")
    assert [one for one in found(site) if one[1] != "withdrawn"] == [(label, "pending") for label in "1789"]


@pytest.mark.long_run
def test_the_queue_goes_on_by_keyboard_after_its_first_page(owner: Visitor, site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin_moderation, "ROWS_ON_PAGE", 2)
    for label in "7891":
        give(site, label)
    owner.page.get_by_role("link", name="Moderation").click()
    expect(owner.at(".keys")).to_be_visible()
    keys, focused = owner.page.keyboard, owner.at(".queue-row:focus .queue-label b")
    keys.press("a")
    expect(focused).to_have_text("9")
    keys.press("a")
    expect(owner.at(".queue-more")).to_be_focused()
    owner.page.wait_for_load_state("networkidle")
    keys.press("Enter")
    expect(focused).to_have_text("8")
    expect(owner.at(".queue-row:focus")).to_be_in_viewport()
    with owner.page.expect_response(lambda response: response.request.method == "POST"):
        keys.press("r")
    expect(focused).to_have_text("7")
    assert [one for one in found(site) if one[1] != "pending"] == [("1", "accepted"), ("8", "rejected"), ("9", "accepted")]


@pytest.mark.long_run
def test_a_token_is_shown_where_it_was_made_and_loading_again_makes_no_second_one(owner: Visitor, site: Any) -> None:
    owner.page.get_by_role("link", name="API tokens").click()
    owner.page.get_by_label("What is it for?").fill("laptop")
    owner.page.keyboard.press("Enter")
    expect(owner.at("#token-text")).to_be_focused()
    expect(owner.at("#token-text")).to_be_in_viewport()
    owner.page.reload()
    expect(owner.at("#token-text")).to_have_count(0)
    expect(owner.at("#tokens li")).to_have_count(1)


@pytest.mark.long_run
def test_a_run_refreshes_itself_and_is_cancelled(owner: Visitor, site: Any) -> None:
    owner.page.get_by_role("link", name="Runs", exact=True).click()
    owner.button("Retrain now").click()
    expect(owner.at(".run-row .state")).to_have_text("queued")
    claim = jobs.lease(site.platform.database)
    jobs.beat(site.platform.database, claim, 0.4, Step("preparing"))
    expect(owner.at(".run-row progress")).to_have_attribute("value", "0.400")
    owner.button("Cancel").click()
    expect(owner.at(".run-row .state")).to_have_text("cancelled")


@pytest.mark.long_run
def test_a_decision_about_all_of_a_contributor_is_taken_back_by_key(owner: Visitor, site: Any) -> None:
    page = owner.page
    for label in "78":
        status = page.request.post(f"{site.url}/api/v1/sets/digits/samples", data={**SEVEN, "label": label}).status
        assert status == 201
    page.get_by_role("link", name="Moderation").click()
    page.get_by_role("button", name="Reject 2").first.click()
    expect(owner.at("#news")).to_contain_text("Rejected: 2.")
    assert {status for _, status in found(site)} == {"rejected"}
    page.keyboard.press("u")
    expect(owner.at("#news")).to_contain_text("Taken back: 2 wait again.")
    assert {status for _, status in found(site)} == {"pending"}


@pytest.mark.long_run
def test_a_set_with_a_typo_is_put_right_hidden_and_deleted_after_a_question(owner: Visitor, site: Any) -> None:
    page = owner.page
    page.get_by_role("link", name="Symbol sets").click()
    page.get_by_label("Name: lower-case").fill("cyrilic")
    page.get_by_label("Labels, with spaces").fill("А Ъ")
    owner.button("Create the set").click()
    page.get_by_role("link", name="Edit: cyrilic").click()
    page.get_by_label("The title").fill("Кириллица")
    owner.at("[name=act][value=title]").click()
    expect(owner.at("h1")).to_have_text("Кириллица")
    page.get_by_label("New name: Ъ").fill("Б")
    page.get_by_role("button", name="Rename: Ъ").click()
    expect(owner.at(".label-row b")).to_have_text(["А", "Б"])
    page.get_by_role("button", name="Hide").click()
    expect(owner.at("#news")).to_contain_text("no longer in the menus")
    owner.at("#news button").click()
    expect(owner.at("#news")).to_contain_text("in the menus again")
    page.get_by_role("link", name="Кириллица", exact=True).click()
    page.get_by_role("link", name="Delete the set").click()
    expect(owner.at("main")).to_contain_text("cannot be undone")
    owner.button("Delete the set").click()
    expect(owner.at("#news")).to_contain_text("is deleted")
