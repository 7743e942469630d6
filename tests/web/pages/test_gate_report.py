"""What is found of the gate's decision, out of what is kept with a version."""

from __future__ import annotations

from typing import Any

from functions.records.tables import Version
from functions.web.pages.gate_report import GateReport, gate_report, gate_text
from functions.web.pages.translations import words

WHY = {"kind": "label_worse", "label": "4", "count": 1500, "before": 0.989, "after": 0.961}


def decided(gate: dict[str, Any], language: str = "en", **more: Any) -> GateReport:
    return gate_report(Version(gate=gate, metrics=more), words(language))


def test_a_reason_is_told_with_its_figures_as_each_language_writes_them() -> None:
    gate = {"accepted": False, "reason": "Kept out: 4 got worse.", "why": [WHY]}
    assert decided(gate).reasons == ("4 got worse: 98.90\u00a0% → 96.10\u00a0%, on 1,500 test drawings.",)
    assert decided(gate, "ru").reasons == ("4: стало хуже, 98,90\u00a0% → 96,10\u00a0%, тестовых рисунков: 1\u00a0500.",)
    assert decided(gate).sentence == ""


def test_the_owners_page_says_the_outcome_and_the_reasons_in_its_language() -> None:
    refused = Version(gate={"accepted": False, "reason": "Kept out: overtaken.", "why": [{"kind": "overtaken"}]}, original=False)
    assert gate_text(refused, words("en")).startswith("Did not pass the test. Another version")
    assert gate_text(refused, words("ru")) == "Не прошла проверку. Пока она училась, включили другую версию."
    assert gate_text(Version(gate={"accepted": True}, original=True), words("ru")) == "Поставляется с платформой"
    assert gate_text(Version(gate={"reason": "Kept out: worse."}, original=False), words("ru")) == "Kept out: worse."


def test_an_older_version_is_told_by_its_sentence() -> None:
    found = decided({"accepted": False, "reason": "Kept out: worse."})
    assert (found.reasons, found.sentence, found.compared, found.shown) == ((), "Kept out: worse.", (), ())


def test_a_reason_that_is_not_known_or_lacks_a_figure_leaves_the_word_to_the_sentence() -> None:
    for why in ({"kind": "of another release"}, {"kind": "label_worse", "label": "4"}, {}):
        found = decided({"accepted": False, "reason": "Kept out.", "why": [WHY, why]})
        assert (found.reasons, found.sentence) == ((), "Kept out.")


def test_wrong_answers_of_a_label_are_bars_against_the_longest() -> None:
    bars = decided({"labels": {"a": [100, 99, 98], "b": [50, 50, 48]}}).shown
    assert [(bar.label, bar.before, bar.after, bar.change) for bar in bars] == [("a", 1, 2, 1), ("b", 0, 2, 2)]
    assert [(bar.length_before, bar.length_after) for bar in bars] == [(25.0, 50.0), (0.0, 100.0)]


def test_where_nothing_is_wrong_bars_have_no_length() -> None:
    assert decided({"labels": {"a": [9, 9, 9]}}).shown[0].length_after == 0


def test_of_many_labels_those_that_changed_come_first_and_the_rest_can_be_asked_for() -> None:
    labels = {f"{i}": [100, 90, 90 + i % 3] for i in range(30)}
    found = decided({"labels": labels})
    assert len(found.shown) == 12 and all(bar.change for bar in found.shown)
    assert abs(found.shown[0].change) == 2
    assert len(found.more) == 30


def test_what_was_compared_is_listed_as_far_as_it_is_kept() -> None:
    part = {"count": 5000, "before": 0.99, "after": 0.991, "lost": 1, "won": 6}
    gate = {
        "parts": {"shipped": part, "collected": {"count": 0}},
        "rejects": {"symbols": 0.01},
        "rejects_before": {"symbols": 0.02},
        "calibration": {"before": 0.01, "after": 0.02},
        "recent": {"count": 12, "before": 3, "after": 9},
    }
    rows = [(row.name, row.count, row.before, row.after) for row in decided(gate).compared]
    assert rows == [
        ("apart_shipped", 5000, "99.00\u00a0%", "99.10\u00a0%"),
        ("apart_collected", 0, None, None),
        ("rejects_symbols", None, "2.00\u00a0%", "1.00\u00a0%"),
        ("calibration", None, "1.00\u00a0%", "2.00\u00a0%"),
        ("recent", 12, "3", "9"),
    ]
    older = decided({"holdout": 5000, "before": 0.99, "after": 0.98}).compared
    assert [(row.name, row.after) for row in older] == [("apart_shipped", "98.00\u00a0%")]


def test_the_test_is_told_with_its_bound() -> None:
    gate = {"lost": 43, "won": 5, "z": 1.64, "margin": 0.005, "z_below": -2.128}
    assert decided(gate).tested == {"lost": "43", "won": "5", "margin": "0.5\u00a0%", "z": "1.64", "below": "−2.13"}
    assert decided(gate, "ru").tested["below"] == "−2,13"
    assert decided({}).tested == {}


def test_parity_is_told_where_it_was_measured() -> None:
    assert decided({}, parity=2e-6).parity == "0.0000020"
    assert decided({"parity": None}).parity is None
