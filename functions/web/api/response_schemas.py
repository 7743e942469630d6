"""What goes out, as pydantic models: the same shapes make the answers and the OpenAPI document."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

SampleState = Literal["pending", "accepted", "quarantined", "rejected", "withdrawn"]


class Out(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(extra="forbid")


class SetOut(Out):
    """A symbol set; ``counts`` are the accepted samples of each label, ``live`` the version that answers for each learner.

    ``confusable`` are groups of labels that a drawing alone may not tell apart. ``live`` is empty until something was learned.
    """

    name: str
    labels: list[str]
    confusable: list[list[str]]
    origin: Literal["shipped", "owner"]
    counts: dict[str, int]
    not_a_symbol: int
    live: dict[str, str]


class SampleOut(Out):
    """A drawing with a label; a label of null says that it is not a symbol."""

    id: str
    set: str
    label: str | None
    status: SampleState
    source: Literal["contribution", "correction", "import"]
    created: str


class ContributedOut(Out):
    """What became of a contribution; the receipt withdraws it."""

    id: str
    label: str | None
    status: SampleState
    receipt: str


class WithdrawnOut(Out):
    """A withdrawn sample, and the versions that learned from it, newest first."""

    id: str
    status: Literal["withdrawn"]
    versions: list[str]


class AllWithdrawnOut(Out):
    """How many drawings of a contributor went now, how many of them were samples, and which versions ever learned from such."""

    drawings: int
    samples: int
    versions: list[str]


class RetractedOut(AllWithdrawnOut):
    """What a retraction took away; ``runs`` are to forget it, and until they are through the versions answer that saw it."""

    runs: list[str]


class GuessOut(Out):
    """A label and its calibrated probability."""

    label: str
    p: float


class AnswerOut(Out):
    """The one answer of both learned networks; ``alternatives`` are labels that look like the given one and are probable too.

    ``p`` is the label's probability; where the status is ``not_a_symbol``, how surely it is none.
    """

    status: Literal["sure", "unsure", "not_a_symbol", "empty"]
    label: str | None
    p: float | None
    alternatives: list[GuessOut]


class OpinionOut(Out):
    """What one version says; ``reject`` is how surely the drawing is not a symbol, from one half on rejected."""

    learner: Literal["fnn", "cnn"]
    role: Literal["original", "learned"]
    version: str
    top: list[GuessOut]
    reject: float = Field(ge=0, le=1)


class PredictionOut(Out):
    """Both networks' answer; ``square`` (784 numbers in 0..1, row by row) only where it was asked for.

    ``adapted``: the visitor's own drawings had a say in ``answer``; ``unadapted`` is then what the networks alone answer, else
    null. ``models`` are always the networks alone.
    """

    id: str | None
    set: str
    answer: AnswerOut
    adapted: bool
    unadapted: AnswerOut | None
    models: list[OpinionOut]
    square: list[float] | None = Field(default=None, json_schema_extra={"minItems": 784, "maxItems": 784})


class PromptOut(Out):
    """A label to draw. ``reason``: there are few samples of it, the networks are in doubt about it, few hands drew it lately, or
    it looks like ``other``, which this contributor drew; null where nothing special speaks for it. With ``doubt``, ``other`` is
    what it is mostly taken for, if anything.
    """

    label: str
    reason: Literal["lacking", "doubt", "hands", "pair"] | None
    other: str | None


class PromptsOut(Out):
    """What to draw next, in this order."""

    set: str
    ask: Literal["mixed", "balance", "random"]
    prompts: list[PromptOut]
    next: str | None


class CheckOut(Out):
    """A known drawing: a PNG in base64, and the question's id, which comes back with the answer."""

    id: str
    set: str
    image: str


class CheckedOut(Out):
    """Whether a known drawing was named rightly, and what it is."""

    right: bool
    label: str


class CorrectedOut(Out):
    """The sample a correction made, its receipt, and the run that will learn it (null where none will).

    ``apart``: no run ever will, because its author is one of those whose drawings are kept apart to judge by.
    """

    sample: str
    status: SampleState
    run: str | None
    apart: bool
    receipt: str


class VersionOut(Out):
    """One trained artefact of one learner; ``labels`` in the order of its outputs, of which the last stands for no symbol."""

    id: str
    set: str
    learner: str
    parent: str | None
    snapshot: str | None
    created: str
    sha256: str
    labels: list[str]
    live: bool
    original: bool
    metrics: dict[str, Any]
    gate: dict[str, Any]


class WithdrawnSinceOut(Out):
    """How many samples that a version learned from were withdrawn since: its ``own``, and those of all its told ``line``."""

    own: int
    line: int


class VersionWithCard(VersionOut):
    """A version with its card, its nearest 500 ancestors (parent first), the run that made it, and what of it was withdrawn."""

    card: dict[str, Any]
    lineage: list[str]
    run: str | None
    withdrawn: WithdrawnSinceOut


class RunOut(Out):
    """One piece of background work; one that ``forgets`` begins from versions that never saw what was retracted."""

    id: str
    set: str
    kind: Literal["learn", "train"]
    forgets: bool
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: float = Field(ge=0, le=1)
    step: str
    created: str
    started: str | None
    finished: str | None
    result: dict[str, Any]


class SetsOut(Out):
    """Every symbol set."""

    sets: list[SetOut]
    next: str | None


class SamplesOut(Out):
    """A page of samples, newest first; ``next`` is the cursor of the following page."""

    samples: list[SampleOut]
    next: str | None


class VersionsOut(Out):
    """A page of versions, newest first."""

    versions: list[VersionOut]
    next: str | None


class RunsOut(Out):
    """A page of runs, newest first."""

    runs: list[RunOut]
    next: str | None


class ErrorDetail(Out):
    """What went wrong, in words."""

    code: str
    message: str
    request_id: str


class ErrorOut(Out):
    """Every failure's body."""

    error: ErrorDetail
