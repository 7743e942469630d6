"""The augmented copies of a run: which drawings have copies, and what they contain."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from functions import jobs, registry
from functions.domain.drawing import Strokes, from_strokes, parse_strokes, square_to_bytes
from functions.domain.drawing.strokes import segments
from functions.learners.squares import augmented_copies as augmented_copies_module
from functions.learners.squares.augmented_copies import COPIES_EACH, COPIES_IN_ALL, AugmentedCopies
from functions.learners.squares.stroke_augment import draw_varied
from functions.records import training_samples as records
from functions.records.drawings import strokes_bytes
from functions.records.tables import Run
from functions.registry import Artefacts
from functions.store import FolderStore
from functions.training.lanes import LANES
from functions.training.training_set import gather
from functions.worker.loops import WorkerLoops
from functions.worker.prefetch import Prefetcher
from tests.support.factories import add_sample, seeded
from tests.support.fake_trainers import FakeTrainerPool

pytestmark = pytest.mark.above_sql

KNEW = tuple("0123456789")
SEVEN = [[[60, 60], [200, 60], [110, 230]]]


@pytest.fixture
def database(database, tmp_path):
    return seeded(database, tmp_path / "models")


def drawn(lines: list[list[list[float]]], side: float = 280) -> Strokes:
    return parse_strokes(lines, side, side)


def gathered(database, kind="learn", copies=None):
    with database.reading() as session:
        return gather(session, registry.symbol_set(session, "digits"), KNEW, LANES[kind], seed=0, copies=copies)


def give(database, path: Strokes, **kept):
    """Add a sample that was drawn on a ``path``; its row has these strokes, or ``kept``."""
    drawing = from_strokes(path)
    facts = {"strokes": strokes_bytes(drawing), "square": zlib.compress(square_to_bytes(drawing.square)), **kept}
    with database.writing() as session:
        return add_sample(session, split="train", **facts).id


def counted(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One item for each variation that is drawn."""
    drawings: list[None] = []

    def draw(*arguments, **more):
        drawings.append(None)
        return draw_varied(*arguments, **more)

    monkeypatch.setattr(augmented_copies_module, "draw_varied", draw)
    return drawings


def test_a_drawing_is_learned_in_other_styles_too(database):
    give(database, drawn(SEVEN))
    lessons = gathered(database)
    assert lessons.squares.augmented.shape == (1, COPIES_EACH, 28, 28)
    some = {one.tobytes() for one in lessons.squares.augmented[0]}
    assert len(some) == COPIES_EACH
    assert lessons.squares.new.x[0].tobytes() not in some
    ink = lessons.squares.new.x[0] > 128
    assert all((one[ink] > 0).mean() > 0.4 for one in lessons.squares.augmented[0])  # still that drawing
    assert np.array_equal(gathered(database).squares.augmented, lessons.squares.augmented)


def test_while_a_run_waits_its_variations_are_drawn(database, monkeypatch):
    shapes = [drawn([[[60, 60], [60 + 10 * number, 230]]]) for number in range(4)]
    give(database, shapes[0])
    expected = gathered(database).squares.augmented
    drawings, copies = counted(monkeypatch), AugmentedCopies()
    ahead = Prefetcher(database, copies)
    ahead.look(lambda: True)
    assert not drawings  # nobody has asked for a run
    with database.writing() as session:
        jobs.request(session, "digits", "learn", 60)
    ahead.look(lambda: False)
    assert not drawings  # it is due
    ahead.look(lambda: True)
    assert len(drawings) == COPIES_EACH
    for shape in shapes[1:]:
        give(database, shape)
        ahead.look(lambda: True)
    give(database, drawn(SEVEN), strokes=None)
    ahead.look(lambda: True)
    assert len(drawings) == len(shapes) * COPIES_EACH
    assert np.array_equal(gathered(database, copies=copies).squares.augmented[0], expected[0])
    assert len(drawings) == len(shapes) * COPIES_EACH


def test_prefetched_copies_are_dropped_when_no_run_waits(database):
    give(database, drawn(SEVEN))
    with database.writing() as session:
        run = jobs.request(session, "digits", "learn", 60)
    copies = AugmentedCopies()
    ahead = Prefetcher(database, copies)
    ahead.look(lambda: True)
    assert len(copies) == 1
    with database.writing() as session:
        session.get_one(Run, run).state = "done"  # by another worker
    ahead.look(lambda: True)
    assert len(copies) == 0


def test_the_copies_of_a_run_are_dropped_at_its_end(database, tmp_path):
    give(database, drawn(SEVEN))
    with database.writing() as session:
        jobs.request(session, "digits", "learn")
    worker = WorkerLoops(database, Artefacts(FolderStore(tmp_path / "objects"), tmp_path / "models"))
    assert worker.work(FakeTrainerPool())
    assert len(worker._copies) == 0


def test_with_too_many_drawings_no_copies_are_drawn(database, monkeypatch):
    for _ in range(COPIES_IN_ALL + 1):
        give(database, drawn(SEVEN))
    with database.writing() as session:
        jobs.request(session, "digits", "learn", 60)
    drawings = counted(monkeypatch)
    Prefetcher(database, AugmentedCopies()).look(lambda: True)
    assert not drawings and gathered(database).squares.augmented is None


@pytest.mark.parametrize("kept", [None, b"broken", zlib.compress(b"{}")])
def test_pictures_and_unreadable_strokes_are_not_augmented(database, kept):
    give(database, drawn(SEVEN), strokes=kept)
    lessons = gathered(database)
    assert all(np.array_equal(one, lessons.squares.new.x[0]) for one in lessons.squares.augmented[0])


def test_each_drawing_has_its_own(database):
    ids = [
        give(database, drawn([[[60, 60], [60, 230]]])),
        give(database, drawn(SEVEN), strokes=None),
        give(database, drawn(SEVEN)),
    ]
    lessons = gathered(database)
    assert lessons.samples == tuple(sorted(ids))
    for place, one in enumerate(lessons.samples):
        overlap = [
            np.minimum(made, lessons.squares.new.x[place]).sum() / lessons.squares.new.x[place].sum()
            for made in lessons.squares.augmented[place]
        ]
        assert np.mean(overlap) > 0.4
        assert (np.mean(overlap) == 1) == (one == ids[1])


def test_many_drawings_have_fewer_copies_each_and_a_full_run_has_none(database):
    for _ in range(COPIES_IN_ALL // COPIES_EACH + 1):
        give(database, drawn(SEVEN))
    assert gathered(database).squares.augmented.shape[:2] == (COPIES_IN_ALL // COPIES_EACH + 1, COPIES_EACH - 1)
    assert gathered(database, "train").squares.augmented is None


def test_strokes_that_take_long_to_read_are_not_read(database):
    points = np.random.default_rng(1).uniform(0, 280, (9_000, 2)).round(2).tolist()
    sample = give(database, drawn([points]))
    with database.reading() as session:
        assert records.strokes(session, [sample]) == {}


def test_strokes_off_the_canvas_are_in_no_copy():
    inside = drawn(SEVEN)
    hidden = drawn([*SEVEN, [[-100, -100], [-20, -200], [-250, -40]]])
    assert np.array_equal(AugmentedCopies().of(segments(hidden), 4), AugmentedCopies().of(segments(inside), 4))


def test_a_dense_path_is_augmented_too():
    slow = np.stack([np.linspace(20, 260, 2000), 140 + 100 * np.sin(np.linspace(0, 9, 2000))], 1)
    path = segments(drawn([slow.tolist()]))
    assert len(path) > 800
    copies = AugmentedCopies()
    assert copies.of(path, 2) is not None
    assert len(copies) == 0  # who sends many such drawings takes no memory


CIRCLE = np.linspace(0, 2 * np.pi, 60)[:, None] + [0, np.pi / 2]
RANDOM = np.random.default_rng(0).uniform(0, 280, (400, 2))


@pytest.mark.parametrize(
    "lines",
    [
        [[[140, 140]]],
        [(140 + 100 * np.sin(6 * CIRCLE)).tolist()],
        [RANDOM.tolist()],
        [[point] for point in RANDOM.tolist()[:100]],
    ],
    ids=["dot", "round and round", "scribble", "dots"],
)
def test_dots_and_scribbles_are_not_augmented(lines):
    assert AugmentedCopies().of(segments(drawn(lines)), 2) is None


def test_a_path_of_nothing_has_no_variations():
    assert AugmentedCopies().of(np.zeros((0, 4)), 2) is None
