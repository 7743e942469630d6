"""The gallery, one drawing, and one's own drawings, in a browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from functions.dataset.exchange.export import ExportRequest
from functions.records.tables import Sample
from functions.verbs.export import open_export, write_one_file
from functions.web.pages import dataset as page
from functions.worker.export_runs import export_next
from tests.browser.visitor import CROSS, SEVEN, Visitor
from tests.support.filled_set import fill_set

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SHAPES = [PHONE, pytest.param({}, marks=pytest.mark.long_run)]


def statuses(site: Any) -> list[str]:
    with site.platform.database.reading() as session:
        return sorted(session.scalars(select(Sample.status)))


def give(visitor: Visitor, count: int = 1) -> None:
    expect(visitor.at("#prompt")).to_have_text(re.compile(r"\d"))
    for number in range(count):
        visitor.draw(SEVEN if number % 2 else CROSS)
        visitor.page.keyboard.press("Enter")
        expect(visitor.at("#count")).to_have_text(re.compile(f"^{number + 1} drawing"))


def scroll_until(visitor: Visitor, count: int) -> None:
    """Scroll on to the end of the gallery until it has so many drawings."""
    tiles = visitor.at("#gallery > li")
    for _ in range(300):
        if tiles.count() == count:
            break
        tiles.last.scroll_into_view_if_needed()
        visitor.page.wait_for_timeout(100)
    expect(tiles).to_have_count(count)


def fits(visitor: Visitor) -> bool:
    """Tell whether the page is not wider than its window."""
    return bool(visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.long_run
@pytest.mark.parametrize("shape", SHAPES)
def test_older_drawings_come_while_a_person_scrolls(
    visit: Callable[..., Visitor], site: Any, monkeypatch: pytest.MonkeyPatch, shape: dict[str, Any]
) -> None:
    monkeypatch.setattr(page, "ON_PAGE", 5)
    fill_set(site.platform.database, site.platform.store)
    visitor = visit(f"{site.url}/dataset/mixed", **shape)
    scroll_until(visitor, 30)  # six pages of five; then the link waits
    visitor.at("#more").click()
    scroll_until(visitor, 55)
    expect(visitor.at("#more")).to_have_count(0)
    assert len(set(visitor.page.locator("#gallery a").evaluate_all("links => links.map((link) => link.href)"))) == 55
    assert fits(visitor)


@pytest.mark.long_run
def test_a_filter_is_chosen_and_a_drawing_opened(visit: Callable[..., Visitor], site: Any) -> None:
    fill_set(site.platform.database, site.platform.store)
    visitor = visit(f"{site.url}/dataset/mixed")
    visitor.at("[name=label]").select_option("con")
    visitor.button("Show").click()
    expect(visitor.at("#gallery b").first).to_have_text("con")
    assert set(visitor.at("#gallery b").all_text_contents()) == {"con"}
    visitor.at("#gallery a").first.click()
    expect(visitor.at("h1")).to_have_text("Drawing: con")


@pytest.mark.parametrize(
    "options", [{}, *(pytest.param(one, marks=pytest.mark.long_run) for one in ({"reduced_motion": "reduce"}, PHONE))]
)
def test_a_drawing_is_replayed(visit: Callable[..., Visitor], site: Any, options: dict[str, Any]) -> None:
    ids = fill_set(site.platform.database, site.platform.store, count=1)
    visitor = visit(f"{site.url}/dataset/mixed/{ids[0]}", **options)
    line, slider = visitor.at(".paper path"), visitor.at(".replay-tools input")
    whole = line.get_attribute("d")
    assert whole is not None
    slider.fill("0")
    expect(line).not_to_have_attribute("d", whole)
    visitor.button("Replay").click()
    expect(line).to_have_attribute("d", whole)
    expect(visitor.button("Replay")).to_be_visible()
    expect(slider).to_have_value("1000")
    assert fits(visitor)


@pytest.mark.long_run
def test_the_owner_exports_with_progress_and_fetches_a_file(visit: Callable[..., Visitor], site: Any) -> None:
    fill_set(site.platform.database, site.platform.store)
    visitor = visit(f"{site.url}/admin/login")
    visitor.forgiving = True
    visitor.at("[type=password]").fill("the owner's password")
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("h1")).to_be_visible()
    visitor.page.goto(f"{site.url}/dataset/mixed?split=test")
    visitor.at("#exports [name=format]").select_option("npz")
    visitor.button("Export").click()
    expect(visitor.at("#export-list progress")).to_have_count(1)
    work(site)
    link = visitor.at("#export-list a").first
    expect(link).to_have_text(re.compile("npz$"))
    with visitor.page.expect_download() as download:
        link.click()
    assert Path(download.value.path()).read_bytes()[:2] == b"PK"


def work(site: Any) -> bool:
    """Do the export or the import that waits, as a worker does; return whether there was one."""
    return export_next(site.platform.database, site.platform.store, "", threading.Event())


@pytest.mark.long_run
def test_the_owner_tries_an_import_and_then_does_it(visit: Callable[..., Visitor], site: Any, tmp_path: Path) -> None:
    here = site.platform
    fill_set(here.database, here.store, count=12)
    fill_set(here.database, here.store, name="empty", count=0)
    exported = open_export(here.database, here.store, "mixed", ExportRequest("zip"), "CC0-1.0")
    write_one_file(exported, tmp_path / "mixed.zip")
    visitor = visit(f"{site.url}/admin/login")
    visitor.forgiving = True
    visitor.at("[type=password]").fill("the owner's password")
    visitor.page.keyboard.press("Enter")
    expect(visitor.at("h1")).to_be_visible()
    visitor.page.goto(f"{site.url}/dataset/empty")
    visitor.at("#import-form [type=file]").set_input_files(tmp_path / "mixed.zip")
    for button, said, there in (("Check", "Would be imported: 11.", 0), ("Import", "Imported: 11.", 11)):
        visitor.button(button).click()
        while not work(site):
            visitor.page.wait_for_timeout(100)
        expect(visitor.at("#import-status")).to_contain_text(said)
        with here.database.reading() as session:
            assert session.query(Sample).filter_by(set_name="empty").count() == there


@pytest.mark.parametrize("shape", SHAPES)
def test_some_of_ones_own_drawings_are_withdrawn(visit: Callable[..., Visitor], site: Any, shape: dict[str, Any]) -> None:
    visitor = visit(f"{site.url}/contribute", **shape)
    give(visitor, 3)
    visitor.page.goto(f"{site.url}/mine")
    expect(visitor.at("[data-receipt]")).to_have_count(3)
    assert fits(visitor)
    for place in (0, 2):
        visitor.at("[data-receipt] input").nth(place).check()
    visitor.button("Delete the chosen ones").click()
    expect(visitor.at("#chosen [role=status]")).to_have_text("Deleted: 2.")
    expect(visitor.at("[data-receipt]")).to_have_count(1)
    assert statuses(site) == ["accepted", "withdrawn", "withdrawn"]


@pytest.mark.long_run
def test_a_file_of_receipts_withdraws_after_the_browser_was_forgotten(
    visit: Callable[..., Visitor], site: Any, tmp_path: Path
) -> None:
    visitor = visit(f"{site.url}/contribute")
    give(visitor, 2)
    visitor.page.goto(f"{site.url}/mine")
    with visitor.page.expect_download() as download:
        visitor.page.get_by_role("link", name="Download the receipts").click()
    kept = tmp_path / "receipts.json"
    download.value.save_as(kept)
    visitor.page.evaluate("localStorage.setItem('inkloop.consent', 'yes')")
    visitor.at("#forget summary").click()
    visitor.button("Forget this browser now").click()
    expect(visitor.page.get_by_text("Nothing has been saved")).to_be_visible()
    assert visitor.page.evaluate("localStorage.getItem('inkloop.consent')") is None
    visitor.at("#by-receipts summary").click()
    visitor.at("#by-receipts input").set_input_files(kept)
    expect(visitor.at("#by-receipts [role=status]")).to_have_text("Deleted: 2.")
    assert statuses(site) == ["withdrawn", "withdrawn"]


@pytest.mark.long_run
def test_consent_is_changed_here_too(visit: Callable[..., Visitor], site: Any) -> None:
    visitor = visit(f"{site.url}/mine")
    visitor.agree()
    visitor.button("Change").click()
    visitor.button("Just tell me").click()
    assert visitor.page.evaluate("localStorage.getItem('inkloop.consent')") == "no"


@pytest.mark.long_run
def test_whoever_has_the_receipt_withdraws_on_the_page_of_the_drawing(visit: Callable[..., Visitor], site: Any) -> None:
    author, other = visit(f"{site.url}/contribute"), visit(f"{site.url}/dataset")
    other.forgiving = True  # a wrong receipt is answered 403
    give(author)
    author.page.goto(f"{site.url}/mine")
    receipt = author.at("[data-receipt]").get_attribute("data-receipt")
    assert receipt is not None
    other.page.reload()
    other.at("#gallery a").click()
    other.at("[name=receipt]").fill("wrong")
    other.button("Delete this drawing").click()
    expect(other.at("#withdraw-status")).to_have_text("This is not the receipt of this drawing.")
    other.at("[name=receipt]").fill(receipt)
    other.button("Delete this drawing").click()
    expect(other.at("#withdraw-status")).to_have_text("The drawing is deleted.")
    assert statuses(site) == ["withdrawn"]
