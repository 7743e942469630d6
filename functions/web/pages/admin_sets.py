"""The owner's pages of symbol sets: create, title, hide, sort and delete a set, its goal; add, rename, sort, take out labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from functions import registry
from functions.domain.problem import Problem
from functions.domain.symbols import BAD_GOAL, MOST_WANTED
from functions.errors import BadLabel, BadSet, Conflict, Malformed, Situation
from functions.records.set_contents import known_labels
from functions.verbs import define
from functions.verbs.collected import NEEDED, collected
from functions.verbs.define import SetChange
from functions.web.pages.admin import admin
from functions.web.pages.owner_page import field, page, tell, to
from functions.web.pages.public import current_words, set_title
from functions.web.platform import platform
from functions.web.security.owner_session import actor

MOST_TEXT = 40_000  # characters: five hundred labels of sixty-four characters, with spaces
STATUS: dict[type[Situation], int] = {BadSet: 422, BadLabel: 422, Conflict: 409}
MISTAKES = (BadSet, BadLabel, Conflict)
STEPS = {"up": -1, "down": 1}
UNDO = {"title": "title", "goal": "goal", "hide": "show", "show": "hide"}  # by which act an act is undone


@admin.get("/sets")
def symbol_sets() -> str:
    """Show every symbol set with its collected and its missing drawings."""
    return _page()


@admin.post("/sets")
def create_set() -> ResponseReturnValue:
    """Create a symbol set; after a mistake, show the message and the typed text."""
    name, labels = request.form.get("name", "").strip(), request.form.get("labels", "")[:MOST_TEXT]
    try:
        made = define.create_set(platform().database, name, define.read_labels(labels), by=actor())
    except MISTAKES as mistake:
        return _page(mistake=mistake.problem, name=name, labels=labels), STATUS[type(mistake)]
    return _back(made.name)


@admin.post("/sets/labels")
def add_label() -> ResponseReturnValue:
    """Add a label to a symbol set; after a mistake, show the message at the set."""
    name, label = request.form.get("set", ""), " ".join(define.read_labels(request.form.get("label", "")[:MOST_TEXT]))
    try:
        define.add_label(platform().database, name, label, by=actor())
    except MISTAKES as mistake:
        return _page(mistake=mistake.problem, at=name, typed=label), STATUS[type(mistake)]
    return _back(name)


@admin.get("/sets/<set_name>")
def symbol_set(set_name: str) -> str:
    """Show one symbol set: its title, its labels with what may be done to each, and its deletion."""
    return _one(set_name)


@admin.post("/sets/change")
def change_set() -> ResponseReturnValue:
    """Give a symbol set another title or goal, hide or show it, or move it in the menus by one place."""
    name, act = field("set"), field("act")
    try:
        change = _change(name, act)
        before = define.change_set(platform().database, name, change, by=actor())
    except MISTAKES as mistake:
        return _one(name, mistake=mistake.problem), STATUS[type(mistake)]
    if act in STEPS:
        return _back(name)
    undo = {"endpoint": "admin.change_set", "set": name, "act": UNDO[act], "title": before.title or "", "goal": str(before.goal)}
    tell(f"set_{act}", undo=undo, set=_title(name), goal=current_words().number(change.goal or 0))
    return _back(name) if field("at") != "set" else to("symbol_set", set_name=name)


@admin.post("/sets/labels/change")
def change_label() -> ResponseReturnValue:
    """Rename, move or take out a label that nobody has drawn and no network knows."""
    name, act, label = field("set"), field("act"), field("label")
    with platform().database.reading() as session:
        labels = list(registry.symbol_set(session, name).labels)
    if label not in labels:
        raise BadLabel(Problem("label_unknown", label=label, name=name, labels=" ".join(labels)))
    place, changed = labels.index(label), list(labels)
    if act == "rename":
        changed[place] = " ".join(define.read_labels(request.form.get("to", "")[:MOST_TEXT]))
    elif act == "remove":
        del changed[place]
    else:
        del changed[place]
        changed.insert(max(0, place + _step(act)), label)
    try:
        define.change_set(platform().database, name, SetChange(labels=tuple(changed)), by=actor())
    except MISTAKES as mistake:
        return _one(name, mistake=mistake.problem), STATUS[type(mistake)]
    if act == "rename":
        back = {"endpoint": "admin.change_label", "set": name, "act": "rename", "label": changed[place], "to": label}
        tell("label_rename", undo=back, label=label, to=changed[place])
    elif act == "remove":
        tell("label_remove", undo={"endpoint": "admin.add_label", "set": name, "label": label}, label=label)
    return to("symbol_set", set_name=name, _anchor=f"label-{changed.index(label) if label in changed else place}")


@admin.get("/sets/<set_name>/deletion")
def delete_set_question(set_name: str) -> str:
    """Ask whether a symbol set shall be deleted."""
    with platform().database.reading() as session:
        return page("delete_set.html", set=registry.symbol_set(session, set_name), why_kept=_why_kept(session, set_name))


@admin.post("/sets/delete")
def delete_set() -> ResponseReturnValue:
    """Delete a symbol set for which nothing is kept."""
    name = field("set")
    title = _title(name)
    define.delete_set(platform().database, name, by=actor())
    tell("set_deleted", set=title)
    return to("symbol_sets")


def _change(name: str, act: str) -> SetChange:
    if act == "title":
        return SetChange(title=" ".join(request.form.get("title", "")[:MOST_TEXT].split()))
    if act == "goal":
        return SetChange(goal=_goal(request.form.get("goal", "")))
    if act in ("hide", "show"):
        return SetChange(hidden=act == "hide")
    with platform().database.reading() as session:
        names = [one.name for one in registry.sets_in_order(session)]
        place = names.index(registry.symbol_set(session, name).name)
    return SetChange(position=max(0, place + _step(act)))


def _goal(typed: str) -> int:
    try:
        return int(typed.strip() or 0)
    except ValueError:
        raise BadSet(BAD_GOAL) from None


def _step(act: str) -> int:
    if act not in STEPS:
        raise Malformed("This is no change of a symbol set.")
    return STEPS[act]


def _title(name: str) -> str:
    with platform().database.reading() as session:
        return set_title(registry.symbol_set(session, name))


def _why_kept(session: Session, name: str) -> str | None:
    return define.why_kept(session, name, registry.origins(session)[name])


def _page(**more: str) -> str:
    with platform().database.reading() as session:
        found = [collected(session, one.name) for one in registry.sets_in_order(session)]
    return page("sets.html", sets=found, needed=NEEDED, **more)


def _one(name: str, mistake: str = "") -> str:
    with platform().database.reading() as session:
        found = collected(session, name)
        used, known = define.labels_in_use(session, name, found.symbols.labels), known_labels(session, name)
        rows = _rows(found.symbols.labels, found.counts, used, known)
        facts = {"set": found, "rows": rows, "why_kept": _why_kept(session, name), "mistake": mistake}
    return page("set.html", most_wanted=MOST_WANTED, **facts)


def _rows(labels: Sequence[str], counts: dict[str, int], used: set[str], known: set[str]) -> list[dict[str, Any]]:
    """Return each label with its state; one may move where neither it nor the label that it would pass is known to a network."""
    return [
        {
            "label": label,
            "count": counts[label],
            "known": label in known,
            "used": label in used,
            "up": place > 0 and not {label, labels[place - 1]} & known,
            "down": place + 1 < len(labels) and not {label, labels[place + 1]} & known,
        }
        for place, label in enumerate(labels)
    ]


def _back(name: str) -> ResponseReturnValue:
    return redirect(url_for("admin.symbol_sets", _anchor=f"set-{name}"), 303)
