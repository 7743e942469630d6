"""The facts beside a picture in the store: everything that the database knows about it, as canonical JSON."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AliasChoices, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from functions.domain.symbols import Origin
from functions.domain.trust import SampleStatus, Source
from functions.domain.trust.reason_codes import Reason
from functions.errors import Malformed
from functions.records.old_reasons import reason_of_sentence
from functions.records.tables import DrawingRow, Prediction, Sample, SymbolSetRow
from functions.store.names import drawing_facts_key, facts_key

_PACKED = {"packed": True}  # stands for a row's strokes, whose canonical JSON is put in unparsed


class BrokenFacts(Malformed):
    """The bytes are not facts as this module writes them."""


class _Facts(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, from_attributes=True)


_Form = TypeVar("_Form", bound=_Facts)
_Id = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]{1,32}$")]
_Contributor = Annotated[_Id, Field(validation_alias=AliasChoices("contributor", "contributor_id"))]  # in facts, in rows


def _square_text(kept: Any) -> Any:
    return base64.b64encode(zlib.decompress(kept)).decode() if isinstance(kept, bytes) else kept


def _strokes_object(kept: Any) -> Any:
    return _PACKED if isinstance(kept, bytes) else kept


class SetFacts(_Facts):
    """A symbol set, with its labels in order; facts without an ``origin`` are older and belong to shipped sets."""

    format: Literal[1] = 1
    set: str
    labels: list[str]
    confusable: list[list[str]] = []
    origin: Origin = "shipped"
    title: str = ""
    hidden: bool = False
    position: int = 0
    goal: int = 0
    created: AwareDatetime


class DrawingFacts(_Facts):
    """A drawing; ``square`` is the base64 of its 784 bytes."""

    id: _Id
    contributor: _Contributor
    created: AwareDatetime
    png_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    square: Annotated[str, BeforeValidator(_square_text), Field(pattern=r"^[0-9A-Za-z+/]{1046}==$")]
    strokes: Annotated[dict[str, Any] | None, BeforeValidator(_strokes_object)]


class PredictionFacts(_Facts):
    """The answer to a drawing, and the predictions of the versions that were asked."""

    id: _Id
    contributor: _Contributor
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
    contributor: _Contributor
    created: AwareDatetime
    idempotency: Annotated[str, Field(max_length=64)] | None

    @property
    def why(self) -> Reason:
        """The reason as a code with figures; older facts have a sentence and no figures."""
        if self.reason_figures is None:
            return reason_of_sentence(self.reason)
        return Reason(self.reason, self.reason_figures)  # type: ignore[arg-type]


class PictureFacts(_Facts):
    """Everything about one picture; ``sample`` is None until somebody labels the drawing."""

    format: Literal[1] = 1
    set: str
    sample: SampleFacts | None
    drawing: DrawingFacts
    prediction: PredictionFacts | None

    @property
    def key(self) -> str:
        """The key of these facts in the store."""
        if self.sample is None:
            return drawing_facts_key(self.set, self.drawing.id)
        return facts_key(self.set, self.sample.label, self.sample.id)


def facts(sample: Sample, drawing: DrawingRow, prediction: Prediction | None = None) -> bytes:
    """Return a sample's facts, with the ``prediction`` that it corrects."""
    return _picture_facts(sample.set_name, sample, drawing, prediction)


def drawing_facts(drawing: DrawingRow, prediction: Prediction | None = None) -> bytes:
    """Return the facts of a drawing that nobody labelled yet, with the prediction about it."""
    return _picture_facts(drawing.set_name, None, drawing, prediction)


def set_facts(row: SymbolSetRow) -> bytes:
    """Return a symbol set's facts. What the owner has not changed is left out, so that earlier releases can read the rest."""
    return _canonical(
        SetFacts.model_validate(
            {
                "set": row.name,
                "labels": row.labels,
                "confusable": row.confusable or [],  # the columns' defaults come only with the first flush
                "origin": row.origin or "shipped",
                "title": row.title or "",
                "hidden": bool(row.hidden),
                "position": row.position or 0,
                "goal": row.goal or 0,
                "created": row.created,
            }
        ),
        where_changed=("title", "hidden", "position", "goal"),
    )


def read_facts(data: bytes) -> PictureFacts:
    """Parse the facts beside a picture, or raise BrokenFacts."""
    return _read(PictureFacts, data)


def read_set_facts(data: bytes) -> SetFacts:
    """Parse a symbol set's facts, or raise BrokenFacts."""
    return _read(SetFacts, data)


def _read(form: type[_Form], data: bytes) -> _Form:
    try:
        return form.model_validate_json(data)
    except ValidationError as error:
        where = ", ".join(sorted({".".join(str(part) for part in problem["loc"]) or "JSON" for problem in error.errors()}))
        raise BrokenFacts(f"These are not the facts of an object; these fields are wrong: {where}.") from None


def _canonical(kept: _Facts, where_changed: tuple[str, ...] = ()) -> bytes:
    fields = type(kept).model_fields
    unchanged = {name for name in where_changed if getattr(kept, name) == fields[name].default}
    return json.dumps(
        kept.model_dump(mode="json", exclude=unchanged), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def _picture_facts(set_name: str, sample: Sample | None, drawing: DrawingRow, prediction: Prediction | None) -> bytes:
    rows = {"set": set_name, "sample": sample, "drawing": drawing, "prediction": prediction}
    whole = _canonical(PictureFacts.model_validate(rows))
    if drawing.strokes is None:
        return whole
    # No text can hold this: its quotes would be escaped.
    return whole.replace(b'"strokes":{"packed":true}', b'"strokes":' + zlib.decompress(drawing.strokes), 1)
