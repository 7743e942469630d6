"""A symbol set: the labels a network tells apart. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from functions.errors import BadLabel, BadSettings

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class SymbolSet:
    """A named, ordered list of labels; a network's output ``i`` means ``labels[i]``."""

    name: str
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise BadSettings(f"A symbol set's name is lower-case letters, digits and '-': {self.name!r} is not.")
        if len(self.labels) < 2 or len(set(self.labels)) != len(self.labels):
            raise BadSettings(f"The symbol set {self.name!r} needs at least two labels, each once.")

    def index(self, label: str) -> int:
        """Return the output that stands for ``label``.

        Raises:
            BadLabel: the set has no such label.
        """
        try:
            return self.labels.index(label)
        except ValueError:
            raise BadLabel(f"{label!r} is not a label of {self.name!r}; its labels are {' '.join(self.labels)}.") from None
