"""The public collections that base networks learn from, and what is taken out of them first. No keras here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from functions.errors import BadSettings
from functions.learners.near_duplicates import THRESHOLD, copies, forms, nearest
from functions.learners.rehearsal import balanced
from functions.learners.squares import Squares, joined

KEPT = 5_000  # squares of the hold-out and of the rehearsal set, each; half from MNIST, half from EMNIST
ATTRIBUTION = (
    "MNIST: Yann LeCun, Corinna Cortes and Christopher J. C. Burges, CC BY-SA 3.0. "
    "EMNIST: Gregory Cohen, Saeed Afshar, Jonathan Tapson and Andre van Schaik, 'EMNIST: an extension of MNIST to "
    "handwritten letters' (2017, arXiv:1702.05373), from NIST Special Database 19."
)


@dataclass(frozen=True)
class Collection:
    """What the networks of one symbol set are made from. ``train`` has no copy of a picture of the other three."""

    train: Squares
    rehearsal: Squares
    holdout: Squares
    test: Squares  # MNIST's 10,000 test digits
    removed: dict[str, int]  # how many near duplicates were taken out, and why


def collect_digits(folder: Path, seed: int, say: Callable[[str], None], *, kept: int = KEPT) -> Collection:
    """Read MNIST and EMNIST digits from ``folder`` and divide them. EMNIST may be missing: then all is MNIST.

    ``kept`` squares each make the hold-out and the rehearsal set.

    Raises:
        BadSettings: ``folder`` has no ``mnist.npz``.
    """
    train, test = read_mnist(folder / "mnist.npz")
    pools, removed = [train], {}
    emnist = folder / "emnist_train_digits.npz"
    if emnist.exists():
        more = read_emnist_digits(emnist)
        say(f"{len(more)} EMNIST digits; looking for copies of MNIST's test digits among them...")
        copied = copies(more.x, test.x)
        removed["EMNIST, copies of MNIST test"] = int(copied.sum())
        pools.append(more.take(~copied))
    rng = np.random.default_rng(seed)
    holdout, pools = _draw(pools, kept, rng)
    candidates, pools = _draw(pools, kept * 6 // 5, rng)
    rest = joined(pools)
    say(f"{len(rest)} squares left to train on; looking for copies of the hold-out and rehearsal squares among them...")
    # The same digit may be in both, once from MNIST and once from EMNIST, hardly more often.
    twins = copies(candidates.x, holdout.x, count=2)
    removed["rehearsal, copies of hold-out"] = int(twins.sum())
    apart = candidates.take(~twins)
    rehearsal = apart.take(balanced(apart.y, kept, rng))
    kept_apart = joined([holdout, rehearsal])
    copied = copies(rest.x, kept_apart.x)
    removed["train, copies of hold-out or rehearsal"] = int(copied.sum())
    return Collection(rest.take(~copied), _filled(rehearsal, rest.take(copied), holdout, kept), holdout, test, removed)


def read_mnist(path: Path) -> tuple[Squares, Squares]:
    """Return MNIST's (training, test) squares from an npz as Keras distributes it.

    Raises:
        BadSettings: there is no such file.
    """
    if not path.exists():
        raise BadSettings(f"{path} is missing; `python -m functions.cli fetch-mnist {path.parent}` downloads it.")
    with np.load(path, allow_pickle=False) as arrays:
        return (
            Squares(arrays["x_train"], arrays["y_train"].astype(np.int64)),
            Squares(arrays["x_test"], arrays["y_test"].astype(np.int64)),
        )


def read_emnist_digits(path: Path) -> Squares:
    """Return EMNIST's digits from an npz with ``images`` and ``labels_47`` (0..9 are the digits)."""
    with np.load(path, allow_pickle=False) as arrays:
        digits = arrays["labels_47"] < 10
        return Squares(arrays["images"][digits], arrays["labels_47"][digits].astype(np.int64))


def _filled(rehearsal: Squares, spare: Squares, holdout: Squares, count: int) -> Squares:
    """Fill labels that lost many to the hold-out's copies (ones: a straight line is like any other) with ``spare`` squares.

    Those were taken out of training because they are like a rehearsal square; they must not be like one of the hold-out.
    """
    spare = spare.take(nearest(forms(spare.x), forms(holdout.x), 1)[0][:, 0] < THRESHOLD)
    labels, counts = np.unique(rehearsal.y, return_counts=True)
    missing = dict(zip(labels.tolist(), (count // len(labels) - counts).tolist(), strict=True))
    more = [np.flatnonzero(spare.y == label)[: max(0, missing[label])] for label in missing]
    return joined([rehearsal, spare.take(np.concatenate(more))])


def _draw(pools: list[Squares], count: int, rng: np.random.Generator) -> tuple[Squares, list[Squares]]:
    """Take ``count`` squares out of the pools, evenly from each, class-balanced, in random order; return them and the rest."""
    drawn, rest = [], []
    for pool in pools:
        chosen = np.zeros(len(pool), bool)
        chosen[balanced(pool.y, count // len(pools), rng)] = True
        drawn.append(pool.take(chosen))
        rest.append(pool.take(~chosen))
    together = joined(drawn)
    return together.take(rng.permutation(len(together))), rest
