"""The answer to a picture that a form sends: for visitors without JavaScript. Nothing of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response
from sqlalchemy.orm import Session

from functions.dataset.predicted import Predicted
from functions.domain.answer import Answer
from functions.domain.drawing import Drawing
from functions.domain.symbols import SymbolSet
from functions.errors import NotAllowed, Situation
from functions.verbs.predict import predict
from functions.web.api.parse_request import read_drawing
from functions.web.api.request_schemas import DrawingFields
from functions.web.errors import answer_to
from functions.web.pages.explained import Example, example_of
from functions.web.pages.label_groups import kinds
from functions.web.pages.public import current_words, pages, set_page
from functions.web.pages.translations import Words
from functions.web.platform import platform
from functions.web.request_counts import count_answer
from functions.web.security.other_sites import from_another_site

LIKELY = 0.5  # look-alikes that are more probable than this together are named without doubt, as static/js/format.js does

PROBLEMS = {"malformed": "upload.malformed", "too_large": "upload.too_large", "wrong_type": "upload.wrong_type"}  # code: sentence


@dataclass(frozen=True)
class Said:
    """An answer in words, around its label, which the page shows large."""

    before: str
    label: str
    after: str


@pages.post("/recognise/<set_name>")
def recognise_picture(set_name: str) -> Response:
    """Recognise the PNG of a form. A picture that cannot be read is answered with a sentence, beside the form.

    Raises:
        UnknownSet, NothingLearned: as ``predict``.
        NotAllowed: a page of another site sent the form.
    """
    if from_another_site():
        raise NotAllowed("A page of another site sent this picture.")
    try:
        _, drawing = read_drawing(DrawingFields)
    except Situation as error:
        known = answer_to(error)
        status, code = (known.status, known.code) if known else (400, "malformed")
        problem = current_words()(PROBLEMS[code]) if code in PROBLEMS else current_words().of_code(code, str(error))
        return _page(set_name, {"problem": problem}, status)
    if drawing is None:
        return _page(set_name, {"problem": current_words()("js.error.blank_picture")}, 422)
    return _page(set_name, _facts(set_name, drawing), 200)


def _facts(set_name: str, drawing: Drawing) -> dict[str, Any]:
    here = platform()
    predicted: Predicted = predict(here.database, here.runtime, set_name=set_name, drawing=drawing)
    count_answer(set_name, predicted.answer)
    looked: Example = example_of(set_name, predicted.square, predicted.model_predictions)
    return {"answer": predicted.answer, "looked": looked, "problem": None}


def _page(set_name: str, facts: dict[str, Any], status: int) -> Response:
    def more(_: Session, chosen: SymbolSet) -> dict[str, Any]:
        answer = facts.get("answer")
        return facts | ({"said": in_words(answer, current_words(), kinds(chosen.labels))} if answer else {})

    response = set_page("recognised.html", set_name, more)
    response.status_code = status
    return response


def in_words(answer: Answer, words: Words, label_kinds: Mapping[str, str]) -> Said:
    """Return an answer in the words of a language, as ``answerParts`` of static/js/format.js does."""
    if answer.label is None or answer.p is None:
        return Said(words("js.answer.not_a_symbol"), "", "")
    others = "".join(
        words("js.answer.or", name=words(f"js.label.{label_kinds[one.label]}", label=one.label))
        if one.label in label_kinds
        else words("js.answer.or", name=one.label)
        for one in answer.alternatives
    )
    if others and answer.p + sum(one.p for one in answer.alternatives) > LIKELY:
        return Said("", answer.label, others)
    if answer.status == "unsure":
        return Said(f"{words('js.answer.unsure')}\u00a0", answer.label, f"{others}?")
    more = ">\u00a0" if answer.p > 0.999 else ""
    return Said("", answer.label, f"\u00a0({more}{words.share(min(answer.p, 0.999), 1 if answer.p >= 0.985 else 0)})")
