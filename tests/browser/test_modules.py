"""The pure JavaScript modules, run in a browser."""

from __future__ import annotations

import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from functions.domain.answer import model_prediction
from functions.domain.personalisation import Example, adapt
from functions.domain.run_step import Step
from functions.learners.litert import infer_square_and_embedding, open_network
from functions.serving.embedding_output import with_embedding
from functions.settings import ROOT
from functions.web.pages.translations import words
from tests.support.tiny_models import tiny_network


class Handler(SimpleHTTPRequestHandler):
    """A handler that serves the scripts and writes no log."""

    def log_message(self, *about: object) -> None:
        """Write no log."""


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page on the scripts' server: pure modules need nothing else."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(ROOT / "static" / "js")))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    opened = browser.new_page()
    opened.goto(f"http://127.0.0.1:{server.server_port}/")
    yield opened
    opened.close()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def call(page: Page) -> Callable[..., Any]:
    """Return a function that runs ``body``, the body of an async function of (module, given), in the page."""

    def called(module: str, body: str, given: Any = None) -> Any:
        script = f"async ([url, given]) => {{ const module = await import(url); {body} }}"
        return page.evaluate(script, [f"/{module}.js", given])

    return called


LINE = [[0, 0, 0], [10, 0, 5], [20, 0, 9]]


def test_extending_a_stroke_leaves_the_earlier_drawing_unchanged(call: Callable[..., Any]) -> None:
    script = """
      const one = module.begin(module.EMPTY, given[0], "pen");
      const two = module.extend(one, given.slice(1));
      return [module.isEmpty(module.EMPTY), one.strokes, two.strokes, two.pointer, module.lastTime(two), module.countPoints(two)];
    """
    assert call("strokes", script, LINE) == [True, [[[0, 0, 0]]], [LINE], "pen", 9, 3]


def test_what_is_undone_can_be_redone_until_something_new_is_drawn(call: Callable[..., Any]) -> None:
    script = """
      const { startWith, changeTo, undone, redone } = module;
      const shown = [];
      let history = startWith(0);
      for (const step of [(h) => changeTo(h, 1), (h) => changeTo(h, 2), undone, undone, undone, redone, redone, redone, undone,
                          (h) => changeTo(h, 3), redone, undone]) {
        history = step(history);
        shown.push(history.drawing);
      }
      return shown;
    """
    assert call("history", script) == [1, 2, 1, 0, 0, 1, 2, 2, 1, 3, 3, 1]


LESSONS = (
    ({"label": "7", "run": "r"}, None, "learning"),
    ({"label": "7", "run": "r"}, {"state": "failed"}, "failed"),
    ({"label": "1", "run": "r"}, None, "confirmed"),
    ({"label": "7", "run": "r", "apart": True}, None, "judges"),
    ({"label": "7", "status": "quarantined"}, None, "quarantined"),
    ({"label": "7", "status": "accepted"}, None, "noted"),
    ({"label": "7", "run": "r", "after": "7"}, {"state": "done"}, "learned"),
    ({"label": "7", "run": "r", "after": "1"}, {"state": "done"}, "not_learned"),
    ({"label": "7", "run": "r", "after": "1", "keptOut": True}, None, "kept_out"),
    ({"label": "7", "run": "r", "after": "7", "withdrawn": True}, {"state": "done"}, "withdrawn"),
)


@pytest.mark.parametrize(
    ("result", "kept_out"),
    [
        ({"activated": ["v"], "rejected": [{}]}, False),
        ({"activated": [], "rejected": [{}]}, True),
        ({"activated": [], "rejected": []}, False),
        (None, False),
    ],
)
def test_versions_that_all_failed_the_gate_were_kept_out(call: Callable[..., Any], result: Any, kept_out: bool) -> None:
    assert call("lesson", "return module.wasKeptOut(given)", result) is kept_out


@pytest.mark.parametrize(("correction", "run", "code"), LESSONS)
def test_a_lesson_is_told_truthfully(call: Callable[..., Any], correction: dict[str, Any], run: Any, code: str) -> None:
    answers = {label: {"answer": {"status": "sure", "label": label, "p": 0.9}} for label in "17"}
    after = answers.get(correction.get("after", ""))
    given = [{"status": "accepted", **correction, "before": answers["1"], "after": after}, run]
    assert call("lesson", "return module.lessonOf(...given)", given) == code


def test_points_too_close_together_are_left_out(call: Callable[..., Any]) -> None:
    script = """
      const one = module.begin(module.EMPTY, [5, 5, 0], "pen");
      return module.extend(one, [[5.1, 5, 1], [5.2, 5.1, 2]]) === one;
    """
    assert call("strokes", script) is True


def test_points_are_what_the_api_takes(call: Callable[..., Any]) -> None:
    script = """
      const drawing = module.begin(module.EMPTY, [1.23456, -900, 7.6, 1.7], "pen");
      return module.toBody(drawing);
    """
    assert call("strokes", script) == {"strokes": [[[1.23, -280, 8, 1]]], "width": 280, "height": 280, "pointer": "pen"}


def test_a_drawing_holds_no_more_than_the_api_takes(call: Callable[..., Any]) -> None:
    script = """
      let drawing = module.EMPTY;
      for (let i = 0; i < 250; i += 1) drawing = module.begin(drawing, [i, 0, i], "mouse");
      let long = module.begin(module.EMPTY, [0, 0, 0], "mouse");
      long = module.extend(long, Array.from({length: 12000}, (_, i) => [i % 280, i % 2 ? 0 : 200, i]));
      const same = module.begin(long, [0, 0, 0], "mouse") === long;
      return [drawing.strokes.length, module.countPoints(long), module.isFull(long), same];
    """
    assert call("strokes", script) == [200, 10_000, True, True]


def test_a_smooth_line_goes_through_the_first_and_the_last_point(call: Callable[..., Any]) -> None:
    assert call("smooth", "return module.path(given)", [[0, 0], [10, 0], [10, 10]]) == "M0 0Q10 0 10 5L10 10"
    assert call("smooth", "return module.path(given)", [[0, 0], [10, 4]]) == "M0 0L10 4"


def test_a_dot_is_visible(call: Callable[..., Any]) -> None:
    assert call("smooth", "return module.path(given)", [[7, 8]]) == "M7 8h0.01"


def test_the_next_label_is_the_rarest(call: Callable[..., Any]) -> None:
    script = "return module.nextLabel(['0', '1', '2'], {0: 5, 1: 2, 2: 9}, given)"
    assert call("prompt", script) == "1"
    assert call("prompt", script, "1") == "0", "never the same twice in a row"


def test_ties_are_broken_at_random_and_a_label_nobody_drew_comes_first(call: Callable[..., Any]) -> None:
    script = "return [0, 0.5, 0.999].map((r) => module.nextLabel(['a', 'b', 'c', 'd'], {a: 3}, null, () => r))"
    assert call("prompt", script) == ["b", "c", "d"]
    assert call("prompt", "return module.nextLabel(['a'], {}, 'a')") == "a"


PROMPTS = """
  const asked = [];
  const server = {
    prompts: async (set, after) => {
      asked.push([set, after]);
      if (given.away) throw new Error("away");
      return { prompts: given.labels.map((label) => ({ label, reason: "lacking", other: null })) };
    },
  };
  const prompts = new module.Prompts(server, "digits", ["0", "1", "2"]);
"""


def test_prompts_come_from_the_server_in_order_and_more_are_fetched_before_they_run_out(call: Callable[..., Any]) -> None:
    script = """
      await prompts.fetch();
      const took = ["1", "2", "0"].map((last) => prompts.next({}, last).label);
      await prompts.fetch();
      return [took, prompts.next({}, null), asked];
    """
    took, following, asked = call("prompt", PROMPTS + script, {"labels": ["0", "1", "2", "9"]})
    assert took == ["0", "1", "2"]
    assert following == {"label": "0", "reason": "lacking", "other": None}, "what the page does not know is left out"
    assert asked[:2] == [["digits", None], ["digits", "2"]]


def test_a_label_is_never_prompted_twice_in_a_row_even_if_the_server_says_so(call: Callable[..., Any]) -> None:
    script = "await prompts.fetch(); return prompts.next({}, '0').label"
    assert call("prompt", PROMPTS + script, {"labels": ["0", "2", "1"]}) == "2"


def test_without_the_server_the_counts_decide(call: Callable[..., Any]) -> None:
    script = "await prompts.fetch(); return [prompts.next({0: 4, 1: 4, 2: 1}, '0'), asked.length]"
    prompt, times = call("prompt", PROMPTS + script, {"away": True, "labels": []})
    assert prompt == {"label": "2", "reason": None, "other": None}
    assert times == 2, "it is asked again"


@pytest.mark.parametrize(
    ("prompt", "line"),
    [
        ({"reason": None, "other": None}, ""),
        ({"reason": "lacking", "other": None}, "The dataset has fewer drawings of this symbol than of others."),
        ({"reason": "doubt", "other": None}, "The networks are less sure of this symbol than of others."),
        ({"reason": "doubt", "other": "O"}, "The networks sometimes confuse this symbol with another: the letter O."),
        ({"reason": "hands", "other": None}, "Few people have drawn this symbol lately."),
        ({"reason": "pair", "other": "O"}, "You drew a similar symbol (the letter O). Together, the two show the difference."),
    ],
)
def test_the_reason_of_a_prompt_is_one_short_line(call: Callable[..., Any], prompt: dict[str, Any], line: str) -> None:
    script = """
      const { translator } = await import("/format.js");
      return module.reasonText(given.prompt, translator(given.words, "en", { O: "letter" }));
    """
    assert call("prompt", script, {"prompt": {"label": "0", **prompt}, "words": words("en").for_scripts()}) == line


def test_a_probability_never_claims_certainty(call: Callable[..., Any]) -> None:
    script = "return given.map((p) => module.formatPercent(p, {language: 'en'}).replaceAll('\\u00a0', ' '))"
    shares = [0, 0.001, 0.42, 0.981, 0.98, 0.9876, 0.99949, 1]
    said = ["0 %", "< 1 %", "42 %", "98 %", "98 %", "98.7 %", "> 99.9 %", "> 99.9 %"]
    assert call("format", script, shares) == said


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ({"status": "sure", "label": "7", "p": 0.98}, "7 (98 %)"),
        ({"status": "unsure", "label": "7", "p": 0.31}, "Not sure: 7?"),
        ({"status": "empty", "label": None, "p": None}, "Draw something"),
        ({"status": "not_a_symbol", "label": None, "p": 0.9}, "Probably not a symbol"),
        ({"status": "unsure", "label": "O", "p": 0.6, "alternatives": [{"label": "0", "p": 0.3}]}, "O, or the digit 0"),
        (
            {"status": "unsure", "label": "9", "p": 0.4, "alternatives": [{"label": "g", "p": 0.3}, {"label": "q", "p": 0.2}]},
            "9, or the letter g, or the small letter q",
        ),
        (
            {"status": "unsure", "label": "O", "p": 0.3, "alternatives": [{"label": "0", "p": 0.1}]},
            "Not sure: O, or the digit 0?",
        ),
    ],
)
def test_an_answer_is_one_line_of_text(call: Callable[..., Any], answer: Any, line: str) -> None:
    script = "return module.answerText(given[0], module.translator(given[1], 'en', given[2])).replaceAll('\\u00a0', ' ')"
    kinds = {"0": "digit", "9": "digit", "O": "either", "g": "either", "q": "small"}
    assert call("format", script, [answer, words("en").for_scripts(), kinds]) == line


NOTES = (
    ("sure", [], 0.1, "The networks differ: FNN 7, CNN 1."),
    ("unsure", [{"label": "1", "p": 0.25}], 0.1, "These look alike: 7 (62 %), 1 (25 %)."),
    ("not_a_symbol", [], 0.9, "If it is a symbol: the digit 7."),
)


@pytest.mark.parametrize(("status", "alternatives", "reject", "note"), NOTES)
def test_a_note_explains_the_answer(call: Callable[..., Any], status: str, alternatives: Any, reject: float, note: str) -> None:
    models = [
        {"learner": learner, "role": "learned", "reject": reject, "top": [{"label": label, "p": p}]}
        for learner, label, p in (("fnn", "7", 0.62), ("cnn", "1", 0.5))
    ]
    label = None if status == "not_a_symbol" else "7"
    prediction = {"answer": {"status": status, "label": label, "p": 0.62, "alternatives": alternatives}, "models": models}
    script = "return module.answerNote(given[0], module.translator(given[1], 'en', {7: 'digit'})).replaceAll('\\u00a0', ' ')"
    assert call("format", script, [prediction, words("en").for_scripts()]) == note


@pytest.mark.parametrize(
    ("alone", "note"),
    [
        ({"status": "sure", "label": "1", "p": 0.62}, "Adapted to your handwriting. Without your examples: 1 (62 %)"),
        (
            {"status": "not_a_symbol", "label": None, "p": 0.6},
            "Adapted to your handwriting. Without your examples: Probably not a symbol",
        ),
        ({"status": "sure", "label": "7", "p": 0.62}, "Adapted to your handwriting. Both networks agree."),
    ],
)
def test_the_note_of_an_adapted_answer_gives_the_unadapted_answer(call: Callable[..., Any], alone: Any, note: str) -> None:
    models = [{"learner": learner, "role": "learned", "top": [{"label": "7", "p": 0.6}]} for learner in ("fnn", "cnn")]
    answer = {"status": "sure", "label": "7", "p": 0.9, "alternatives": []}
    prediction = {"answer": answer, "adapted": True, "unadapted": {**alone, "alternatives": []}, "models": models}
    script = "return module.answerNote(given[0], module.translator(given[1], 'en')).replaceAll('\\u00a0', ' ')"
    assert call("format", script, [prediction, words("en").for_scripts()]) == note


def test_each_saved_drawing_raises_readiness_and_each_withdrawal_lowers_it(call: Callable[..., Any]) -> None:
    lacking = {"labels": ["a", "b"], "missing": {"a": 2}, "needed": 4}
    script = "return given[1].map((added) => module.readiness(given[0], added))"
    told = call("readiness", script, [lacking, [{}, {"a": 1, "b": -1}, {"a": 3}, {"a": -9}]])
    assert [(each["drawings"], each["done"], each["progress"]) for each in told] == [
        (2, 1, 0.75),
        (1, 1, 0.875),
        (0, 2, 1),
        (4, 1, 0.5),
    ]


def test_drawings_above_the_owners_goal_do_not_count(call: Callable[..., Any]) -> None:
    script = "return module.goalProgress(['a', 'b', 'c'], given, 5)"
    assert call("readiness", script, {"a": 2, "b": 9}) == {"drawings": 7, "wanted": 15, "done": 1, "progress": 7 / 15}


def test_russian_sentences_have_the_plural_form_of_their_number(call: Callable[..., Any]) -> None:
    script = "const t = module.translator(given, 'ru'); return [1, 3, 5, 21].map((count) => t('saved', {count}))"
    said = call("format", script, words("ru").for_scripts())
    assert said == [
        "За этот сеанс сохранён 1 рисунок.",
        "За этот сеанс сохранено 3 рисунка.",
        "За этот сеанс сохранено 5 рисунков.",
        "За этот сеанс сохранён 21 рисунок.",
    ]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step.of("initialising", learner="fnn"), "The FNN is getting ready."),
        (Step.of("fitting", learner="cnn", step=120, steps=300), "The CNN is learning: step 120 of 300."),
        (Step.of("selecting", learner="cnn"), "The CNN chooses how much of the new weights to keep."),
        (Step.of("testing", learner="cnn"), "The CNN is tested on drawings that it has never learned from."),
        (Step("publishing"), "The new versions are being stored."),
        (Step.of("other", words="something new"), "The networks are learning."),
    ],
)
def test_each_step_of_the_worker_has_a_sentence(call: Callable[..., Any], step: Step, said: str) -> None:
    assert (
        call(
            "format",
            "return module.stepText(given[0], module.translator(given[1], 'en'))",
            [step.as_dict(), words("en").for_scripts()],
        )
        == said
    )


def test_a_missing_sentence_is_an_error(call: Callable[..., Any]) -> None:
    script = "try { module.translator({}, 'en')('nothing'); return 'silence'; } catch (error) { return error.message; }"
    assert call("format", script) == "There is no sentence for nothing."


def test_the_offline_queue_keeps_the_order_and_takes_over_what_an_earlier_release_stored(call: Callable[..., Any]) -> None:
    script = """
      localStorage.setItem("inkloop.waiting.x", "not ours");
      localStorage.setItem("inkloop.waiting.c", JSON.stringify({ key: "c", at: 0, body: {} }));
      localStorage.setItem("other", "1");
      const keys = async (queue) => (await queue.all()).map(({ key }) => key);
      const queue = new module.OfflineQueue(localStorage);
      await Promise.all([["b", 2], ["a", 1]].map(([key, at]) => queue.put({ key, at, body: {} })));
      const before = await keys(queue);
      const inStorage = localStorage.getItem("inkloop.waiting.c");
      const later = await keys(new module.OfflineQueue(null));
      for (const key of ["a", "c"]) await queue.remove(key);
      const left = await keys(queue);
      await queue.remove("b");
      return [before, inStorage, later, left, localStorage.getItem("other")];
    """
    assert call("offlineQueue", script) == [["c", "a", "b"], None, ["c", "a", "b"], ["b"], "1"]


def test_a_browser_without_a_database_or_a_storage_loses_nothing_until_the_page_closes(call: Callable[..., Any]) -> None:
    script = """
      const put = IDBObjectStore.prototype.put;
      IDBObjectStore.prototype.put = () => { throw new Error("full"); };
      const full = { length: 0, key: () => null, removeItem() {}, setItem() { throw new Error("full"); } };
      const found = [];
      for (const store of [full, null, localStorage]) {
        const queue = new module.OfflineQueue(store);
        await queue.put({ key: "a", at: 1, body: {} });
        found.push((await queue.all()).length, localStorage.getItem("inkloop.waiting.a") !== null);
        await queue.remove("a");
        found.push((await queue.all()).length);
      }
      IDBObjectStore.prototype.put = put;
      return [...found, localStorage.getItem("inkloop.waiting.a")];
    """
    assert call("offlineQueue", script) == [1, False, 0, 1, False, 0, 1, True, 0, None]


def test_a_page_that_closes_stores_what_the_database_has_not_taken_yet(call: Callable[..., Any]) -> None:
    script = """
      const queue = new module.OfflineQueue(localStorage);
      const stored = queue.put({ key: "late", at: 1, body: {} });
      dispatchEvent(new Event("pagehide"));
      const kept = localStorage.getItem("inkloop.waiting.late") !== null;
      await stored;
      const found = [kept, localStorage.getItem("inkloop.waiting.late"), (await queue.all()).length];
      await queue.remove("late");
      return found;
    """
    assert call("offlineQueue", script) == [True, None, 1]


def test_own_drawings_are_the_newest_of_a_set_and_are_forgotten(call: Callable[..., Any]) -> None:
    script = """
      const own = new module.OwnDrawings();
      const add = (sample, set, label, instead) => own.add({ sample, set, label, body: { strokes: [] }, instead });
      for (let i = 0; i < 62; i += 1) await add(`s${i}`, "digits", "7");
      await add("a", "characters", null);
      const most = (await own.of("digits")).length;
      await add("b", "characters", "x", "a");
      const replaced = await own.of("characters");
      await own.forget("s61");
      const less = (await own.of("digits")).length;
      await own.forgetAll();
      return [most, replaced.map(({ sample, label }) => [sample, label]), less, (await own.of("characters")).length];
    """
    assert call("ownDrawings", script) == [60, [["b", "x"]], 59, 0]


def test_the_browser_adapts_outputs_as_the_server_does(call: Callable[..., Any]) -> None:
    random = np.random.default_rng(1)
    labels, confusable = ("0", "1", "O"), (("0", "O"),)
    cases = []
    for number in range(60):
        own = [None, "0", "1", "new"][: 1 + number % 4]
        keys = random.normal(0, 1, (len(own), 6)).astype(np.float32)
        embedding = (keys[0] + random.normal(0, 0.2 * (number % 5), 6)).astype(np.float32)
        outputs = np.append(random.dirichlet(np.ones(3)), random.uniform(0, 1)) if number % 7 else np.array([1.0, 0, 0, 0])
        cases.append((outputs, embedding, keys, tuple(own)))
    script = """
      return given[2].map(([outputs, embedding, keys, own]) =>
        module.adapted({ outputs, labels: given[0], embedding }, { keys, labels: own }, given[1]));
    """
    given = [[outputs.tolist(), embedding.tolist(), keys.tolist(), own] for outputs, embedding, keys, own in cases]
    found = call("adaptation", script, [labels, confusable, given])
    changed = 0
    for (outputs, embedding, keys, own), here in zip(cases, found, strict=True):
        before = model_prediction("cnn", "learned", "v", outputs, labels, embedding)
        (after,) = adapt((before,), {"v": Example(keys, own)}, confusable)
        there = (*after.probabilities.values(), after.reject)
        if after is before:
            assert here is None or here["outputs"] == pytest.approx(there, abs=1e-6)
        else:
            changed += 1
            assert here["labels"] == list(after.probabilities)
            assert here["outputs"] == pytest.approx(there, abs=1e-6)
    assert changed > 20


def test_the_browser_adds_the_embedding_to_a_network_as_the_server_does(call: Callable[..., Any]) -> None:
    script = """
      const bytes = (text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
      const text = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
      return given.map((network) => text(module.withEmbedding(bytes(network))));
    """
    networks = [tiny_network(7, embeds=True), tiny_network(7), b"no network", (ROOT / "models/digits/fnn.tflite").read_bytes()]
    found = call("embeddingOutput", script, [b64encode(one).decode() for one in networks])
    with_it, without, broken, real = map(b64decode, found)
    assert (without, broken) == (networks[1], networks[2])
    square = np.random.default_rng(0).uniform(0, 1, (28, 28)).astype(np.float32)
    for here, network in ((with_it, networks[0]), (real, networks[3])):
        given = infer_square_and_embedding(open_network(here), square)
        expected = infer_square_and_embedding(open_network(with_embedding(network)), square)
        assert all(np.array_equal(one, other) for one, other in zip(given, expected, strict=True))


def glyph(label: str, x: float, line: str, **also: Any) -> dict[str, Any]:
    return {"label": label, "box": [x, 0, 10, 100], "lines": [line], "prediction": {"id": None}, **also}


def test_what_was_said_of_a_symbol_stays_only_while_its_strokes_are_the_same(call: Callable[..., Any]) -> None:
    said = [glyph("1", 0, "a", said="7"), glyph("1", 50, "b")]
    script = "return module.textOf(module.carriedOver(...given));"
    assert call("glyphs", script, [said, [glyph("1", 0, "a"), glyph("2", 50, "b"), glyph("3", 90, "c")]]) == "723"
    assert call("glyphs", script, [said, [glyph("4", 0, "a", lines=["a", "b"])]]) == "4"


def test_a_symbol_gets_the_id_of_the_same_symbol_alone(call: Callable[..., Any]) -> None:
    kept = [glyph("1", 0.2, "a", prediction={"id": "first"}), glyph("1", 70, "b", prediction={"id": "second"})]
    script = "return module.withIds(...given).map(({prediction}) => prediction.id);"
    assert call("glyphs", script, [[glyph("1", 0, "a"), glyph("1", 50, "b")], kept]) == ["first", None]


def test_a_sitting_has_goals_and_counts_days_in_a_row(call: Callable[..., Any]) -> None:
    assert call("sitting", "return given.map(module.goalOf)", [0, 9, 10, 25, 99, 100, 250]) == [10, 10, 25, 50, 100, 200, 300]
    count = """const days = [null];
    for (const day of given) days.push(module.daysWith(days.at(-1), new Date(2026, 1, day, 12)));
    return days.slice(1).map(({ length }) => length);"""
    assert call("sitting", count, [27, 27, 28, 29, 31]) == [1, 1, 2, 3, 1], "29 February is 1 March, 31 is 3 March"


def test_the_name_of_a_glyph_stands_below_it_or_above_where_it_would_leave_the_paper(call: Callable[..., Any]) -> None:
    boxes = [[100, 20], [168, 60], [169, 60], [180, 31]]  # bottom and top on paper of 200 pixels
    places = call("glyphViews", "return given.map(([bottom, top]) => module.placeOfName(bottom, top, 200))", boxes)
    assert places == ["below", "below", "above", "inside"]


def test_the_labels_of_a_chart_have_the_decimals_of_its_steps(call: Callable[..., Any]) -> None:
    assert call("plotWords", "return given.map(module.decimals)", [0.1, 0.01, 0.005, 0.0025, 0.00025]) == [0, 0, 1, 2, 3]


def test_what_is_wrong_with_an_import_is_said_in_the_words_of_the_page(call: Callable[..., Any]) -> None:
    script = """
      const t = module.translator({ ...given, "problem.import_locked": "Архив закрыт." }, "ru");
      const wrong = { reason: "In English.", code: "import_bomb", figures: { name: "a.gz", times: 2000 } };
      return [wrong, { reason: "Old." }, { code: "import_locked" }].map((one) => module.problemText(one, t));
    """
    sentences = {"problem.import_bomb": "«{name}»: {times}"}
    assert call("format", script, sentences) == ["«a.gz»: 2\u00a0000", "Old.", "Архив закрыт."]
