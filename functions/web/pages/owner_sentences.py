"""The reason of a sample, the step of a run, and what is wrong, in the language of the owner's page. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from functions.domain.problem import Problem, recognised
from functions.domain.run_step import Step
from functions.domain.trust.reason_codes import Figures, in_words, sentence_of
from functions.web.pages.translations import Words


def reason_text(code: str, figures: Figures, words: Words) -> str:
    """Return the reason of a sample. Older reasons, and those that lack a figure, stay in English."""
    sentence = sentence_of(code, figures)
    if sentence is None or code == "other":
        return in_words(code, figures)
    return words(f"reason.{sentence.key}", **{name: words.figure(figures[name]) for name in sentence.names})


def step_text(step: Step, words: Words) -> str:
    """Return the step of a run. The sentences of earlier releases stay in English."""
    if step.code == "other":
        return str(step)
    if "learner" not in step.figures:
        return _of_code(step, words)
    doing = words(f"step.method.{step.figures['method']}", learner=step.figures["learner"].upper())
    if step.code == "initialising":
        return doing
    part = [words(f"step.part.{step.figures['part']}")] if step.figures.get("part") else []
    return f"{doing}: {', '.join([*part, _of_code(step, words)])}"


def problem_text(problem: object, words: Words) -> str | None:
    """Return what is wrong in the words of a page: of a ``Problem``, or of the result of a failed run.

    None where there is no sentence: what other programs say, and what earlier releases wrote, stays as it is.
    """
    if isinstance(problem, Problem):
        code, figures = problem.code, problem.figures
    elif isinstance(problem, Mapping):  # an earlier release kept the figures beside the code
        code, figures = problem.get("code", ""), problem.get("figures", problem)
    else:
        return None
    written = {name: words.figure(one) for name, one in figures.items() if isinstance(one, str | int)}
    try:
        return words.get(f"problem.{code}", "").format_map(written) or None
    except KeyError:
        return None


def kept_text(sentence: str, words: Words) -> str | None:
    """Return the sentence that a row keeps of a store or a receiver in the words of a page; None where none is known."""
    return " ".join(filter(None, (problem_text(one, words) for one in recognised(sentence)))) or None


def _of_code(step: Step, words: Words) -> str:
    if step.code == "lacking":
        return ", ".join(_lacking(step.figures["missing"], step.figures["others"], words))
    if step.code == "retrying":
        reason = problem_text(step.figures.get("problem"), words) or step.figures["reason"]
        return words("step.retrying", reason=reason)
    return words(f"step.{step.code}", **step.figures)


def _lacking(missing: Mapping[str, int], others: int, words: Words) -> Iterator[str]:
    for place, (label, count) in enumerate(missing.items()):
        key = "step.lacking.next" if place else "step.lacking.first" if count > 1 else "step.lacking.first_one"
        yield words(key, label=label, count=count)
    if others:
        yield words("step.lacking.others", others=others)
