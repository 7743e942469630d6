"""What is wrong, for the owner: a code and its figures, and the sentence in English. Pure.

The API, the command line and the logs read the English sentence. Pages have words of their own for each code, in each language
(``web.pages.owner_sentences``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from string import Formatter
from typing import Any, Self

from functions.domain.problem_sentences import SENTENCES

OF_ROWS = ("store_", "bucket_", "object_", "advice_", "receiver_")  # codes of what rows keep as sentences alone


class Problem(str):
    """The English sentence of a code, with the ``code`` and its ``figures``. An error takes it as its message.

    >>> found = Problem("label_exists", label="7", name="digits")
    >>> print(found)
    '7' is a label of 'digits' already.
    >>> found.code, found.figures["label"]
    ('label_exists', '7')
    """

    code: str
    figures: Mapping[str, str | int]

    def __new__(cls, code: str, /, **figures: str | int) -> Self:
        """Return the sentence of a code; an unknown code, or a missing figure, is a bug and raises KeyError."""
        made = super().__new__(cls, SENTENCES[code].format_map(figures))
        made.code, made.figures = code, figures
        return made

    def __reduce__(self) -> tuple[Callable[..., Problem], tuple[str, Mapping[str, str | int]]]:
        """Return what pickle makes it of again: an error may go from one process to another."""
        return _again, (self.code, self.figures)


def renamed(problem: str, names: Mapping[str, str]) -> str:
    """Return a problem whose figures say other names than ours, such as the one that a visitor gave a file."""
    if not isinstance(problem, Problem):
        return _renamed(problem, names)
    return Problem(
        problem.code, **{key: _renamed(one, names) if isinstance(one, str) else one for key, one in problem.figures.items()}
    )


def failure(reason: str) -> dict[str, Any]:
    """Return what the row of a failed run keeps of its reason."""
    coded = {"code": reason.code, "figures": dict(reason.figures)} if isinstance(reason, Problem) else {}
    return {"reason": str(reason), **coded}


def recognised(text: str) -> list[Problem]:
    """Return the problems whose English sentences a row keeps, one after the other; [] where it says something else."""
    found: list[Problem] = []
    while text:
        matches = [(code, match) for code, sentence in _sentences_of_rows() if (match := sentence.match(text))]
        if not matches:
            return []
        code, match = matches[0]
        found.append(Problem(code, **match.groupdict()))
        text = text[match.end() :].lstrip()
    return found


@cache
def _sentences_of_rows() -> list[tuple[str, re.Pattern[str]]]:
    """Return what recognises the sentence of each code, the longest first: one may begin as another does."""
    codes = sorted((code for code in SENTENCES if code.startswith(OF_ROWS)), key=lambda code: -len(SENTENCES[code]))
    return [(code, re.compile(_pattern(SENTENCES[code]))) for code in codes]


def _pattern(sentence: str) -> str:
    return "".join(re.escape(text) + (f"(?P<{name}>.+?)" if name else "") for text, name, _, _ in Formatter().parse(sentence))


def _renamed(text: str, names: Mapping[str, str]) -> str:
    for ours, theirs in names.items():
        text = text.replace(ours, theirs)
    return text


def _again(code: str, figures: Mapping[str, str | int]) -> Problem:
    return Problem(code, **figures)
