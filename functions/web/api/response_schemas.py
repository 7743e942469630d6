"""The bodies of the API's answers as pydantic models, from which the OpenAPI document is generated too.

A model reads its fields from the attributes of rows and results; an alias names an attribute with another name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from functions.domain.answer import Learner, Role, Status
from functions.domain.prompts import Ask, Reason
from functions.domain.symbols import Origin
from functions.domain.trust import SampleStatus, Source


def timestamp(time: datetime) -> str:
    """Return a time as ISO 8601 in UTC, with milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


SetName = Annotated[str, Field(validation_alias=AliasChoices("set", "set_name"))]
Timestamp = Annotated[str, BeforeValidator(timestamp)]


class Out(BaseModel):
    """An answer's body."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class SetOut(Out):
    """A symbol set; ``counts`` are the accepted samples of each label, ``live`` is the live version of each learner.

    ``confusable`` are groups of labels that look alike. ``live`` is empty until the first training. ``title`` is what people
    read instead of the name, "" for the name. A ``hidden`` set is in no menu; ``position`` is its place there. ``goal`` is the
    number of accepted samples of each label that the owner wants, 0 for none. ``people`` is the number of contributors whose
    drawings the networks learn from.
    """

    name: str
    title: str
    hidden: bool
    position: int
    goal: int
    labels: list[str]
    confusable: list[list[str]]
    origin: Origin
    counts: dict[str, int]
    not_a_symbol: int
    live: dict[str, str]
    people: int


class DeletedSetOut(Out):
    """A deleted symbol set."""

    name: str
    deleted: Literal[True]


class SampleOut(Out):
    """A drawing with a label; the label null means "not a symbol"."""

    id: str
    set: SetName
    label: str | None
    status: SampleStatus
    source: Source
    created: Timestamp


class ContributedOut(Out):
    """The sample of a contribution; its receipt withdraws it."""

    id: str
    label: str | None
    status: SampleStatus
    receipt: str


class WithdrawnOut(Out):
    """A withdrawn sample, and the versions that learned from it, newest first."""

    id: str
    status: Literal["withdrawn"]
    versions: list[str]


class AllWithdrawnOut(Out):
    """The number of withdrawn drawings, how many of them were samples, and the versions that ever learned from these samples."""

    drawings: int
    samples: int
    versions: list[str]


class RetractedOut(AllWithdrawnOut):
    """The result of a retraction. ``runs`` train without the drawings; the old versions stay live until these runs end."""

    runs: list[str]


class GuessOut(Out):
    """A label and its calibrated probability."""

    label: str
    p: float


class AnswerOut(Out):
    """The combined answer of both learned networks; ``alternatives`` are probable labels that look like ``label``.

    ``p`` is the probability of the label; for the status ``not_a_symbol``, the rejection probability.
    """

    status: Status
    label: str | None
    p: float | None
    alternatives: list[GuessOut]


class OpinionOut(Out):
    """The prediction of one version; ``reject`` is the rejection probability: 0.5 and above means "not a symbol".

    ``instead_of`` is there only while the live version, which it names, cannot be loaded and ``version`` answers.
    """

    learner: Learner
    role: Role
    version: str
    instead_of: str | None = None
    top: list[GuessOut]
    reject: float = Field(ge=0, le=1)


class PredictionOut(Out):
    """The answer of both networks; ``square`` (784 numbers in 0..1, row by row) is there only on request.

    ``adapted`` tells whether the visitor's own drawings influenced ``answer``. Then ``unadapted`` is the answer of the networks
    alone, otherwise it is null. ``models`` are always the networks alone.
    """

    id: str | None
    set: SetName
    answer: AnswerOut
    adapted: bool
    unadapted: AnswerOut | None
    models: Annotated[list[OpinionOut], Field(validation_alias=AliasChoices("models", "model_predictions"))]
    square: list[float] | None = Field(default=None, json_schema_extra={"minItems": 784, "maxItems": 784})


class ExplanationOut(Out):
    """What the most probable label of the CNN depends on: how much of its probability ``p`` each pixel of the square carries.

    ``lost`` has 784 numbers in 0..1, row by row: the mean share of ``p`` that is lost where a part around the pixel is covered.
    """

    set: SetName
    learner: Learner
    version: str
    label: str
    p: float
    lost: list[float] = Field(json_schema_extra={"minItems": 784, "maxItems": 784})


class GlyphOut(Out):
    """A symbol of a reading: its label there, and its ``box`` [x, y, w, h] in the units of the request's canvas or picture.

    ``strokes`` are the numbers of its strokes in the request, from 0; a stroke that joins two symbols belongs to both.
    ``prediction`` is the answer of both networks to the symbol alone.
    """

    label: str
    box: Annotated[list[float], Field(min_length=4, max_length=4)]
    strokes: list[int]
    prediction: PredictionOut


class ReadingOut(Out):
    """What a line says: ``text`` is the labels of the ``glyphs``, from left to right."""

    text: str
    set: SetName
    glyphs: list[GlyphOut]


class PromptOut(Out):
    """A label to draw, and why: ``lacking`` (it has few samples), ``doubt`` (the networks are unsure, or answer ``other``),
    ``hands`` (few people drew it lately), ``pair`` (it looks like ``other``, which this contributor drew), or null.
    """

    label: str
    reason: Reason | None
    other: str | None


class PromptsOut(Out):
    """The labels to draw next, in this order."""

    set: str
    ask: Ask
    prompts: list[PromptOut]
    next: str | None


class CheckOut(Out):
    """A gold question: a drawing as PNG in base64, and the id of the question, which is sent back with the answer."""

    id: str
    set: str
    image: str


class CheckedOut(Out):
    """Whether the answer to a gold question was right, and the true label."""

    right: bool
    label: str


class CorrectedOut(Out):
    """The sample of a correction, its receipt, and the run that will learn it (null where no run will).

    ``apart``: no run ever will, because its author belongs to the validation or the test split.
    """

    sample: str
    status: SampleStatus
    run: str | None
    apart: bool
    receipt: str


class SetsOut(Out):
    """Every symbol set."""

    sets: list[SetOut]
    next: str | None


class SamplesOut(Out):
    """A page of samples, newest first; ``next`` is the cursor of the following page."""

    samples: list[SampleOut]
    next: str | None


class ErrorDetail(Out):
    """What went wrong, in words."""

    code: str
    message: str
    request_id: str


class ErrorOut(Out):
    """The body of every error answer."""

    error: ErrorDetail
