"""Play campaigns in worker processes.

A worker process imports this module; it could not import functions of a package's ``__main__``.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np

from benchmarks.adversarial.attack_plans import Campaign, campaigns
from benchmarks.adversarial.hidden_evaluation import HiddenTest
from benchmarks.adversarial.people import gather
from benchmarks.adversarial.platform import CampaignPlatform, TrainedVersion, make_template, seeded_trainers
from benchmarks.adversarial.results import CampaignResult, Defences, summarise
from benchmarks.adversarial.scenes import SCENES, read
from benchmarks.adversarial.scores import Decline
from benchmarks.adversarial.without_defences import UngatedTrainer
from functions.compute.mapper import TellStep
from functions.domain.answer import LEARNERS
from functions.domain.symbols import SymbolSet
from functions.domain.trust import Mode
from functions.learners.squares.shipped import load_shipped
from functions.training.trainer_pool import ShippedTrainerPool


class CampaignRunner:
    """Plays campaigns; holds what all campaigns share: drawings, trainers, the hidden test and the first database."""

    def __init__(self, options: argparse.Namespace) -> None:
        logging.getLogger("absl").setLevel(logging.ERROR)  # absl warns of deprecations in its own code
        self._home = tempfile.TemporaryDirectory()
        self._models = options.models
        self._template = make_template(Path(self._home.name), options.models)
        self._scene = scene = SCENES[options.set]
        material = read(scene, options.data, options.seed)
        self._hidden_test = HiddenTest(scene, options.models, material)
        visitors = gather(scene, material, self._hidden_test, options.seed)
        self._drawings = visitors.drawings
        rehearsal = load_shipped(options.models, scene.set_name).rehearsal()
        self._trainers: Mapping[str, Any] = ShippedTrainerPool(options.models).trainers(
            SymbolSet(scene.set_name, scene.labels, tuple(map(tuple, scene.confusable)))
        )
        self._ungated = {learner: UngatedTrainer(learner, scene.labels, rehearsal) for learner in LEARNERS}
        self._fewer: tuple[Defences, ...] = () if options.defended_only else ("gate", "none") if options.gate_alone else ("none",)
        self._campaigns = list(
            campaigns(visitors.pool, options.campaigns, options.controls, options.rounds, options.seed, options.learner)
        )

    def play(self, number: int) -> list[CampaignResult]:
        """Play a campaign with all defences and, where the plan says it, again with fewer."""
        campaign = self._campaigns[number]
        fewer = self._fewer if campaign.replayed else ()
        return [self._result(campaign, defences) for defences in ("both", *fewer)]

    def _result(self, campaign: Campaign, defences: Defences) -> CampaignResult:
        rng = np.random.default_rng([campaign.seed, campaign.number, 7])
        trainers = seeded_trainers(campaign, self._ungated if defences == "none" else self._trainers)
        mode: Mode = "review" if defences == "both" else "open"
        platform = CampaignPlatform(
            self._scene, Path(self._home.name) / "platform", self._template, self._models, self._drawings, trainers, mode
        )
        try:
            submissions, versions = [], []
            for visits in campaign.rounds:
                submissions.append([one for visit in visits for one in platform.play_visit(visit, rng)])
                platform.recheck_pending()
                versions.append([(one, self._decline(one)) for one in platform.learn()])
            ended = platform.current_status([one.sample for some in submissions for one in some])
            return summarise(campaign, defences, submissions, ended, versions)
        finally:
            platform.close()

    def _decline(self, one: TrainedVersion) -> Decline | None:
        if not one.activated:
            return None
        return self._hidden_test.score(one.learner, one.weights).decline_from(self._hidden_test.shipped(one.learner))


runner: list[CampaignRunner] = []  # one for each worker process: to make it takes long


def start_worker(options: argparse.Namespace) -> None:
    """Make the runner of a worker process."""
    runner.append(CampaignRunner(options))


def play_on_node(task: tuple[argparse.Namespace, int], tell: TellStep) -> list[CampaignResult]:
    """Play a campaign in a process of a Ray cluster, whose nodes have the same files at the same places."""
    if not runner:
        start_worker(task[0])
    return play(task[1])


def play(number: int) -> list[CampaignResult]:
    """Play a campaign in a worker process."""
    return runner[0].play(number)
