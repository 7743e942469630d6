"""What is wrong, for the owner: a code and its figures, and the sentence in English. Pure.

The API, the command line and the logs read the English sentence. Pages have words of their own for each code, in each language
(``web.pages.owner_sentences``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

SENTENCES = {
    # a symbol set and its labels
    "set_name": "A symbol set's name is lower-case letters, digits and '-': {name!r} is not.",
    "set_few_labels": "The symbol set {name!r} needs at least two labels, each once.",
    "set_many_labels": "A symbol set has at most {most} labels; {name!r} would have {count}.",
    "set_title": "A title is one line of at most {longest} characters.",
    "set_goal": "The goal is a whole number of drawings of each label, from 0 to {most:,}.",
    "group_unknown": "{label!r} is in a group of confusable labels, but is not a label of {name!r}.",
    "group_twice": "{label!r} is among the confusable labels of {name!r} more than once.",
    "group_small": "A group of confusable labels of {name!r} has fewer than two.",
    "label_unknown": "{label!r} is not a label of {name!r}; its labels are {labels}.",
    "label_length": "A label has 1 to {longest} characters; {label!r} has {count}.",
    "label_invisible": "A label is one word of characters that can be seen; “{label}” is not.",
    "label_form": "The label {label!r} must be in Unicode's composed form (NFC).",
    "set_exists": "There is a symbol set called {name!r} already.",
    "label_exists": "{label!r} is a label of {name!r} already.",
    "label_in_use": "{label!r} is in use: drawings have this label, or a network knows it.",
    "labels_order": "The labels that networks know stay first, in their order.",
    "last_set": "One symbol set must stay in the menus.",
    "kept_shipped": "A set that is shipped comes back at the next start; hide it instead.",
    "kept_drawings": "Drawings are kept for this set; hide it instead.",
    "kept_networks": "Networks have learned this set; hide it instead.",
    "kept_run": "A run of this set is in progress; cancel it first.",
    # what this process cannot do now
    "database_silent": "The database does not answer.",
    "networks_loading": "No networks are loaded yet.",
    "version_unloadable": "Version {version} cannot be loaded.",
    "version_substituted": "Version {version} answers instead of version {wanted}, which cannot be loaded.",
    "disk_full": "The disk of INKLOOP_HOME is full.",
    "database_readonly": "The database cannot be written just now.",
    "outbox_full": "Too many drawings wait for the object store, which cannot be reached; try again later.",
    # why a run failed
    "worker_stopped": "The worker stopped in the middle, three times.",
    "worker_error": "Something went wrong in the worker; see its log.",
    "run_ended": "This run has ended already.",
    "store_unwritten": "The store says that it has written an object, and does not have it.",
    "store_undeleted": "The store says that it has deleted an object, and still has it.",
    "store_folder": "The folder of drawings cannot be used just now: {answer}.",
    "bucket_busy": "The bucket is busy with this object; try again.",
    "bucket_refused": "The bucket refused: {answer}.",
    "bucket_away": "The bucket cannot be reached just now ({answer}).",
    "artefact_missing": "The {kind} file of version {version} is missing.",
    "artefact_changed": "The {kind} file of version {version} is not the one that was recorded.",
}


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


def failure(reason: str) -> dict[str, Any]:
    """Return what the row of a failed run keeps of its reason."""
    coded = {"code": reason.code, "figures": dict(reason.figures)} if isinstance(reason, Problem) else {}
    return {"reason": str(reason), **coded}


def _again(code: str, figures: Mapping[str, str | int]) -> Problem:
    return Problem(code, **figures)
