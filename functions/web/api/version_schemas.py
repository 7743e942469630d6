"""The bodies of the API's answers about versions and runs, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from functions.domain.answer import Learner, Role
from functions.domain.run_step import Step
from functions.jobs import Kind
from functions.web.api.response_schemas import Out, SetName, Timestamp


def _with_learners(result: dict[str, Any]) -> dict[str, Any]:
    return {"activated": [], "rejected": [], **result}


class VersionOut(Out):
    """One trained artefact of one learner; ``labels`` in the order of its outputs; one more output stands for "not a symbol"."""

    id: str
    set: SetName
    learner: str
    parent: Annotated[str | None, Field(validation_alias=AliasChoices("parent", "parent_id"))]
    snapshot: Annotated[str | None, Field(validation_alias=AliasChoices("snapshot", "snapshot_id"))]
    created: Timestamp
    sha256: str
    labels: list[str]
    live: bool
    original: bool
    metrics: dict[str, Any]
    gate: dict[str, Any]


class NetworkOut(Out):
    """A version that answers: its place, the labels of its outputs in their order, and the SHA-256 of its ``.tflite``."""

    learner: Learner
    role: Role
    version: str
    labels: list[str]
    sha256: str


class NetworksOut(Out):
    """What a device needs to answer as the server does: the four networks and the groups of labels that look alike.

    The calibration is inside each ``.tflite``. A set that has learned nothing has no ``networks``.
    """

    set: str
    confusable: list[list[str]]
    networks: list[NetworkOut]


class LayersModelOut(Out):
    """A layers model of TensorFlow.js, in its own words: the layers, and the file of their weights."""

    format: Literal["layers-model"]
    generatedBy: str  # noqa: N815 - the format's names
    convertedBy: str | None  # noqa: N815
    modelTopology: dict[str, Any]  # noqa: N815
    weightsManifest: list[dict[str, Any]]  # noqa: N815


class WithdrawnSinceOut(Out):
    """How many samples of a version were withdrawn later: its ``own``, and those of its ``lineage`` (``line``)."""

    own: int
    line: int


class VersionWithCard(VersionOut):
    """A version with its card, its nearest 500 ancestors (parent first), its run, and its withdrawn samples."""

    card: dict[str, Any]
    lineage: list[str]
    run: Annotated[str | None, Field(validation_alias=AliasChoices("run", "run_id"))]
    withdrawn: WithdrawnSinceOut


class RunOut(Out):
    """One piece of background work; a run that ``forgets`` starts from versions that never saw the retracted drawings.

    ``step`` is a sentence in English; ``step_code`` holds its ``code`` and its figures.
    """

    id: str
    set: SetName
    kind: Kind
    forgets: Annotated[bool, BeforeValidator(bool), Field(validation_alias=AliasChoices("forgets", "forget"))]
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: Annotated[float, Field(ge=0, le=1), BeforeValidator(lambda progress: min(1.0, max(0.0, progress)))]
    step: Annotated[str, BeforeValidator(str)]
    step_code: Annotated[dict[str, Any], BeforeValidator(Step.as_dict), Field(validation_alias="step")]
    created: Timestamp
    started: Timestamp | None
    finished: Timestamp | None
    result: Annotated[dict[str, Any], BeforeValidator(_with_learners)]


class VersionsOut(Out):
    """A page of versions, newest first."""

    versions: list[VersionOut]
    next: str | None


class RunsOut(Out):
    """A page of runs, newest first."""

    runs: list[RunOut]
    next: str | None
