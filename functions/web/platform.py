"""The collaborators that views pass to the verbs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from flask import current_app

from functions.records.database import Database
from functions.records.outbox_room import OutboxRoom
from functions.records.write_health import WriteHealth
from functions.serving.live_models import LiveModels
from functions.serving.visitor_examples import VisitorExamplesCache
from functions.settings import Settings
from functions.store import Store
from functions.verbs.compare_versions import HoldoutAnswers
from functions.verbs.explain import ExplanationCache
from functions.verbs.metrics import MetricsCache
from functions.web.platform_figures import PlatformFigures
from functions.web.readiness import Readiness
from functions.web.security.token_uses import TokenUses
from functions.web.server.waits import Waits, request_waits
from functions.web.under_way import UnderWay


@dataclass(frozen=True)
class Platform:
    """The open database, store and networks, and the caches, of one app."""

    settings: Settings
    database: Database
    store: Store
    runtime: LiveModels
    outbox_room: OutboxRoom
    metrics: MetricsCache = field(default_factory=MetricsCache)
    explanations: ExplanationCache = field(default_factory=ExplanationCache)
    holdout_answers: HoldoutAnswers = field(default_factory=HoldoutAnswers)
    visitor_examples: VisitorExamplesCache = field(default_factory=VisitorExamplesCache)
    write_health: WriteHealth = field(default_factory=WriteHealth)
    readiness: Readiness = field(default_factory=Readiness)
    figures: PlatformFigures = field(default_factory=PlatformFigures)
    under_way: UnderWay = field(default_factory=UnderWay)
    token_uses: TokenUses = field(default_factory=TokenUses)
    waits: Waits = field(default_factory=request_waits)


def platform() -> Platform:
    """Return the platform of the app that answers the current request."""
    return cast(Platform, current_app.extensions["inkloop"])
