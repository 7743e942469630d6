"""Learning from people with the shipped networks, as the worker does it."""

import gzip
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from functions.domain.drawing import from_strokes, parse_strokes, square_to_bytes
from functions.learners.continual import logit_cache
from functions.learners.continual.fine_tuner import ContinualTrainer, HeldOut, Squares
from functions.learners.continual.protocol import Candidate, TrainingSquares
from functions.learners.litert import infer
from functions.learners.networks.architectures import Network
from functions.learners.networks.training import Floats, predict_logits
from functions.learners.squares import Pixels
from functions.learners.squares.shipped import ShippedSet
from functions.learners.weights_file import pack, unpack

pytestmark = pytest.mark.starts_early
STROKES = Path(__file__).parents[2] / "strokes.json.gz"


def quiet(progress: float, step: str) -> None:
    """Report nothing."""


@pytest.fixture(scope="module")
def drawings() -> Squares:
    """Sixty digits that people drew on a tablet, no base network has seen them."""
    rows = json.loads(gzip.decompress(STROKES.read_bytes()))
    body = b"".join(square_to_bytes(from_strokes(parse_strokes(row["strokes"], *row["box"])).square) for row in rows)
    return Squares(np.frombuffer(body, np.uint8).reshape(-1, 28, 28), np.array([int(row["label"]) for row in rows]))


def trainer_of(learner: str, seeds: ShippedSet) -> ContinualTrainer:
    trainer = ContinualTrainer(learner, seeds.labels, seeds.rehearsal(), seeds.holdout())
    trainer.warm_up()
    return trainer


@pytest.fixture(scope="module")
def fnn(seeds: ShippedSet) -> ContinualTrainer:
    return trainer_of("fnn", seeds)


@pytest.fixture(scope="module")
def cnn(seeds: ShippedSet) -> ContinualTrainer:
    return trainer_of("cnn", seeds)


@pytest.fixture(scope="module")
def candidate(fnn: ContinualTrainer, seeds: ShippedSet, drawings: Squares) -> Candidate:
    """The FNN after thirty drawings."""
    some = TrainingSquares(drawings.take(np.arange(30)))
    return fnn.fine_tune(seeds.artefact("fnn", "weights"), some, seed=1, on_progress=quiet)


def answered(tflite: bytes, squares: Squares) -> np.ndarray:
    """What a visitor sees (n,): the most probable label, or the class after the last for what is rejected."""
    given = infer(tflite, squares.x)
    return np.where(given[:, -1] >= 0.5, given.shape[1] - 1, given[:, :-1].argmax(1))


def wrong_ones(seeds: ShippedSet, learner: str, drawings: Squares) -> Squares:
    return drawings.take(np.flatnonzero(answered(seeds.artefact(learner, "tflite"), drawings) != drawings.y))


def scribbles(count: int) -> Squares:
    """Return squares of random strokes that are no digits."""
    rng = np.random.default_rng(0)
    x = np.zeros((count, 28, 28), np.uint8)
    for square in x:
        for _ in range(12):
            row, column = rng.integers(2, 24, 2)
            square[row : row + 2, max(0, column - 6) : column + 6] = 255
    return Squares(x, np.full(count, 10, np.int64))


# The CNN learns a correction in tests/browser/test_loop.py each time.
@pytest.mark.parametrize("learner", ["fnn", pytest.param("cnn", marks=pytest.mark.long_run)])
def test_a_corrected_drawing_is_answered_rightly_afterwards(
    learner: str, seeds: ShippedSet, drawings: Squares, request: pytest.FixtureRequest
) -> None:
    trainer, wrong = request.getfixturevalue(learner), wrong_ones(seeds, learner, drawings)
    correction = wrong.take(np.arange(1))
    candidate = trainer.fine_tune(seeds.artefact(learner, "weights"), TrainingSquares(correction), seed=1, on_progress=quiet)
    assert candidate.gate["accepted"], candidate.gate["reason"]
    assert answered(candidate.tflite, correction)[0] == correction.y[0]
    holdout = candidate.metrics["holdout"]
    assert holdout["after"]["accuracy"] >= holdout["before"]["accuracy"] - 0.001


@pytest.mark.long_run
def test_twenty_corrections_help_and_cost_the_hold_out_nothing(
    cnn: ContinualTrainer, seeds: ShippedSet, drawings: Squares
) -> None:
    some = drawings.take(np.arange(20))
    candidate = cnn.fine_tune(seeds.artefact("cnn", "weights"), TrainingSquares(some), seed=1, on_progress=quiet)
    assert candidate.gate["accepted"]
    assert candidate.metrics["new"]["after"]["accuracy"] >= candidate.metrics["new"]["before"]["accuracy"]
    assert candidate.metrics["new"]["after"]["nll"] < candidate.metrics["new"]["before"]["nll"]
    assert candidate.metrics["holdout"]["after"]["accuracy"] >= candidate.metrics["holdout"]["before"]["accuracy"] - 0.001


@pytest.mark.long_run  # test_logit_cache.py has the same for a small network
def test_shipped_squares_pass_the_lower_layers_once(
    cnn: ContinualTrainer, seeds: ShippedSet, drawings: Squares, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, new = seeds.artefact("cnn", "weights"), drawings.take(np.arange(20))
    cnn.fine_tune(live, TrainingSquares(new), seed=1, on_progress=quiet)  # the lower layers' first and only time
    asked: list[int] = []

    def counting(network: Network, x: Pixels) -> Floats:
        asked.append(len(x) if x.dtype == np.uint8 else 0)  # the upper layers get features
        return predict_logits(network, x)

    monkeypatch.setattr(logit_cache, "predict_logits", counting)
    select, test = (drawings.take(np.arange(start, start + 20)) for start in (20, 40))
    held_out, earlier = HeldOut(select.take(np.arange(400) % 20), test.take(np.arange(1000) % 20)), new.take(np.arange(500) % 20)
    squares = TrainingSquares(new, earlier=earlier, held_out=held_out)
    candidate = cnn.fine_tune(live, squares, seed=2, on_progress=quiet)
    assert len(candidate.metrics["trials"]) == 5
    assert 0 < sum(asked) <= len(new) + 400 + 1000 + 500


@pytest.mark.long_run
def test_the_published_network_is_the_one_that_was_tested(candidate: Candidate, seeds: ShippedSet) -> None:
    assert candidate.sha256 == hashlib.sha256(candidate.tflite).hexdigest()
    holdout = seeds.holdout()
    given, symbols = infer(candidate.tflite, holdout.x), holdout.y < 10
    after = candidate.metrics["holdout"]["after"]
    right = given[symbols, :-1].argmax(1) == holdout.y[symbols]
    assert right.mean() == pytest.approx(after["accuracy"], abs=0.0003)
    assert (given[symbols, -1] >= 0.5).mean() == pytest.approx(after["false_rejects"], abs=0.0005)
    assert (given[~symbols, -1] >= 0.5).mean() == pytest.approx(after["rejected"], abs=0.001)
    bins = candidate.metrics["reliability"]
    assert len(bins) == 15
    assert sum(one["count"] for one in bins) == after["count"] == symbols.sum()
    assert sum(one["count"] * (one["accuracy"] or 0) for one in bins) == pytest.approx(right.sum(), abs=2)
    assert candidate.metrics["parity"] < 1e-4
    weights, about = unpack(candidate.weights)
    assert about.temperature == pytest.approx(candidate.metrics["temperature"], abs=1e-4)
    assert about.threshold == pytest.approx(candidate.metrics["threshold"], abs=1e-4)
    assert about.anchor == unpack(seeds.artefact("fnn", "weights"))[1].anchor
    assert all(np.isfinite(array).all() for array in weights)


def test_many_wrong_labels_do_not_get_through(fnn: ContinualTrainer, seeds: ShippedSet) -> None:
    rehearsal = seeds.rehearsal()
    fours = rehearsal.take(np.flatnonzero(rehearsal.y == 4)[:100])
    poison = Squares(fours.x, np.full(len(fours), 9))
    candidate = fnn.fine_tune(seeds.artefact("fnn", "weights"), TrainingSquares(poison), seed=1, on_progress=quiet)
    holdout = candidate.metrics["holdout"]
    harmless = holdout["after"]["accuracy"] >= holdout["before"]["accuracy"] - 0.001
    assert harmless or not candidate.gate["accepted"]
    assert candidate.metrics["new"]["after"]["accuracy"] < 0.5


@pytest.mark.long_run
def test_a_second_run_continues_from_the_first(fnn: ContinualTrainer, candidate: Candidate, drawings: Squares) -> None:
    earlier = drawings.take(np.arange(30))
    second = fnn.fine_tune(
        candidate.weights, TrainingSquares(drawings.take(np.arange(30, 60)), earlier=earlier), seed=2, on_progress=quiet
    )
    assert second.metrics["holdout"]["before"]["accuracy"] == candidate.metrics["holdout"]["after"]["accuracy"]
    kept = (infer(second.tflite, earlier.x)[:, :-1].argmax(1) == earlier.y).mean()
    assert kept >= candidate.metrics["new"]["after"]["accuracy"] - 0.05


@pytest.mark.long_run
def test_a_line_continues_where_a_release_ships_other_squares(
    fnn: ContinualTrainer, seeds: ShippedSet, drawings: Squares
) -> None:
    weights, header = unpack(seeds.artefact("fnn", "weights"))
    # An earlier release measured them on easier squares: no version could reach these figures on the present ones.
    elsewhere = replace(header, anchor=1.0, known=1.0, recalls=dict.fromkeys(seeds.labels, 1.0), squares=None)
    some = TrainingSquares(drawings.take(np.arange(30)))
    made = fnn.fine_tune(pack(weights, elsewhere), some, seed=1, on_progress=quiet)
    assert made.gate["accepted"]
    now = unpack(made.weights)[1]
    assert now.anchor == pytest.approx(header.anchor, abs=1e-3)
    assert now.known == pytest.approx(header.known, abs=1e-3)
    assert now.squares is not None


@pytest.mark.long_run
def test_a_retraining_on_all_drawings_is_accepted_and_learns_them(
    cnn: ContinualTrainer, seeds: ShippedSet, drawings: Squares
) -> None:
    reported: list[float] = []
    candidate = cnn.retrain(
        seeds.artefact("cnn", "weights"),
        TrainingSquares(drawings),
        seed=1,
        on_progress=lambda progress, step: reported.append(progress),
    )
    assert candidate.gate["accepted"]
    # The base knows this handwriting: of sixty drawings one is wrong before.
    new = candidate.metrics["new"]
    assert new["after"]["accuracy"] >= max(0.98, new["before"]["accuracy"])
    assert new["after"]["nll"] < new["before"]["nll"]
    assert reported == sorted(reported)
    assert reported[-1] <= 1
    # The gate accepts it beside another live version, too, without further training.
    beside = cnn.admit(seeds.artefact("cnn", "weights"), candidate.weights, TrainingSquares(drawings), seed=1, on_progress=quiet)
    assert (beside.gate["accepted"], beside.metrics["steps"]) == (True, 0)
    assert beside.metrics["new"]["after"]["nll"] < new["before"]["nll"]


@pytest.mark.long_run
def test_a_frequent_label_is_not_more_probable_afterwards(fnn: ContinualTrainer, seeds: ShippedSet, drawings: Squares) -> None:
    def lead_of_seven(weights: bytes) -> float:
        bias = unpack(weights)[0][-1]
        return float(bias[7] - bias[:10].mean())

    live, sevens = seeds.artefact("fnn", "weights"), np.flatnonzero(drawings.y == 7)
    many = drawings.take(np.concatenate([np.arange(len(drawings)), *[sevens] * 10]))
    candidate = fnn.retrain(live, TrainingSquares(many), seed=1, on_progress=quiet)
    assert candidate.gate["accepted"], candidate.gate["reason"]
    # Of the new squares, every other one was a seven.
    assert lead_of_seven(candidate.weights) < lead_of_seven(live) - 0.5 * candidate.metrics["share"]


def test_a_drawing_that_is_called_no_symbol_is_rejected_afterwards(fnn: ContinualTrainer, seeds: ShippedSet) -> None:
    some = scribbles(4)
    candidate = fnn.fine_tune(seeds.artefact("fnn", "weights"), TrainingSquares(some), seed=1, on_progress=quiet)
    assert candidate.gate["accepted"], candidate.gate["reason"]
    assert (answered(candidate.tflite, some) == 10).all()
    assert candidate.metrics["new"]["after"]["rejected"] == 1


def letter(strokes: list[tuple[slice, slice]], count: int, place: int) -> Squares:
    """A made-up letter of straight bars, somewhere near the middle."""
    rng, x = np.random.default_rng(place), np.zeros((count, 28, 28), np.uint8)
    for square in x:
        for rows, columns in strokes:
            square[rows, columns] = 255
    moved = [np.roll(square, tuple(rng.integers(-2, 3, 2)), (0, 1)) for square in x]
    return Squares(np.stack(moved), np.full(count, place, np.int64))


@pytest.mark.long_run
def test_a_label_is_added_and_the_others_lose_less_than_a_point(fnn: ContinualTrainer, seeds: ShippedSet) -> None:
    comb = [(slice(18, 21), slice(4, 24)), *((slice(7, 20), slice(at, at + 3)) for at in (4, 11, 18, 22))]
    squares = letter(comb, 50, 10)
    labels = (*seeds.labels, "Ш")
    parts = [squares.take(np.arange(*ends)) for ends in ((0, 30), (30, 40), (40, 50))]
    live = seeds.artefact("fnn", "weights")
    candidate = fnn.add_labels(
        live, labels, TrainingSquares(parts[0], held_out=HeldOut(parts[1], parts[2])), seed=1, on_progress=quiet
    )
    assert candidate.gate["accepted"], candidate.gate["reason"]
    assert candidate.labels == unpack(candidate.weights)[1].labels == labels
    assert candidate.gate["before"] - candidate.gate["after"] < 0.01
    assert (answered(candidate.tflite, parts[2]) == 10).mean() >= 0.8
    assert infer(candidate.tflite, parts[2].x[:1]).shape == (1, 12)
    further = fnn.fine_tune(
        candidate.weights, TrainingSquares(parts[2].take(np.arange(1)), earlier=parts[0]), seed=2, on_progress=quiet
    )
    assert unpack(further.weights)[1].labels == labels


@pytest.mark.long_run
def test_a_label_that_looks_like_scribbles_leaves_enough_rejections(fnn: ContinualTrainer, seeds: ShippedSet) -> None:
    squares = letter([(slice(4, 7), slice(4, 24)), (slice(21, 24), slice(4, 24)), (slice(4, 24), slice(13, 16))], 40, 10)
    new, test = squares.take(np.arange(30)), squares.take(np.arange(30, 40))
    # The selection squares are scribbles, so the threshold would accept nearly everything as a symbol.
    apart = HeldOut(scribbles(10), test)
    candidate = fnn.add_labels(
        seeds.artefact("fnn", "weights"), (*seeds.labels, "工"), TrainingSquares(new, held_out=apart), seed=1, on_progress=quiet
    )
    assert candidate.gate["rejects"]["others"] > candidate.gate["rejects_before"]["others"] - 0.15


@pytest.mark.long_run
def test_a_label_like_a_known_one_is_not_added(fnn: ContinualTrainer, seeds: ShippedSet) -> None:
    rehearsal = seeds.rehearsal()
    sevens = rehearsal.take(np.flatnonzero(rehearsal.y == 7)[:50])
    parts = [Squares(sevens.x[start:end], np.full(end - start, 10)) for start, end in ((0, 30), (30, 40), (40, 50))]
    live = seeds.artefact("fnn", "weights")
    twins = fnn.add_labels(
        live, (*seeds.labels, "T"), TrainingSquares(parts[0], held_out=HeldOut(parts[1], parts[2])), seed=1, on_progress=quiet
    )
    assert not twins.gate["accepted"]


@pytest.mark.parametrize("labels", [("1", "0", "x"), tuple("0123456789"), (*"0123456789", "x", "y")])
def test_only_labels_with_squares_can_be_added_after_the_known_ones(
    fnn: ContinualTrainer, seeds: ShippedSet, labels: tuple[str, ...]
) -> None:
    one = Squares(seeds.rehearsal().x[:1], np.array([10]))
    with pytest.raises(ValueError, match="cannot grow"):
        fnn.add_labels(seeds.artefact("fnn", "weights"), labels, TrainingSquares(one), seed=1, on_progress=quiet)
