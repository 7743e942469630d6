"""What goes out about how well a set's networks do, as pydantic models."""

from __future__ import annotations

from typing import Literal

from functions.web.api.response_schemas import Out, SampleState, VersionOut


class TallyOut(Out):
    """How often something was right, with the ends of the 95 % interval; the accuracy of nothing is null, and so are these."""

    right: int
    count: int
    accuracy: float | None
    low: float | None
    high: float | None


class ModelTallyOut(TallyOut):
    """The same for one learner's original or learned versions."""

    learner: Literal["fnn", "cnn"]
    role: Literal["original", "learned"]


class DisagreementOut(Out):
    """How often the two learned networks differed, and which of them was right then; ``share``..``high`` as of a tally."""

    differed: int
    count: int
    share: float | None
    low: float | None
    high: float | None
    right: dict[Literal["fnn", "cnn"], int]
    neither: int


class CorrectionsOut(Out):
    """What answers were worth, judged by the accepted ones of the latest corrections; each was given before it was learned."""

    count: int
    answer: TallyOut
    models: list[ModelTallyOut]
    disagreement: DisagreementOut


class BlockOut(CorrectionsOut):
    """The same of the answers that were judged from ``begin`` to ``end``."""

    begin: str
    end: str


class ByCountOut(Out):
    """Blocks of ``size`` answers, oldest first; only the first is from half to one and a half times as large."""

    size: int
    blocks: list[BlockOut]


class ByTimeOut(Out):
    """Spans of ``seconds``, oldest first; a span without an answer is left out."""

    seconds: int
    blocks: list[BlockOut]


class HoldoutOut(Out):
    """How much of what was kept apart a version gets right; old versions kept no count, and then there is no interval."""

    accuracy: float
    count: int | None
    low: float | None
    high: float | None


class ProgressOut(Out):
    """A version on its way: what it had learned, how good it was on the hold-out, and how good its answers were.

    ``taught`` samples were learned by it and those before it in its line (null for old versions, which did not count them).
    ``accepted`` and ``reason`` are the gate's word; ``activated`` is when it last began to answer, null where it never did.
    ``answers`` are those that it gave, ``originals_answers`` those of its learner's original to the same drawings.
    """

    version: str
    learner: Literal["fnn", "cnn"]
    created: str
    activated: str | None
    live: bool
    original: bool
    accepted: bool | None
    reason: str
    taught: int | None
    holdout: HoldoutOut | None
    answers: TallyOut
    originals_answers: TallyOut


class ActivationOut(Out):
    """From then on this version answered."""

    version: str
    learner: Literal["fnn", "cnn"]
    at: str


class TaughtOut(TallyOut):
    """How often versions were right that had learned ``fewest`` to ``most`` samples, ``mean`` over the answers."""

    fewest: int
    most: int
    mean: float


class CurveOut(Out):
    """One learner's learning curve; its hold-out accuracy against ``taught`` is with the versions."""

    learner: Literal["fnn", "cnn"]
    points: list[TaughtOut]


class OutcomeOut(Out):
    """How many corrections have a status for one kind of reason."""

    status: SampleState
    reason: str
    count: int


class OutcomesOut(Out):
    """What became of the latest corrections, and why."""

    count: int
    by_status: dict[SampleState, int]
    reasons: list[OutcomeOut]


class PrequentialOut(Out):
    """How good answers were as time went on, out of the newest ``window`` that people judged."""

    window: int
    recent: CorrectionsOut
    by_count: ByCountOut
    by_time: ByTimeOut
    learning_curve: list[CurveOut]


class ConfusionOut(Out):
    """``rows[i][j]``: drawings of ``labels[i]`` that were answered ``labels[j]``, among the same corrections.

    ``rejected[i]``: those of ``labels[i]`` that were answered "not a symbol". ``not_a_symbol``: what was none and was answered
    ``labels[j]``; ``not_a_symbol_rejected``: what was none and was answered so.
    """

    labels: list[str]
    rows: list[list[int]]
    rejected: list[int]
    not_a_symbol: list[int]
    not_a_symbol_rejected: int


class MetricsOut(Out):
    """How well a set's networks do: versions with their hold-out metrics (newest first), live accuracy, confusion, balance.

    ``progress`` tells the same versions as a story; ``prequential`` how good answers were before their drawings were learned.
    """

    set: str
    versions: list[VersionOut]
    corrections: CorrectionsOut
    confusion: ConfusionOut
    balance: dict[str, int]
    not_a_symbol: int
    prequential: PrequentialOut
    progress: list[ProgressOut]
    activations: list[ActivationOut]
    outcomes: OutcomesOut
