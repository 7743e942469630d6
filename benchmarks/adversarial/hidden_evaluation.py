"""The hidden test: digits that no network learned from, no lesson rehearses and no gate asks; and versions judged by it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.adversarial.scores import JUDGES, Standing, hidden, standing
from functions.domain.answer import LEARNERS
from functions.learners.calibration import answers
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.networks.architectures import Network, build
from functions.learners.networks.export import unpack
from functions.learners.networks.training import predict_logits
from functions.learners.pretraining.digits import DIGITS, as_drawn
from functions.learners.pretraining.sources import STROKES, read_mnist, read_writers
from functions.learners.squares import Pixels, joined
from functions.learners.squares.shipped import load_shipped


class Judge:
    """Judges weights by the hidden test, in batches: what Keras answers is what the export answers, or it is not published.

    The hidden test is MNIST's, then the drawings of the writers who neither taught nor visit.
    """

    learners = LEARNERS

    def __init__(self, models: Path, data: Path) -> None:
        self._seeds = load_shipped(models, "digits")
        forms, tablet = read_mnist(data / "mnist.npz")[1], as_drawn(read_writers(data / STROKES)[JUDGES])
        self._forms = len(forms)
        self._squares = hidden(joined([forms, tablet]), self._seeds.rehearsal().x, self._seeds.holdout().x)
        self._networks: dict[str, Network] = {learner: build(learner, len(DIGITS) + 1) for learner in LEARNERS}
        self._shipped: dict[str, Standing] = {}

    def __len__(self) -> int:
        return len(self._squares)

    def must_not_know(self, x: Pixels) -> None:
        """Check that squares (n, 28, 28) which play are not in the hidden test.

        Raises:
            ValueError: some are.
        """
        hidden(self._squares, x)

    def shipped_answers(self, learner: str, x: Pixels) -> NDArray[np.float32]:
        """Return what a shipped network answers (n, 11) to squares (n, 28, 28)."""
        return self._answers(learner, self._seeds.artefact(learner, "weights"), x)  # type: ignore[arg-type]

    def shipped(self, learner: str) -> Standing:
        """Return where the shipped network stands."""
        if learner not in self._shipped:
            self._shipped[learner] = self.standing(learner, self._seeds.artefact(learner, "weights"))  # type: ignore[arg-type]
        return self._shipped[learner]

    def standing(self, learner: str, weights: bytes) -> Standing:
        """Return where a version stands, from its weights."""
        said = self._answers(learner, weights, self._squares.x)
        return standing(Evaluation(DIGITS, said, self._squares.y), self._forms)

    def _answers(self, learner: str, body: bytes, x: Pixels) -> NDArray[np.float32]:
        weights, about = unpack(body)
        network = self._networks[learner]
        network.set_weights(weights)
        return answers(predict_logits(network, x), about.temperature, about.threshold).astype(np.float32)
