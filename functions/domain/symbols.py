"""A symbol set: the labels that a network distinguishes, and its look-alikes. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from functions.domain.problem import Problem
from functions.errors import BadLabel, BadSet

Origin = Literal["shipped", "owner"]

LONGEST_LABEL = 64  # characters, as wide as the column
LONGEST_TITLE = 64  # characters, as wide as the column
MOST_WANTED = 1_000_000  # drawings of each label; MNIST has some 7,000 of each digit
BAD_GOAL = Problem("set_goal", most=MOST_WANTED)
MOST_LABELS = 500  # EMNIST has 62, a syllabary some 200; a page can still offer so many

# Between two pictures, the second of which may follow a colour of skin or a sign of its form.
_JOINED = re.compile("(?<=[\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])\u200d(?=[\u2190-\u2bff\U0001f000-\U0001faff])")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class SymbolSet:
    """A named, ordered list of labels, and groups of ``confusable`` labels that look alike, such as ``0`` and ``O``.

    ``title`` is what people read instead of the name, "" for the name; a ``hidden`` set is in no menu. ``goal`` is the number of
    accepted drawings of each label that the owner wants, 0 for none. Sets with equal names, labels and groups are equal.

    Raises:
        BadSet: the name, the number of labels, a group, the title or the goal is not allowed.
        BadLabel: a label is not allowed.

    >>> SymbolSet("vowels", ("A", "O", "0"), confusable=(("O", "0"),)).index("O")
    1
    """

    name: str
    labels: tuple[str, ...]
    confusable: tuple[tuple[str, ...], ...] = ()
    title: str = field(default="", compare=False)
    hidden: bool = field(default=False, compare=False)
    goal: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadSet(Problem("set_name", name=self.name))
        if len(self.labels) < 2 or len(set(self.labels)) != len(self.labels):
            raise BadSet(Problem("set_few_labels", name=self.name))
        if len(self.labels) > MOST_LABELS:
            raise BadSet(Problem("set_many_labels", most=MOST_LABELS, name=self.name, count=len(self.labels)))
        for label in self.labels:
            check_label(label)
        if self.title and (len(self.title) > LONGEST_TITLE or not self.title.isprintable() or self.title != self.title.strip()):
            raise BadSet(Problem("set_title", longest=LONGEST_TITLE))
        if not 0 <= self.goal <= MOST_WANTED:
            raise BadSet(BAD_GOAL)
        self._check_groups()

    def _check_groups(self) -> None:
        grouped = Counter(label for group in self.confusable for label in group)
        if unknown := sorted(grouped.keys() - set(self.labels)):
            raise BadSet(Problem("group_unknown", label=unknown[0], name=self.name))
        if twice := [label for label, times in grouped.items() if times > 1]:
            raise BadSet(Problem("group_twice", label=twice[0], name=self.name))
        if any(len(group) < 2 for group in self.confusable):
            raise BadSet(Problem("group_small", name=self.name))

    def index(self, label: str) -> int:
        """Return the position of ``label`` in the set, or raise BadLabel."""
        try:
            return self.labels.index(label)
        except ValueError:
            raise BadLabel(Problem("label_unknown", label=label, name=self.name, labels=" ".join(self.labels))) from None


def check_label(label: str) -> None:
    """Raise BadLabel unless a label has 1 to 64 printable characters without spaces, in Unicode's composed form (NFC).

    Emoji may be joined, as a family is.

    >>> check_label("\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}")
    """
    if not 1 <= len(label) <= LONGEST_LABEL:
        raise BadLabel(Problem("label_length", longest=LONGEST_LABEL, label=label[:LONGEST_LABEL], count=len(label)))
    if not _JOINED.sub("", label).isprintable() or any(character.isspace() for character in label):
        seen = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in label)
        raise BadLabel(Problem("label_invisible", label=seen))
    if unicodedata.normalize("NFC", label) != label:
        # Two encodings of one letter would be two labels that look the same.
        raise BadLabel(Problem("label_form", label=label))
