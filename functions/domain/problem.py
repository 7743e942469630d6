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
    "set_unknown": "There is no symbol set called {name!r}.",
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
    "temporary_full": "The disk for temporary files is full.",
    "disk_full": "The disk of INKLOOP_HOME is full.",
    "database_readonly": "The database cannot be written just now.",
    "outbox_full": "Too many drawings wait for the object store, which cannot be reached; try again later.",
    "check_slow": "The check of the database and the disk takes longer than {seconds} seconds.",
    # why a run failed
    "worker_stopped": "The worker stopped in the middle, three times.",
    "worker_error": "Something went wrong in the worker; see its log.",
    "run_ended": "This run has ended already.",
    "database_undone": "The database has undone this; try again.",
    "no_pyarrow": "Parquet needs pyarrow on this machine: pip install -r requirements-parquet.txt",
    "no_foundation": "There is no {learner} of another symbol set that a first one could begin from.",
    "no_snapshot": "The set {name!r} has no snapshot of that name.",
    "export_idx_labels": "IDX counts at most {most} labels; this set has {count}. NPZ has room for more.",
    "shared_missing": "A file of the training's drawings is missing in the object store.",
    "shared_changed": "A file of the training's drawings is not the one that was written.",
    "cluster_release": "A node of the Ray cluster has another release than the worker: {name} {ours}, not {theirs}.",
    "version_unknown": "There is no version with that id.",
    "object_missing": "There is no such object.",
    "store_unwritten": "The store says that it has written an object, and does not have it.",
    "store_undeleted": "The store says that it has deleted an object, and still has it.",
    "store_folder": "The folder of drawings cannot be used just now: {answer}.",
    "bucket_busy": "The bucket is busy with this object; try again.",
    "bucket_refused": "The bucket refused: {answer}.",
    "bucket_away": "The bucket cannot be reached just now ({answer}).",
    # what to do about the store
    "advice_no_bucket": "There is no bucket of that name; see S3_BUCKET.",
    "advice_bucket_name": "See S3_BUCKET.",
    "advice_key_unknown": "The bucket does not know AWS_ACCESS_KEY_ID.",
    "advice_secret": "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID.",
    "advice_clock": "The clock of this machine is wrong.",
    "advice_full": "The disk of the bucket is full.",
    "advice_keys": "See AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do with the bucket.",
    "advice_set_keys": "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "advice_region": "The bucket is in another region; see AWS_REGION.",
    "advice_endpoint": "See S3_ENDPOINT_URL.",
    # why a webhook was not delivered
    "receiver_unknown": "The name of the receiver cannot be looked up.",
    "receiver_private": "The receiver is not on the public internet (INKLOOP_WEBHOOKS allows that).",
    "receiver_tls": "The receiver's certificate or TLS is refused ({answer}).",
    "receiver_slow": "The receiver does not answer in time.",
    "receiver_away": "The receiver cannot be reached ({answer}).",
    "receiver_answered": "The receiver answered {answer}.",
    "artefact_missing": "The {kind} file of version {version} is missing.",
    "artefact_changed": "The {kind} file of version {version} is not the one that was recorded.",
    "version_old": "This version was made before networks could reject what is not a symbol; it cannot answer any more.",
    # why a dataset cannot be imported
    "import_licence": "Say under which licence these drawings are, in a line: they keep it for ever.",
    "import_nothing": "There is no such file or folder.",
    "import_not_whole": "The file did not come whole within a day.",
    "import_sha256": "The file has another SHA-256 than was said: it was damaged on its way.",
    "import_archive": "The archive cannot be read ({answer}).",
    "import_many_files": "The archive has {count} files; {most} are the most.",
    "import_locked": "The archive is locked with a password.",
    "import_overlap": "The files of the archive overlap: it is a bomb.",
    "import_path": "The archive has the path {name!r}, which leads out of it; nothing was imported.",
    "import_archive_bomb": "{name!r} inflates more than {times}-fold: the archive is a bomb.",
    "import_bomb": "{name!r} inflates more than {times}-fold: it is a bomb.",
    "import_in_archive": "{name!r} cannot be read from the archive ({answer}).",
    "import_cut_off": "{name!r} cannot be read to its end ({answer}).",
    "import_pair_cut_off": "{name!r} or {partner!r} cannot be read to its end ({answer}).",
    "import_pair_longer": "{name!r} or {partner!r} is longer than its head says.",
    "import_no_partner": "{name!r} has no {partner!r} beside it.",
    "import_pair_differs": "{name!r} and {partner!r} have different numbers of drawings.",
    "import_ends": "{name!r} ends after {number} of {count} drawings.",
    "import_npz_empty": "The NPZ has no array 'x_train' or another 'x_'.",
    "import_npz_partner": "The NPZ has {name!r} and not {partner!r}.",
    "import_npz_squares": "{name!r} must be bytes of the shape (n, 28, 28); it is {kind} of {shape}.",
    "import_npz_labels": "{name!r} must be {count} whole numbers; it is {kind} of {shape}.",
    "import_npz_words": "The array 'labels' must be a list of words.",
    "import_npz_words_cut_off": "The array 'labels' cannot be read ({answer}).",
    "import_npz_words_end": "The array 'labels' ends too early.",
    "import_no_array": "{name!r} is not an array of NumPy ({answer}).",
    "import_objects": "{name!r} holds Python objects, which could run code; such an array is never opened.",
    "import_columns_order": "{name!r} is stored by columns; save it in C order.",
    "import_no_idx": "{name!r} is no IDX file.",
    "import_idx_squares": "{name!r} is not an IDX file of 28 x 28 bytes for each drawing.",
    "import_idx_labels": "{name!r} is not an IDX file of bytes for each drawing.",
    "import_no_parquet": "{name!r} is not Parquet ({answer}).",
    "import_columns": "{name!r} has the columns {columns}. It must have a column 'image' with 'bytes', and a column 'label' of "
    "whole numbers or words.",
    "import_figures": "{name!r} is damaged: its own figures do not fit together.",
    "import_long_line": "{name}, line {number} is longer than {most} bytes.",
    # why a drawing of a dataset is not imported
    "refused_blank": "nothing is drawn",
    "refused_drawing": "{answer}",
    "refused_empty": "it has neither strokes nor an image",
    "refused_folder": "the folder {label!r} is not a label of {name!r}",
    "refused_jpeg": "JPEG blurs the edges of ink; save it as PNG",
    "refused_json": "it is not JSON",
    "refused_label": "{label!r} is not a label of {name!r}",
    "refused_label_number": "its label {label} is not among the {count} labels",
    "refused_large": "it is larger than 1 MiB",
    "refused_missing": "the picture is missing",
    "refused_no_folder": "it lies in no label's folder",
    "refused_no_name": "it names no picture ('file_name')",
    "refused_no_png": "it is not a PNG",
    "refused_object": "it is not a JSON object",
    "refused_strokes_json": "its strokes are not JSON",
}


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
