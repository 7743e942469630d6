"""The drawings that hostile and honest people bring: a tablet's writers, each with a hand of their own, and digits from forms."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks.adversarial.attack_plans import FORMS, Pool
from benchmarks.adversarial.hidden_evaluation import Judge
from benchmarks.adversarial.scores import VISITORS
from functions.domain.drawing import Drawing, from_png, from_strokes, parse_strokes, square_to_bytes
from functions.learners.pretraining.sources import STROKES, read_mnist, read_writers
from functions.learners.squares.stroke_augment import DEFAULT, WritingStyle, vary

MEEK, BOLD = 0.8, 1.6  # how far a hand is from the writer's own, in sizes of ``hands.DEFAULT``
FROM_FORMS = 60  # digits of each label from MNIST's training part; enough for what one campaign takes of any label, and not more
FOURS = 300  # but of the label that is attacked most
CLEAN = 0.9  # both shipped networks give the truth at least this
BOX = 500  # the tablet's canvas


@dataclass(frozen=True)
class People:
    """The drawings, through the same doors as any visitor's, and what a plan must know of them."""

    drawings: tuple[Drawing, ...]
    pool: Pool


def gather(data: Path, judge: Judge, seed: int) -> People:
    """Read and render everybody's drawings; ``judge`` says which of them the shipped networks surely know."""
    rng = np.random.default_rng([seed, 13])
    drawings, y, writer = [], [], []
    for number, written in enumerate(
        tqdm(read_writers(data / STROKES)[VISITORS], desc="hands", unit="hand", leave=False), start=13
    ):
        hand = _scaled(rng.uniform(MEEK, BOLD))
        for one in written:
            lines = [line.tolist() for line in vary(one.lines, rng, hand)]
            drawings.append(from_strokes(parse_strokes(lines, BOX, BOX)))
            y.append(one.y)
            writer.append(number)
    for picture, label in _forms(data, rng):
        drawings.append(picture)
        y.append(label)
        writer.append(FORMS)
    pixels = np.frombuffer(b"".join(square_to_bytes(one.square) for one in drawings), np.uint8).reshape(-1, 28, 28)
    judge.must_not_know(pixels)
    truth = np.array(y, np.int64)
    clean = np.ones(len(truth), bool)
    for learner in judge.learners:
        answers = judge.shipped_answers(learner, pixels)
        clean &= (answers[np.arange(len(truth)), truth] >= CLEAN) & (answers[:, -1] < 1 - CLEAN)
    return People(tuple(drawings), Pool(truth, np.array(writer, np.int64), clean))


def _scaled(size: float) -> WritingStyle:
    return WritingStyle(**{field.name: size * getattr(DEFAULT, field.name) for field in fields(WritingStyle)})


def _forms(data: Path, rng: np.random.Generator) -> list[tuple[Drawing, int]]:
    """Return MNIST's training digits as uploads."""
    train, _test = read_mnist(data / "mnist.npz")
    found = []
    for label in range(10):
        of_it = rng.permutation(np.flatnonzero(train.y == label))[: FOURS if label == 4 else FROM_FORMS]
        for place in of_it:
            body = io.BytesIO()
            Image.fromarray(255 - train.x[place]).resize((280, 280), Image.Resampling.BICUBIC).save(body, "PNG")
            found.append((from_png(body.getvalue()), label))
    return found
