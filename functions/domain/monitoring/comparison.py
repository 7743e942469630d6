"""Any two versions compared on the same drawings: by the wrong answers that each keeps, packed, or by new answers. Pure."""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHANCE = 0.05  # with a smaller probability, chance alone does not explain the difference
Classes = NDArray[np.int64]
Right = NDArray[np.bool_]  # (n,), whether each answer is correct
Errors = Mapping[int, tuple[int, int]]  # by the place of a drawing: its class, and the class that was answered


@dataclass(frozen=True)
class LabelDifference:
    """On the drawings of one label: how many only one of two versions answered correctly, and how many neither did."""

    label: str
    only_first: int
    only_second: int
    neither: int


@dataclass(frozen=True)
class Comparison:
    """Two versions on the same ``count`` drawings: how many each answered correctly, and only one of them did.

    ``chance`` is the two-sided probability of so unequal a split of these drawings if both were equally good (McNemar, exact).
    """

    count: int
    first: int
    second: int
    only_first: int
    only_second: int
    neither: int
    chance: float
    labels: tuple[LabelDifference, ...]

    @property
    def differs(self) -> bool:
        """Whether one version is better than chance explains."""
        return self.chance < CHANCE


def kept_errors(y: Classes, before: Classes, after: Classes) -> dict[str, Any]:
    """Return what a version keeps: the errors of the version before it and its own, on the same drawings of classes ``y`` (n,).

    ``drawings`` tells whether two versions were asked about the same ones.
    """
    return {
        "count": len(y),
        "drawings": zlib.crc32(np.asarray(y, "<i8").tobytes()),
        "before": _packed(y, before),
        "after": _packed(y, after),
    }


def compare_versions(
    first: Mapping[str, Any], second: Mapping[str, Any], labels: Sequence[str], *, of: tuple[str, str] = ("after", "after")
) -> Comparison | None:
    """Compare what two versions kept (``of`` says as which); None if they were asked about other drawings."""
    if (first["count"], first["drawings"]) != (second["count"], second["drawings"]):
        return None
    one, other = _unpacked(first[of[0]]), _unpacked(second[of[1]])
    split = {
        "only_first": Counter(other[place][0] for place in other.keys() - one.keys()),
        "only_second": Counter(one[place][0] for place in one.keys() - other.keys()),
        "neither": Counter(one[place][0] for place in one.keys() & other.keys()),
    }
    named = {
        name: Counter({labels[place]: count for place, count in counts.items() if place < len(labels)})
        for name, counts in split.items()
    }
    return _comparison(int(first["count"]), labels, **named)


def compare_answers(drawn: NDArray[np.str_], first: Right, second: Right) -> Comparison:
    """Compare which drawings with the labels ``drawn`` two versions answer correctly, all (n,).

    >>> found = compare_answers(np.array(["a", "a", "b"]), np.array([True, True, False]), np.array([True, False, False]))
    >>> found.first, found.second, found.only_first, found.neither
    (2, 1, 1, 1)
    """
    masks = {"only_first": first & ~second, "only_second": second & ~first, "neither": ~first & ~second}
    split = {name: Counter(map(str, drawn[mask])) for name, mask in masks.items()}
    return _comparison(len(drawn), list(dict.fromkeys(map(str, drawn))), **split)


def _comparison(
    count: int, labels: Sequence[str], only_first: Counter[str], only_second: Counter[str], neither: Counter[str]
) -> Comparison:
    lost, won, both = only_first.total(), only_second.total(), neither.total()
    wrong = only_first | only_second | neither
    return Comparison(
        count=count,
        first=count - won - both,
        second=count - lost - both,
        only_first=lost,
        only_second=won,
        neither=both,
        chance=_chance(lost, won),
        labels=tuple(
            LabelDifference(label, only_first[label], only_second[label], neither[label]) for label in labels if label in wrong
        ),
    )


def _packed(y: Classes, given: Classes) -> str:
    wrong = np.flatnonzero(y != given)
    table = np.stack([np.diff(wrong, prepend=0), y[wrong], given[wrong]]).astype("<u2")  # (3, errors); gaps compress well
    return base64.b64encode(zlib.compress(table.tobytes(), 9)).decode()


def _unpacked(packed: str) -> Errors:
    table = np.frombuffer(zlib.decompress(base64.b64decode(packed)), "<u2").reshape(3, -1).astype(np.int64)
    places = np.cumsum(table[0])
    return {int(place): (int(true), int(given)) for place, true, given in zip(places, table[1], table[2], strict=True)}


def _chance(lost: int, won: int) -> float:
    """Return the probability that a fair coin splits ``lost + won`` throws at least as unequally."""
    n, fewer = lost + won, min(lost, won)
    return min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n) if n else 1.0
