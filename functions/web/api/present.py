"""From rows and results to what the API tells of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, jsonify
from pydantic import BaseModel

from functions.domain.answer import Answer
from functions.records.tables import Run, Sample, Version
from functions.verbs.predict import Predicted
from functions.web.api.response_schemas import AnswerOut, GuessOut, OpinionOut, PredictionOut, RunOut, SampleOut


def to_dict(out: BaseModel, status: int = 200) -> Response:
    """Return an answer's body as JSON."""
    response = jsonify(out.model_dump(mode="json"))
    response.status_code = status
    return response


def moment(time: datetime) -> str:
    """Return a moment as ISO 8601 in UTC."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def sample_out(sample: Sample) -> SampleOut:
    """Tell a sample without its drawing."""
    return SampleOut(
        id=sample.id,
        set=sample.set_name,
        label=sample.label,
        status=sample.status,  # type: ignore[arg-type]
        source=sample.source,  # type: ignore[arg-type]
        created=moment(sample.created),
    )


def prediction_out(predicted: Predicted, with_square: bool) -> PredictionOut:
    """Tell a prediction."""
    square = [round(float(value), 4) for value in predicted.square.ravel()] if with_square else None
    return PredictionOut(
        id=predicted.id,
        set=predicted.set_name,
        answer=_answer_out(predicted.answer),
        adapted=predicted.adapted,
        unadapted=_answer_out(predicted.unadapted) if predicted.adapted else None,
        models=[OpinionOut.model_validate(opinion.told()) for opinion in predicted.opinions],
        square=square,
    )


def _answer_out(answer: Answer) -> AnswerOut:
    return AnswerOut(
        status=answer.status,
        label=answer.label,
        p=answer.p,
        alternatives=[GuessOut(label=guess.label, p=guess.p) for guess in answer.alternatives],
    )


def version_fields(version: Version, live: bool) -> dict[str, Any]:
    """Return the fields that every version is told with."""
    return {
        "id": version.id,
        "set": version.set_name,
        "learner": version.learner,
        "parent": version.parent_id,
        "snapshot": version.snapshot_id,
        "created": moment(version.created),
        "sha256": version.sha256,
        "labels": version.labels,
        "live": live,
        "original": version.original,
        "metrics": version.metrics,
        "gate": version.gate,
    }


def run_out(run: Run) -> RunOut:
    """Tell a run."""
    return RunOut(
        id=run.id,
        set=run.set_name,
        kind=run.kind,  # type: ignore[arg-type]
        forgets=bool(run.forget),
        state=run.state,  # type: ignore[arg-type]
        progress=min(1.0, max(0.0, run.progress)),
        step=run.step,
        created=moment(run.created),
        started=moment(run.started) if run.started else None,
        finished=moment(run.finished) if run.finished else None,
        result={"activated": [], "rejected": [], **run.result},
    )
