"""Score versions by the hidden test: symbols that were never used for training, replay or the gate."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.adversarial.scenes import Material, Scene
from benchmarks.adversarial.scores import Scores, require_unseen, score
from functions.domain.answer import LEARNERS
from functions.learners.calibration import answers
from functions.learners.evaluation.metrics import Evaluation
from functions.learners.networks.architectures import Network, build
from functions.learners.networks.training import predict_logits
from functions.learners.squares import Pixels, joined
from functions.learners.squares.shipped import load_shipped
from functions.learners.weights_file import unpack


class HiddenTest:
    """The hidden test: test pictures from forms, then the drawings of writers who are neither in the training set nor visitors.

    Keras answers in batches: a version is only published if its export gives the same answers.
    """

    learners = LEARNERS

    def __init__(self, scene: Scene, models: Path, material: Material) -> None:
        self._scene, self._seeds = scene, load_shipped(models, scene.set_name)
        self._forms = len(material.hidden_forms)
        squares = joined([material.hidden_forms, material.hidden_pens])
        self._squares = require_unseen(squares, self._seeds.rehearsal().x, self._seeds.holdout().x)
        self._networks: dict[str, Network] = {learner: build(learner, len(scene.labels) + 1) for learner in LEARNERS}
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
        """Return a shipped network's answers (n, labels + 1) to squares (n, 28, 28)."""
        return self._answers(learner, self._seeds.artefact(learner, "weights"), x)  # type: ignore[arg-type]

    def shipped(self, learner: str) -> Scores:
        """Return the scores of the shipped network."""
        if learner not in self._shipped:
            self._shipped[learner] = self.score(learner, self._seeds.artefact(learner, "weights"))  # type: ignore[arg-type]
        return self._shipped[learner]

    def score(self, learner: str, weights: bytes) -> Scores:
        """Return the scores of a version from its weights."""
        outputs = self._answers(learner, weights, self._squares.x)
        return score(Evaluation(self._scene.labels, outputs, self._squares.y), self._forms, self._scene.confusable)

    def _answers(self, learner: str, body: bytes, x: Pixels) -> NDArray[np.float32]:
        weights, about = unpack(body)
        network = self._networks[learner]
        network.set_weights(weights)
        return answers(predict_logits(network, x), about.temperature, about.threshold).astype(np.float32)
