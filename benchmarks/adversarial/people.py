"""Gather the drawings of honest and hostile visitors: drawings of tablet writers, and symbols from forms."""

from __future__ import annotations

import io
from dataclasses import dataclass, fields

import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks.adversarial.attack_plans import FORMS, DrawingPool
from benchmarks.adversarial.hidden_evaluation import HiddenTest
from benchmarks.adversarial.scenes import Material, Scene
from functions.domain.drawing import Drawing, from_png, from_strokes, parse_strokes, square_to_bytes
from functions.learners.evaluation.half_decided import credits_of
from functions.learners.squares.stroke_augment import USUAL_STYLE, WritingStyle, vary

LEAST_VARIED, MOST_VARIED = 0.8, 1.6  # variation of a writing style, in sizes of ``stroke_augment.DEFAULT``
FROM_FORMS = 60  # forms of each label: the most that one campaign uses
ATTACKED = 300  # the same of a label that is attacked
CLEAN = 0.9  # both shipped networks give the true label, or those confusable with it, at least this probability
BOX = 500  # the tablet's canvas


@dataclass(frozen=True)
class People:
    """The drawings, parsed as any visitor's drawings, and the facts that a plan needs about them."""

    drawings: tuple[Drawing, ...]
    pool: DrawingPool


def gather(scene: Scene, material: Material, hidden_test: HiddenTest, seed: int) -> People:
    """Read and render all drawings; ``hidden_test`` gives the shipped networks' answers to them."""
    rng = np.random.default_rng([seed, 13])
    drawings, y, writer = [], [], []
    for number, written in enumerate(tqdm(material.visitors, desc="writers", unit="writer", leave=False), start=13):
        style = _scaled_style(rng.uniform(LEAST_VARIED, MOST_VARIED))
        for one in written:
            lines = [line.tolist() for line in vary(one.lines, rng, style)]
            drawings.append(from_strokes(parse_strokes(lines, BOX, BOX)))
            y.append(one.y)
            writer.append(number)
    for picture, label in _forms(scene, material, rng):
        drawings.append(picture)
        y.append(label)
        writer.append(FORMS)
    pixels = np.frombuffer(b"".join(square_to_bytes(one.square) for one in drawings), np.uint8).reshape(-1, 28, 28)
    hidden_test.require_unknown(pixels)
    truth = np.array(y, np.int64)
    alike = credits_of(scene.labels, scene.confusable)[:-1, :-1] > 0  # no network is sure which of two confusable labels it is
    clean = np.ones(len(truth), bool)
    for learner in hidden_test.learners:
        answers = hidden_test.shipped_answers(learner, pixels)
        right = (answers[:, :-1] * alike[truth]).sum(1)
        clean &= (right >= CLEAN) & (answers[:, -1] < 1 - CLEAN)
    pairs = tuple(scene.classes(pair) for pair in scene.pairs)
    return People(tuple(drawings), DrawingPool(truth, np.array(writer, np.int64), clean, len(scene.labels), pairs))


def _scaled_style(size: float) -> WritingStyle:
    return WritingStyle(**{field.name: size * getattr(USUAL_STYLE, field.name) for field in fields(WritingStyle)})


def _forms(scene: Scene, material: Material, rng: np.random.Generator) -> list[tuple[Drawing, int]]:
    """Return pictures from forms as uploads."""
    train, attacked = material.forms, {scene.classes(pair)[0] for pair in scene.pairs}
    found = []
    for label in range(len(scene.labels)):
        of_it = rng.permutation(np.flatnonzero(train.y == label))[: ATTACKED if label in attacked else FROM_FORMS]
        for place in of_it:
            body = io.BytesIO()
            Image.fromarray(255 - train.x[place]).resize((280, 280), Image.Resampling.BICUBIC).save(body, "PNG")
            found.append((from_png(body.getvalue()), label))
    return found
