"""Names and facts of objects. The facts beside a picture are everything that the database knows of it."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import object_session

from functions.domain.symbols import Origin
from functions.domain.trust import SampleStatus, Source
from functions.domain.trust.reason_codes import Reason
from functions.errors import Malformed
from functions.records.old_reasons import reason_of_sentence
from functions.records.tables import DrawingRow, Prediction, Sample, SymbolSetRow
from functions.store.names import drawing_facts_key, drawing_key, escape, facts_key, picture_key, set_key

__all__ = [
    "BrokenFacts",
    "PictureFacts",
    "SetFacts",
    "drawing_facts",
    "drawing_facts_key",
    "drawing_key",
    "escape",
    "facts",
    "facts_key",
    "picture_key",
    "read_facts",
    "read_set_facts",
    "set_facts",
    "set_key",
]


class BrokenFacts(Malformed):
    """The bytes are not facts as this module writes them."""


class _Facts(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


_Form = TypeVar("_Form", bound=_Facts)
_Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,32}$")]


class SetFacts(_Facts):
    """A symbol set, with its labels in their order; facts written before sets had an origin are of shipped ones."""

    format: Literal[1] = 1
    set: str
    labels: list[str]
    confusable: list[list[str]] = []
    origin: Origin = "shipped"
    created: AwareDatetime


class DrawingFacts(_Facts):
    """A drawing; ``square`` is the base64 of its 784 bytes."""

    id: _Id
    contributor: _Id
    created: AwareDatetime
    png_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    square: Annotated[str, Field(pattern=r"^[0-9A-Za-z+/]{1046}==$")]
    strokes: dict[str, Any] | None


class PredictionFacts(_Facts):
    """What was answered, and by which versions."""

    id: _Id
    contributor: _Id
    created: AwareDatetime
    answer: dict[str, Any]
    opinions: dict[str, Any]


class SampleFacts(_Facts):
    """The label of a drawing, and its status with the reason."""

    id: _Id
    label: Annotated[str, Field(max_length=64)] | None
    status: SampleStatus
    reason: str
    reason_figures: dict[str, str | int | bool | None] | None = None
    source: Source
    contributor: _Id
    created: AwareDatetime
    idempotency: Annotated[str, Field(max_length=64)] | None

    @property
    def why(self) -> Reason:
        """The reason as a code with figures; facts from before there were codes have a sentence, and no figures."""
        if self.reason_figures is None:
            return reason_of_sentence(self.reason)
        return Reason(self.reason, self.reason_figures)  # type: ignore[arg-type]


class PictureFacts(_Facts):
    """Everything about one picture; ``sample`` is None until somebody gave the drawing a label."""

    format: Literal[1] = 1
    set: str
    sample: SampleFacts | None
    drawing: DrawingFacts
    prediction: PredictionFacts | None

    @property
    def key(self) -> str:
        """Where these facts lie."""
        if self.sample is None:
            return drawing_facts_key(self.set, self.drawing.id)
        return facts_key(self.set, self.sample.label, self.sample.id)


def facts(sample: Sample, drawing: DrawingRow, prediction: Prediction | None = None) -> bytes:
    """Return a sample's facts as canonical JSON.

    ``prediction`` is the one that the sample corrects; where it is left out, it is asked for in the sample's own session.
    """
    session = object_session(sample)
    if prediction is None and sample.prediction_id is not None and session is not None:
        prediction = session.get_one(Prediction, sample.prediction_id)
    kept = SampleFacts.model_validate(
        {
            "id": sample.id,
            "label": sample.label,
            "status": sample.status,
            "reason": sample.reason or "other",  # the columns' defaults come only with the first flush
            "reason_figures": sample.reason_figures or {},
            "source": sample.source,
            "contributor": sample.contributor_id,
            "created": sample.created,
            "idempotency": sample.idempotency,
        }
    )
    return _canonical(
        PictureFacts(set=sample.set_name, sample=kept, drawing=_drawing(drawing), prediction=_prediction(prediction))
    )


def drawing_facts(drawing: DrawingRow, prediction: Prediction | None = None) -> bytes:
    """Return the facts of a drawing that nobody gave a label yet, with the prediction that was made of it."""
    return _canonical(
        PictureFacts(set=drawing.set_name, sample=None, drawing=_drawing(drawing), prediction=_prediction(prediction))
    )


def set_facts(row: SymbolSetRow) -> bytes:
    """Return a symbol set's facts."""
    return _canonical(
        SetFacts.model_validate(
            {
                "set": row.name,
                "labels": row.labels,
                "confusable": row.confusable or [],  # the columns' defaults come only with the first flush
                "origin": row.origin or "shipped",
                "created": row.created,
            }
        )
    )


def read_facts(data: bytes) -> PictureFacts:
    """Parse the facts beside a picture.

    Raises:
        BrokenFacts: they are not whole, or not in the form that is written here.
    """
    return _read(PictureFacts, data)


def read_set_facts(data: bytes) -> SetFacts:
    """Parse a symbol set's facts.

    Raises:
        BrokenFacts: they are not whole, or not in the form that is written here.
    """
    return _read(SetFacts, data)


def _read(form: type[_Form], data: bytes) -> _Form:
    try:
        return form.model_validate_json(data)
    except ValidationError as error:
        where = ", ".join(sorted({".".join(str(part) for part in problem["loc"]) or "JSON" for problem in error.errors()}))
        raise BrokenFacts(f"These are not the facts of an object; wrong is: {where}.") from None


def _canonical(kept: _Facts) -> bytes:
    return json.dumps(kept.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _drawing(row: DrawingRow) -> DrawingFacts:
    return DrawingFacts(
        id=row.id,
        contributor=row.contributor_id,
        created=row.created,
        png_sha256=row.png_sha256,
        square=base64.b64encode(zlib.decompress(row.square)).decode(),
        strokes=None if row.strokes is None else json.loads(zlib.decompress(row.strokes)),
    )


def _prediction(row: Prediction | None) -> PredictionFacts | None:
    if row is None:
        return None
    return PredictionFacts(
        id=row.id, contributor=row.contributor_id, created=row.created, answer=row.answer, opinions=row.opinions
    )
