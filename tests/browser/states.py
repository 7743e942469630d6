"""Every page in every state: one row each. axe looks at all of them, and ``make shots`` draws them.

A new page, or a new state of a page, is one row of ``STATES``. Visitors' rows come first: the owner signs in once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.browser.acts import (
    ANSWERED,
    Act,
    again,
    answered_with,
    ask_for_oldest_version,
    asked_soon,
    chosen,
    click,
    corrections,
    cut_off,
    drawn,
    drawn_as_asked,
    fill,
    go,
    press,
    seen,
    sign_in,
    unfold,
    uploaded,
    without_scripts,
    written,
)

BEEN_HERE = {"inkloop.example": "shown"}
AGREED = {**BEEN_HERE, "inkloop.consent": "yes"}
CLEAN = """async (stored) => {
  localStorage.clear();
  sessionStorage.clear();
  for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name);
  for (const [key, value] of Object.entries(stored)) localStorage.setItem(key, value);
}"""


@dataclass(frozen=True)
class State:
    """A page in a state: its address, the acts that lead there, what the browser has stored, and the acts that undo them.

    A ``short`` state is a window's content: what lies below it is in another state's picture.
    """

    name: str
    path: str
    acts: tuple[Act, ...] = ()
    stored: Mapping[str, str] = field(default_factory=lambda: BEEN_HERE)
    owner: bool = False
    short: bool = False
    after: tuple[Act, ...] = ()


def owners(name: str, path: str, *acts: Act, after: tuple[Act, ...] = ()) -> State:
    """Return a state of one of the owner's pages."""
    return State(f"owner-{name}", f"/admin/{path}", acts, owner=True, after=after)


def lesson(name: str, *kinds: str) -> State:
    """Return Recognise with corrections of these kinds."""
    runs = [
        answered_with("**/runs/running", {"state": "running", "progress": 0.4, "step_code": {"code": "preparing"}, "result": {}}),
        answered_with("**/runs/failed", {"state": "failed", "progress": 1, "result": {}}),
        again,
        seen(".correction"),
    ]
    return State(
        f"recognise-lesson-{name}", "/recognise/digits", tuple(runs), {**AGREED, "inkloop.corrections": corrections(*kinds)}
    )


ANSWER = (drawn(7), seen(ANSWERED))
WRONG = (*ANSWER, click("[data-verdict=wrong]"), seen("#picker"))
READ = (written("417"), click("#text .glyph"), seen("#glyph"))
SAVED = (seen('#prompt:text-matches("\\\\S")'), drawn_as_asked, press("Enter"))
ASKED = (asked_soon, *SAVED, seen("#gold-question form"))
PICTURE = "ink-pad input[type=file]"

STATES = (
    State("mine-empty", "/mine"),
    State("recognise-first-visit", "/", (seen("#example:not(:empty)"),), {}),
    State("recognise-empty", "/recognise/digits", (click(".pad-ways summary"),)),
    State(
        "recognise-answer",
        "/recognise/digits",
        (*ANSWER, click("#explanation button[aria-disabled=false]"), seen("#explanation [role=status]:not(:empty)")),
    ),
    State("recognise-picker", "/recognise/digits", WRONG, short=True),
    State("recognise-consent", "/recognise/digits", (*WRONG, press("4"), seen("#consent")), short=True),
    State("recognise-told", "/recognise/digits", (*WRONG, press("4"), click("[data-consent=no]"), seen("#draw-another"))),
    State("recognise-taught", "/recognise/digits", (*WRONG, press("4"), seen(".correction")), AGREED),
    lesson("under-way", "learning", "learned", "not_learned", "confirmed", "judges", "pending"),
    lesson("blocked", "failed", "kept_out", "quarantined", "rejected", "withdrawn", "noted"),
    State("recognise-failed", "/recognise/digits", (cut_off("**/predictions"), drawn(7), seen("#error"))),
    State("recognise-no-picture", "/recognise/digits", (uploaded(PICTURE, "a.txt", b"no"), seen("#error"))),
    State(
        "recognise-on-device",
        "/recognise/digits",
        (click("#place label:nth-of-type(2)"), seen("#place[data-state=ready]"), *ANSWER),
    ),
    State("recognise-look-alikes", "/recognise/characters", (drawn(0), seen(ANSWERED))),
    State(
        "recognise-characters-picker",
        "/recognise/characters",
        (drawn(4), seen(ANSWERED), click("[data-verdict=wrong]"), seen("#picker")),
    ),
    State("recognise-without-networks", "/recognise/shapes"),
    State("recognise-no-script", "/recognise/digits", (without_scripts,)),
    State(
        "recognise-no-script-answer",
        "/recognise/digits",
        (without_scripts, uploaded("#upload"), click(".upload-form button"), seen(".answer-words")),
    ),
    State(
        "recognise-no-script-problem",
        "/recognise/digits",
        (without_scripts, uploaded("#upload", "a.png", b"no"), click(".upload-form button"), seen(".notice")),
    ),
    State("read-empty", "/read/digits"),
    State("read-text", "/read/digits", (written("417"),)),
    State("read-glyph", "/read/digits", READ),
    State("read-glyph-picker", "/read/digits", (*READ, click("[data-do=wrong]"), seen("#picker"))),
    State("read-glyph-taught", "/read/digits", (*READ, press("9"), seen(".correction")), AGREED),
    State("read-consent", "/read/digits", (*READ, press("9"), seen("#consent"))),
    State("read-failed", "/read/digits", (cut_off("**/readings"), written("417", "#error"))),
    State("read-without-networks", "/read/shapes"),
    State("read-no-script", "/read/digits", (without_scripts,)),
    State("contribute", "/contribute/digits", (*SAVED, *SAVED, *SAVED, drawn_as_asked)),
    State("contribute-gold-question", "/contribute/digits", ASKED),
    State(
        "contribute-gold-answer",
        "/contribute/digits",
        (
            *ASKED,
            chosen("#gold-question-label", "1"),
            click("#gold-question form button"),
            seen("#gold-question [role=status]:not(:empty)"),
        ),
    ),
    State("contribute-offline", "/contribute/digits", (cut_off("**/samples"), *SAVED, *SAVED, seen("#offline"))),
    State("contribute-characters", "/contribute/characters"),
    State("contribute-own-set", "/contribute/shapes", SAVED),
    State("contribute-no-script", "/contribute/digits", (without_scripts,)),
    State("models", "/models/digits"),
    State("models-figures", "/models/digits", (unfold,)),
    State("models-characters", "/models/characters"),
    State("models-without-networks", "/models/shapes"),
    State("models-version", "/models/digits", (click(".model-more a"), seen("h1"))),
    State("models-no-version", "/models/digits/versions/nothing"),
    State("models-compare", "/models/digits/compare", (click(".filters button"), seen("#same"))),
    State("models-compare-without-networks", "/models/shapes/compare"),
    State("dataset", "/dataset/digits"),
    State("dataset-filtered", "/dataset/digits?source=correction&doubted=yes"),
    State("dataset-nothing", "/dataset/shapes?label=moon"),
    State("drawing", "/dataset/digits", (click(".gallery a"), seen("#replay"))),
    State("drawing-versions", "/dataset/digits", (click(".gallery a"), click("a[href$='#versions']"), seen("h3#versions"))),
    State(
        "mine-drawings",
        "/mine",
        (click(".gallery-mine [type=checkbox]"), click("#withdraw-all summary"), click("#forget summary")),
    ),
    State("about", "/about"),
    State("how", "/how-it-works"),
    State("networks", "/networks"),
    State("privacy", "/privacy"),
    State("reference", "/reference", (seen(".swagger-ui .opblock"),)),
    State("offline", "/offline"),
    State("nothing", "/nothing"),
    State("owner-sign-in", "/admin/login"),
    State("owner-wrong-password", "/admin/login", (fill("#password", "wrong"), press("Enter"), seen(".notice"))),
    owners("home", ""),
    owners("moderation", "moderation/digits"),
    owners("moderation-decided", "moderation/digits", press("a"), seen(".outcome:not([hidden])"), after=(press("u"),)),
    owners("moderation-more", "moderation/characters"),
    owners("moderation-empty", "moderation/shapes"),
    owners("versions", "versions/digits"),
    owners("versions-question", "versions/digits", ask_for_oldest_version),
    owners("runs", "runs/digits"),
    owners(
        "runs-in-progress",
        "runs/characters",
        click("[name=kind][value=train]"),
        seen(".run-row[data-state=queued], .run-row[data-state=running]"),
        after=(click(".run-row form button"), seen(".run-row[data-state=cancelled]")),
    ),
    owners("sets", "sets"),
    owners(
        "sets-mistake",
        "sets",
        fill("#set-name", "digits"),
        fill("#set-labels", "a b"),
        click("[aria-labelledby=new-set] button"),
        seen("[aria-labelledby=new-set] [role=alert]"),
    ),
    owners("sets-one", "sets/shapes"),
    owners("sets-deletion", "sets/vowels/deletion"),
    owners("sets-kept", "sets/digits/deletion"),
    owners("contributors", "contributors"),
    owners("contributor", "moderation/digits", click(".theirs a"), seen("#forget")),
    owners("tokens", "tokens"),
    owners("tokens-new", "tokens", fill("#token-name", "phone"), press("Enter"), seen("#token-text")),
    owners("tokens-question", "tokens", click("#tokens a"), seen(".back")),
    owners("webhooks", "webhooks"),
    owners("webhooks-question", "webhooks", click("#webhooks a"), seen(".back")),
    owners("audit", "audit"),
    owners("audit-nothing", "audit?object=nobody"),
    owners("settings", "settings"),
    owners("dataset", "", go("/dataset/digits"), unfold),
    owners("drawing", "", go("/dataset/digits"), click(".gallery a"), seen("#replay")),
    owners(
        "menu-of-sets",
        "sets/vowels",
        click("[value=show]"),
        seen("#news"),
        go("/"),
        click(".sets-menu summary"),
        after=(go("/admin/sets/vowels"), click("[value=hide]"), seen("#news")),
    ),
)


def walk(page: Page, url: str, parts: Sequence[str] = ("",)) -> Iterator[State]:
    """Bring a page of a new browser into each state whose name has one of ``parts``, and yield the state then."""
    signed_in = False
    for state in STATES:
        if not any(part in state.name for part in parts):
            continue
        if state.owner and not signed_in:
            sign_in(page, url)
            signed_in = True
        try:
            page.goto(f"{url}/healthz")  # of the same origin, and without scripts that would store something
            page.evaluate(CLEAN, dict(state.stored))
            page.goto(f"{url}{state.path}")
            for act in state.acts:
                act(page)
            yield state
            page.unroute_all(behavior="ignoreErrors")
            for act in state.after:
                act(page)
        except Exception as error:
            error.add_note(f"in the state {state.name}")
            raise
