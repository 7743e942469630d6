from __future__ import annotations

from functions.domain.monitoring import ModelAnswer, labelled_answer
from functions.domain.monitoring.labelled_answers import VersionScore
from tests.support.labelled_answers import NOON


def opinion(learner: str, role: str, label: str, **more: object) -> dict[str, object]:
    return {"learner": learner, "role": role, "version": f"{learner}-{role}", "top": [{"label": label, "p": 0.9}], **more}


def test_a_rejection_is_an_answer_of_its_own() -> None:
    opinions = {"models": [opinion("fnn", "learned", "7", reject=0.5), opinion("cnn", "learned", "7", reject=0.49)]}
    one = labelled_answer(NOON, None, {"status": "not_a_symbol", "label": None, "p": 0.6, "alternatives": []}, opinions)
    assert one.by_model == {
        ("fnn", "learned"): ModelAnswer("fnn-learned", None),
        ("cnn", "learned"): ModelAnswer("cnn-learned", "7"),
    }
    assert {learner: score.right for (_, learner), score in one.scores.items()} == {"fnn": 1, "cnn": 0}
    assert one.answered is None


def test_an_answer_from_before_networks_could_reject_rejects_nothing() -> None:
    one = labelled_answer(NOON, "7", {"status": "sure", "label": "7", "p": 0.9}, {"models": [opinion("cnn", "learned", "7")]})
    assert one.scores == {("cnn-learned", "cnn"): VersionScore(1, 1, 0, 0)}


def test_an_opinion_about_nothing_is_none() -> None:
    empty = {**opinion("cnn", "learned", "7"), "top": []}
    assert labelled_answer(NOON, "7", {"status": "empty", "label": None, "p": None}, {"models": [empty]}).by_model == {}
