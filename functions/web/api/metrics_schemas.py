"""The bodies of the API's answers about a set's metrics, as pydantic models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AliasChoices, AliasPath, BeforeValidator, Field

from functions.domain.answer import Learner, Role
from functions.domain.monitoring import Proportion, VersionAccuracy
from functions.domain.trust import SampleStatus
from functions.web.api.present import Extended
from functions.web.api.response_schemas import Out, Timestamp
from functions.web.api.version_schemas import VersionOut


def _by_model(models: Mapping[tuple[str, str], Proportion]) -> list[Extended]:
    return [Extended(proportion, learner=learner, role=role) for (learner, role), proportion in models.items()]


def _live_answers(while_live: VersionAccuracy | None) -> Proportion:
    return while_live.answers if while_live else Proportion()


def _originals_answers(while_live: VersionAccuracy | None) -> Proportion:
    return while_live.original if while_live else Proportion()


class TallyOut(Out):
    """An accuracy with its 95 % confidence interval; all three are null where ``count`` is 0."""

    right: Annotated[int, Field(validation_alias=AliasChoices("right", "successes"))]
    count: int
    accuracy: Annotated[float | None, Field(validation_alias=AliasChoices("accuracy", "share"))]
    low: float | None
    high: float | None


class ModelTallyOut(TallyOut):
    """The accuracy of one learner's original or learned versions."""

    learner: Learner
    role: Role


class DisagreementOut(Out):
    """How often the two learned networks differed (with its 95 % interval), and which of them was right then."""

    differed: Annotated[int, Field(validation_alias=AliasPath("differed", "successes"))]
    count: Annotated[int, Field(validation_alias=AliasPath("differed", "count"))]
    share: Annotated[float | None, Field(validation_alias=AliasPath("differed", "share"))]
    low: Annotated[float | None, Field(validation_alias=AliasPath("differed", "low"))]
    high: Annotated[float | None, Field(validation_alias=AliasPath("differed", "high"))]
    right: dict[Learner, int]
    neither: int


class CorrectionsOut(Out):
    """Accuracy on the drawings of the latest accepted corrections; each answer was given before its drawing was learned."""

    count: Annotated[int, Field(validation_alias=AliasPath("answer", "count"))]
    answer: TallyOut
    models: Annotated[list[ModelTallyOut], BeforeValidator(_by_model)]
    disagreement: DisagreementOut


class BlockOut(CorrectionsOut):
    """Accuracy on the answers that were labelled from ``begin`` to ``end``."""

    begin: Timestamp
    end: Timestamp


class ByCountOut(Out):
    """Windows of ``size`` answers, oldest first; only the first has half to one and a half times as many."""

    size: int
    blocks: list[BlockOut]


class ByTimeOut(Out):
    """Windows of ``seconds``, oldest first; a window without an answer is left out."""

    seconds: int
    blocks: list[BlockOut]


class HoldoutOut(Out):
    """The accuracy of a version on the hold-out; old versions have no count, and then there is no interval.

    ``as_one`` is the accuracy with look-alikes as one: null where the set declares none, or for old versions.
    """

    accuracy: float
    as_one: float | None
    count: int | None
    low: float | None
    high: float | None


class ProgressOut(Out):
    """A version with its accuracy on the hold-out, and its accuracy while it was live.

    ``taught`` counts the samples that it and its ancestors learned (null for old versions, whose cards lack the count).
    ``accepted`` and ``reason`` are the gate's decision. ``activated`` is the time of its last activation, null if it was never
    live. ``answers`` are its own while it was live, ``originals_answers`` those of its learner's original to the same drawings.
    """

    version: Annotated[str, Field(validation_alias=AliasPath("version", "id"))]
    learner: Annotated[Learner, Field(validation_alias=AliasPath("version", "learner"))]
    created: Annotated[Timestamp, Field(validation_alias=AliasPath("version", "created"))]
    activated: Timestamp | None
    live: bool
    original: Annotated[bool, Field(validation_alias=AliasPath("version", "original"))]
    accepted: Annotated[
        bool | None, BeforeValidator(lambda gate: gate.get("accepted")), Field(validation_alias=AliasPath("version", "gate"))
    ]
    reason: Annotated[
        str, BeforeValidator(lambda gate: str(gate.get("reason", ""))), Field(validation_alias=AliasPath("version", "gate"))
    ]
    taught: Annotated[int | None, Field(validation_alias=AliasChoices("taught", "learned"))]
    holdout: HoldoutOut | None
    answers: Annotated[TallyOut, BeforeValidator(_live_answers), Field(validation_alias=AliasChoices("answers", "while_live"))]
    originals_answers: Annotated[
        TallyOut, BeforeValidator(_originals_answers), Field(validation_alias=AliasChoices("originals_answers", "while_live"))
    ]


class ActivationOut(Out):
    """The activation of a version."""

    version: Annotated[str, Field(validation_alias=AliasChoices("version", "version_id"))]
    learner: Learner
    at: Annotated[Timestamp, Field(validation_alias=AliasChoices("at", "created"))]


class TaughtOut(TallyOut):
    """The accuracy of versions that had learned ``fewest`` to ``most`` samples, with the ``mean`` over the answers."""

    fewest: int
    most: int
    mean: float


class CurveOut(Out):
    """The learning curve of one learner; the hold-out accuracy is in ``progress``."""

    learner: Learner
    points: list[TaughtOut]


class OutcomeOut(Out):
    """The number of corrections with one status and one kind of reason."""

    status: SampleStatus
    reason: str
    count: int


class OutcomesOut(Out):
    """The latest corrections by status and reason."""

    count: int
    by_status: dict[SampleStatus, int]
    reasons: list[OutcomeOut]


class PrequentialOut(Out):
    """Accuracy over time, on the newest ``window`` labelled answers."""

    window: int
    recent: CorrectionsOut
    by_count: ByCountOut
    by_time: ByTimeOut
    learning_curve: list[CurveOut]


class ConfusionOut(Out):
    """``rows[i][j]``: the number of drawings of ``labels[i]`` that were answered ``labels[j]``, among the same corrections.

    ``rejected[i]``: drawings of ``labels[i]`` that were answered "not a symbol". ``not_a_symbol[j]``: scribbles that were
    answered ``labels[j]``. ``not_a_symbol_rejected``: scribbles that were answered "not a symbol".
    """

    labels: list[str]
    rows: list[list[int]]
    rejected: list[int]
    not_a_symbol: list[int]
    not_a_symbol_rejected: int


class GrowthOut(Out):
    """The accepted samples that came from ``begin`` on, until the next part begins, or now."""

    begin: Timestamp
    count: int


class MetricsOut(Out):
    """The metrics of a set: versions with their hold-out metrics (newest first), accuracy, confusion, and samples by label.

    ``progress`` has the results of each version. ``prequential`` has the accuracy of answers before their drawings were learned.
    ``growth`` has at most 24 parts of whole days (UTC) and equal length, from the first sample until now, oldest first.
    """

    set: str
    versions: list[VersionOut]
    corrections: CorrectionsOut
    confusion: ConfusionOut
    balance: dict[str, int]
    not_a_symbol: int
    growth: list[GrowthOut]
    prequential: PrequentialOut
    progress: list[ProgressOut]
    activations: list[ActivationOut]
    outcomes: OutcomesOut
