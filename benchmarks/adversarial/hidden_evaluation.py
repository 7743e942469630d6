"""Score versions by the hidden test: digits that were never used for training, replay or the gate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.adversarial.scores import TEST_WRITERS, Scores, require_unseen, score
from functions.domain.answer import LEARNERS
from functions.learners.calibration import answers
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.networks.architectures import Network, build
from functions.learners.networks.training import predict_logits
from functions.learners.pretraining.digits import DIGITS, rendered
from functions.learners.pretraining.sources import STROKES, read_mnist, read_writers
from functions.learners.squares import Pixels, joined
from functions.learners.squares.shipped import load_shipped
from functions.learners.weights_file import unpack


class HiddenTest:
    """The hidden test: MNIST's test digits, then the drawings of writers who are neither in the training set nor visitors.

    Keras answers in batches: a version is only published if its export gives the same answers.
    """

    learners = LEARNERS

    def __init__(self, models: Path, data: Path) -> None:
        self._seeds = load_shipped(models, "digits")
        forms, tablet = read_mnist(data / "mnist.npz")[1], rendered(read_writers(data / STROKES)[TEST_WRITERS])
        self._forms = len(forms)
        self._squares = require_unseen(joined([forms, tablet]), self._seeds.rehearsal().x, self._seeds.holdout().x)
        self._networks: dict[str, Network] = {learner: build(learner, len(DIGITS) + 1) for learner in LEARNERS}
        self._shipped: dict[str, Scores] = {}

    def __len__(self) -> int:
        return len(self._squares)

    def require_unknown(self, x: Pixels) -> None:
        """Check that the visitors' squares (n, 28, 28) are not in the hidden test.

        Raises:
            ValueError: some are.
        """
        require_unseen(self._squares, x)

    def shipped_answers(self, learner: str, x: Pixels) -> NDArray[np.float32]:
        """Return a shipped network's answers (n, 11) to squares (n, 28, 28)."""
        return self._answers(learner, self._seeds.artefact(learner, "weights"), x)  # type: ignore[arg-type]

    def shipped(self, learner: str) -> Scores:
        """Return the scores of the shipped network."""
        if learner not in self._shipped:
            self._shipped[learner] = self.score(learner, self._seeds.artefact(learner, "weights"))  # type: ignore[arg-type]
        return self._shipped[learner]

    def score(self, learner: str, weights: bytes) -> Scores:
        """Return the scores of a version from its weights."""
        outputs = self._answers(learner, weights, self._squares.x)
        return score(Evaluation(DIGITS, outputs, self._squares.y), self._forms)

    def _answers(self, learner: str, body: bytes, x: Pixels) -> NDArray[np.float32]:
        weights, about = unpack(body)
        network = self._networks[learner]
        network.set_weights(weights)
        return answers(predict_logits(network, x), about.temperature, about.threshold).astype(np.float32)
