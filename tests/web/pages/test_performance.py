"""What the page tells of what is watched, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from functions.domain.monitoring import LabelledAnswer, Outcome, Outcomes, Proportion, learning_curve, version_scores
from functions.records.tables import Version
from functions.verbs.metrics import HoldoutAccuracy, SetMetrics, VersionProgress
from functions.web.pages.confusion import MOST_LABELS, ConfusedPair, matrix, most_confused
from functions.web.pages.performance import Performance, performance
from tests.support.labelled_answers import NOON, answer

DIGITS = list("0123456789")
NOTHING = Outcomes(0, {}, ())


def progress_of(
    version: str, accuracy: float | None, *, learned: int | None = 0, live: bool = False, accepted: bool = True
) -> VersionProgress:
    row = Version(
        id=version, set_name="digits", learner="cnn", gate={"accepted": accepted}, original=version == "c0", created=NOON
    )
    holdout = None if accuracy is None else HoldoutAccuracy(accuracy, 1000)
    return VersionProgress(row, live, NOON if live else None, learned, holdout, None)


def shown(answers: Sequence[LabelledAnswer] = (), progress: Sequence[VersionProgress] = (), **more: Any) -> Performance:
    learned = {row.version.id: row.learned for row in progress if row.learned is not None}
    curves = {"cnn": learning_curve(version_scores(answers), "cnn", learned), "fnn": []}
    return performance(SetMetrics(answers, progress, [], curves, more.get("outcomes", NOTHING)), more.get("labels", DIGITS))


def test_of_nothing_nothing_is_told() -> None:
    empty = shown()
    assert (empty.labelled, empty.recent, empty.prequential, empty.retention, empty.learning_curves) == (0, (), (), (), ())
    assert (empty.disagreement, empty.confused, empty.matrix, empty.outcomes.count) == (None, (), None, 0)


def test_one_answer_is_counted_and_makes_no_curve() -> None:
    one = shown([answer("7", "1", "7", original="7")])
    assert [(lately.learner, lately.learned, lately.original) for lately in one.recent] == [
        ("fnn", Proportion(0, 1), Proportion(1, 1)),
        ("cnn", Proportion(1, 1), Proportion(1, 1)),
    ]
    assert (one.prequential, one.learning_curves, one.disagreement) == ((), (), None)
    assert one.matrix is not None and one.matrix.rows[7][7] == 1


def test_lately_means_the_last_two_hundred() -> None:
    some = [answer("7", "1", "1")] * 100 + [answer("7", "7", "7")] * 196 + [answer("7", "7", "1")] * 4
    lately = shown(some).recent
    assert [(one.learner, one.learned) for one in lately] == [("fnn", Proportion(200, 200)), ("cnn", Proportion(196, 200))]


def test_each_block_is_a_dot_beside_what_the_original_said() -> None:
    some = [answer("7", "7", "1", original="7")] * 20 + [answer("7", "7", "7", original="1")] * 20
    cnn = shown(some).prequential[1]
    assert cnn.learner == "cnn"
    assert [(learned, original) for _, learned, original in cnn.rows] == [
        (Proportion(0, 20), Proportion(20, 20)),
        (Proportion(20, 20), Proportion(0, 20)),
    ]
    main = cnn.chart.lines[1]
    assert [(dot.x, dot.y) for dot in main.dots] == [(6.0, 150.0), (294.0, 0.0)]


def test_the_networks_differing_is_told_lately_and_block_by_block() -> None:
    differing = shown([answer("7", "7", "1")] * 5 + [answer("7", "7", "7")] * 15).disagreement
    assert differing is not None
    assert (differing.recent.differed, differing.recent.right, differing.recent.neither) == (Proportion(5, 20), {"fnn": 5}, 0)
    assert [block.accuracy.disagreement.differed for block in differing.rows] == [Proportion(5, 20)]


def test_versions_on_the_holdout_come_oldest_first_and_those_kept_out_are_hollow() -> None:
    newest_first = [
        progress_of("c2", 0.99, live=True),
        progress_of("bad", 0.95, accepted=False),
        progress_of("old", None),
        progress_of("c0", 0.98),
    ]
    (kept,) = shown(progress=newest_first).retention
    assert [one.version.id for one in kept.rows] == ["c0", "bad", "c2"]
    assert (kept.oldest.version.id, kept.live.version.id, kept.failed) == ("c0", "c2", 1)
    assert [(dot.hollow, dot.strong) for dot in kept.chart.lines[0].dots] == [(False, False), (True, False), (False, True)]


def test_an_original_alone_has_no_way_yet() -> None:
    assert shown(progress=[progress_of("c0", 0.98, live=True)]).retention == ()


def test_the_learning_curve_has_roots_of_what_was_learned_below_it() -> None:
    some = [answer("7", "7", "1", versions=("f", "c0"))] * 20 + [answer("7", "7", "7", versions=("f", "c1"))] * 20
    some += [answer("7", "7", "7", versions=("f", "c2"))] * 20
    way_back = [
        progress_of("c2", 0.99, learned=100, live=True),
        progress_of("c1", 0.98, learned=25),
        progress_of("c0", 0.97, learned=0),
    ]
    (curve,) = shown(some, way_back).learning_curves
    assert [(point.mean, point.answers) for point in curve.points] == [
        (0, Proportion(0, 20)),
        (25, Proportion(20, 20)),
        (100, Proportion(20, 20)),
    ]
    assert curve.holdout == ((0, 0.97), (25, 0.98), (100, 0.99))
    other, main = curve.chart.lines
    assert [dot.x for dot in main.dots] == [dot.x for dot in other.dots] == [6.0, 150.0, 294.0]


def test_answers_of_one_group_are_a_single_point() -> None:
    some = [answer("7", "7", "7", versions=("f", "c1"))] * 20
    (curve,) = shown(some, [progress_of("c1", 0.98, learned=25, live=True)]).learning_curves
    assert [(point.fewest, point.most, point.answers) for point in curve.points] == [(25, 25, Proportion(20, 20))]


def test_a_line_that_has_learned_nothing_has_no_learning_curve() -> None:
    assert shown([answer("7", "7", "7", versions=("f", "c0"))] * 30, [progress_of("c0", 0.97, live=True)]).learning_curves == ()


def test_what_is_mixed_up_most_comes_first() -> None:
    counted = {("4", "9"): 3, ("4", "4"): 7, (None, "1"): 5, ("7", None): 3, ("7", "7"): 1}
    assert most_confused(counted) == (ConfusedPair(None, "1", 5, 5), ConfusedPair("4", "9", 3, 10), ConfusedPair("7", None, 3, 4))
    assert most_confused({("4", "4"): 1}) == ()


def test_a_matrix_has_a_place_for_what_is_not_a_symbol() -> None:
    found = matrix({("a", "a"): 3, ("a", None): 1, (None, "b"): 2}, ["a", "b"])
    assert found is not None
    assert (found.labels, found.rows) == (("a", "b", None), ((3, 0, 1), (0, 0, 0), (0, 2, 0)))
    assert (found.shade(0, 2), found.shade(1, 1), found.shade(2, 1)) == (0.5, 0.0, 1.0)
    assert found.numbered
    assert found.filled == ((0, 0, 3), (0, 2, 1), (2, 1, 2))


def test_a_matrix_of_many_labels_has_no_numbers_and_one_of_very_many_is_not_drawn() -> None:
    found = matrix({("A", "B"): 1}, [chr(65 + n) for n in range(47)])
    assert found is not None
    assert not found.numbered
    assert matrix({}, [chr(65 + n) for n in range(MOST_LABELS + 1)]) is None


def test_what_waits_is_told_together_and_by_its_reasons() -> None:
    reasons = (Outcome("accepted", "agreed", 5), Outcome("pending", "flood", 2), Outcome("quarantined", "hostile", 1))
    found = shown(outcomes=Outcomes(9, {"accepted": 5, "pending": 2, "quarantined": 1, "rejected": 1}, reasons))
    assert found.statuses == {"accepted": 5, "waiting": 3, "rejected": 1, "withdrawn": 0}
    assert (found.outcomes.count, found.outcomes.reasons) == (9, reasons)


def test_a_version_that_answered_passed_whatever_the_gate_said() -> None:
    row = Version(id="forced", gate={"accepted": False}, learner="cnn")
    assert VersionProgress(row, False, NOON, None, None, None).passed
    assert not VersionProgress(row, False, None, None, None, None).passed
