"""Gather the drawings of honest and hostile visitors: drawings of tablet writers, and digits from forms."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks.adversarial.attack_plans import FORMS, DrawingPool
from benchmarks.adversarial.hidden_evaluation import HiddenTest
from benchmarks.adversarial.scores import VISITING_WRITERS
from functions.domain.drawing import Drawing, from_png, from_strokes, parse_strokes, square_to_bytes
from functions.learners.pretraining.sources import STROKES, read_mnist, read_writers
from functions.learners.squares.stroke_augment import USUAL_STYLE, WritingStyle, vary

LEAST_VARIED, MOST_VARIED = 0.8, 1.6  # variation of a writing style, in sizes of ``stroke_augment.DEFAULT``
FROM_FORMS = 60  # digits of each label from MNIST's training set: the most that one campaign uses
FOURS = 300  # the same of label 4, which is attacked most
CLEAN = 0.9  # both shipped networks give the true label at least this probability
BOX = 500  # the tablet's canvas


@dataclass(frozen=True)
class People:
    """The drawings, parsed as any visitor's drawings, and the facts that a plan needs about them."""

    drawings: tuple[Drawing, ...]
    pool: DrawingPool


def gather(data: Path, hidden_test: HiddenTest, seed: int) -> People:
    """Read and render all drawings; ``hidden_test`` gives the shipped networks' answers to them."""
    rng = np.random.default_rng([seed, 13])
    drawings, y, writer = [], [], []
    for number, written in enumerate(
        tqdm(read_writers(data / STROKES)[VISITING_WRITERS], desc="writers", unit="writer", leave=False), start=13
    ):
        style = _scaled_style(rng.uniform(LEAST_VARIED, MOST_VARIED))
        for one in written:
            lines = [line.tolist() for line in vary(one.lines, rng, style)]
            drawings.append(from_strokes(parse_strokes(lines, BOX, BOX)))
            y.append(one.y)
            writer.append(number)
    for picture, label in _forms(data, rng):
        drawings.append(picture)
        y.append(label)
        writer.append(FORMS)
    pixels = np.frombuffer(b"".join(square_to_bytes(one.square) for one in drawings), np.uint8).reshape(-1, 28, 28)
    hidden_test.require_unknown(pixels)
    truth = np.array(y, np.int64)
    clean = np.ones(len(truth), bool)
    for learner in hidden_test.learners:
        answers = hidden_test.shipped_answers(learner, pixels)
        clean &= (answers[np.arange(len(truth)), truth] >= CLEAN) & (answers[:, -1] < 1 - CLEAN)
    return People(tuple(drawings), DrawingPool(truth, np.array(writer, np.int64), clean))


def _scaled_style(size: float) -> WritingStyle:
    return WritingStyle(**{field.name: size * getattr(USUAL_STYLE, field.name) for field in fields(WritingStyle)})


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
