"""What a visitor's own corrections are worth to them at once: the personal head, on digits drawn on a tablet.

    .venv/bin/python -m benchmarks.personalisation              # judged: writers 13 to 30, and corrections by strangers
    .venv/bin/python -m benchmarks.personalisation --choose     # how its two constants were chosen, on writers 1 to 12

Every drawing is looked at once by each network; the rest is ``functions/domain/personalisation.py`` itself. Nothing is
taught. Two bases: the shipped networks, which have seen tablets and make few errors to correct, and those of ``mnist_alone``,
which never saw one.

*After n corrections*: the visitor has corrected n wrong answers, drawn at random; all their other drawings are asked about, with
and without. *A visit*: drawings come in any order, and whatever is answered wrongly is corrected (or everything is judged, right
or wrong). *A slip*: besides, they once took a wrong button, and said of a drawing that was answered rightly that it is something
else. *All of one label*: they contributed nothing else, and draw other labels now. *Strangers*: corrections by many hands, of the
characters. In these two nothing is to be gained, and what is lost is told.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from functions.domain.answer import LEARNERS, REJECTED
from functions.domain.personalisation import REACH, STRENGTH, adapted
from functions.learners.litert import open_network, outputs_and_embedding
from functions.learners.pretraining.characters import CONFUSABLE
from functions.learners.pretraining.digits import as_drawn
from functions.learners.pretraining.sources import STROKES, read_emnist, read_writers
from functions.learners.squares import Squares
from functions.learners.squares.shipped import load_shipped
from functions.serving.embedding_output import with_embedding
from functions.serving.visitor_examples import NEWEST

ROOT = Path(__file__).resolve().parents[1]

AFTER = (1, 3, 10)  # own corrections
DRAWS = 10  # times that they are drawn at random
REACHES = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
STRENGTHS = (2, 3, 4, 5, 6, 8, 12)
WORTH = 10  # mended answers that one broken one outweighs
TESTED = 1500  # characters that strangers' corrections are tried on, each time


@dataclass(frozen=True)
class Seen:
    """Drawings as both networks see them: each learner's ``outputs`` (2, n, K + 1), embeddings (n, d) and the classes (n,)."""

    outputs: NDArray[np.float64]
    embeddings: tuple[NDArray[np.float32], ...]
    y: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.y)

    @property
    def labels(self) -> int:
        """How many labels there are."""
        return self.outputs.shape[-1] - 1


class Count(NamedTuple):
    """Errors without and with the personal head, and which of them it mended and broke; ``asked`` drawings."""

    without: int = 0
    with_it: int = 0
    mended: int = 0
    broken: int = 0
    asked: int = 0

    def plus(self, before: NDArray[np.bool_], after: NDArray[np.bool_]) -> Count:
        """Add drawings of which ``before`` and ``after`` tell whether they are answered rightly."""
        more = ((~before).sum(), (~after).sum(), (~before & after).sum(), (before & ~after).sum(), len(before))
        return Count(*(old + int(new) for old, new in zip(self, more, strict=True)))

    def __str__(self) -> str:
        cut = 100 * (self.without - self.with_it) / max(self.without, 1)
        return (
            f"{self.without:6,} -> {self.with_it:6,} errors of {self.asked:7,} ({cut:+6.1f} % fewer), "
            f"{self.mended:5,} mended, {self.broken:3,} broken"
        )


@dataclass(frozen=True)
class Head:
    """The personal head with its constants; ``alike`` (K + 1, K + 1) tells which classes a label speaks for."""

    alike: NDArray[np.float64]
    strength: float = STRENGTH
    reach: float = REACH

    def answers(
        self, seen: Seen, asked: NDArray[np.int64], own: Sequence[int] | NDArray[np.int64], said: NDArray[np.int64] | None = None
    ) -> NDArray[np.int64]:
        """Return the answers to the drawings ``asked`` of somebody whose ``own`` ones (places in ``seen``) are labelled.

        They were called what they are, or what was ``said``.
        """
        own = np.asarray(own, int)
        classes = self.alike[seen.y[own] if said is None else said]
        return answers(
            np.stack(
                [
                    adapted(outputs[asked], made[asked], made[own], classes, self.strength, self.reach)
                    for outputs, made in zip(seen.outputs, seen.embeddings, strict=True)
                ]
            )
        )


def answers(outputs: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the one answer (n,) of both learners (2, n, K + 1) as ``answer.combine`` gives it; K for what is not a symbol."""
    labels = outputs[..., :-1]
    surest = labels.max(-1).argmax(0)  # (n,)
    named = labels.argmax(-1)[surest, np.arange(len(surest))]
    return np.where(outputs[..., -1].mean(0) >= REJECTED, labels.shape[-1], named)


def see(networks: Sequence[bytes], squares: Squares) -> Seen:
    """Ask networks about every square once."""
    outputs, embeddings = [], []
    for tflite in networks:
        network = open_network(with_embedding(tflite))
        pairs = [outputs_and_embedding(network, square / np.float32(255)) for square in squares.x]
        outputs.append(np.array([given for given, _ in pairs], np.float64))
        embeddings.append(np.array([made for _, made in pairs]))
    return Seen(np.stack(outputs), tuple(embeddings), squares.y)


def after(writers: Sequence[Seen], head: Head, corrections: int, *, slip: bool = False) -> Count:
    """Let each writer who has so many errors correct some of them, and ask about everything else they drew; with a ``slip``."""
    count = Count()
    for number, seen in enumerate(writers):
        before = answers(seen.outputs)
        wrong = np.flatnonzero(before != seen.y)
        rng = np.random.default_rng(number)
        for _ in range(DRAWS if len(wrong) >= corrections else 0):
            own = rng.permutation(wrong)[:corrections]
            said = seen.y[own]
            if slip:
                one = rng.choice(np.flatnonzero(before == seen.y))
                own = np.append(own, one)
                said = np.append(said, (seen.y[one] + rng.integers(1, seen.labels)) % seen.labels)
            asked = np.setdiff1d(np.arange(len(seen)), own)
            count = count.plus(before[asked] == seen.y[asked], head.answers(seen, asked, own, said) == seen.y[asked])
    return count


def visits(writers: Sequence[Seen], head: Head, *, everything: bool) -> Count:
    """Let each writer draw all they drew, and correct what comes out wrong; with ``everything``, confirm what is right too."""
    count = Count()
    for number, seen in enumerate(writers):
        before, own = answers(seen.outputs), []
        for one in np.random.default_rng(number).permutation(len(seen)):
            place = np.array([one])
            given = head.answers(seen, place, own[-NEWEST:]) if own else before[place]
            count = count.plus(before[place] == seen.y[place], given == seen.y[place])
            if everything or given[0] != seen.y[one]:
                own.append(int(one))
    return count


def one_sided(writers: Sequence[Seen], head: Head) -> Count:
    """Let each writer label all they drew of one label and nothing else, and ask about the rest: each label in turn."""
    count = Count()
    for seen in writers:
        before = answers(seen.outputs)
        for label in range(seen.labels):
            own, asked = np.flatnonzero(seen.y == label), np.flatnonzero(seen.y != label)
            count = count.plus(before[asked] == seen.y[asked], head.answers(seen, asked, own) == seen.y[asked])
    return count


def strangers(seen: Seen, head: Head, corrections: int) -> Count:
    """Let as many hands as there are corrections correct errors, and ask about what others drew."""
    count, before = Count(), answers(seen.outputs)
    wrong = np.flatnonzero(before != seen.y)
    for draw in range(DRAWS):
        rng = np.random.default_rng(draw)
        own = rng.permutation(wrong)[:corrections]
        asked = np.setdiff1d(rng.permutation(len(seen))[:TESTED], own)
        count = count.plus(before[asked] == seen.y[asked], head.answers(seen, asked, own) == seen.y[asked])
    return count


def choose(writers: Sequence[Seen]) -> None:
    """Print what each pair of constants mends and breaks; the best mends the most, a broken answer outweighing ten."""
    found = []
    for reach in REACHES:
        for strength in STRENGTHS:
            worth, told = 0, []
            for slip in (False, True):
                counts = [after(writers, Head(np.eye(11), strength, reach), corrections, slip=slip) for corrections in AFTER]
                mended, broken = sum(one.mended for one in counts), sum(one.broken for one in counts)
                worth += mended - WORTH * broken
                told.append(f"{mended:5,} mended, {broken:5,} broken")
            found.append((worth, reach, strength))
            print(f"  reach {reach:.2f}, strength {strength:2}: {told[0]}; with a slip {told[1]}", flush=True)
    print(f"  best: reach {max(found)[1]}, strength {max(found)[2]}; used: {REACH}, {STRENGTH:g}")


def seconds(seen: Seen, head: Head) -> Iterator[str]:
    """Time what a hand of the largest size adds to an answer."""
    own, asked = np.arange(NEWEST), np.array([NEWEST])
    began = time.perf_counter()
    for _ in range(200):
        head.answers(seen, asked, own)
    yield f"{1000 * (time.perf_counter() - began) / 200:.2f} ms more for an answer with {NEWEST} own drawings"


def mnist_alone() -> list[bytes]:
    """Return the networks that never saw a tablet, exported."""
    from functions.learners.networks.architectures import build
    from functions.learners.networks.export import export, unpack

    made = []
    for learner in LEARNERS:
        weights, about = unpack((ROOT / "benchmarks" / "mnist_alone" / f"{learner}.npz").read_bytes())
        network = build(learner, len(about.labels) + 1)
        network.set_weights(weights)
        made.append(export(network, about.temperature, about.threshold))
    return made


def shipped(name: str) -> list[bytes]:
    """Return the shipped networks of a set."""
    return [load_shipped(ROOT / "models", name).artefact(learner, "tflite") for learner in LEARNERS]


def characters(data: Path) -> tuple[Seen, Head]:
    """Return EMNIST's test characters as the shipped networks see them, and the head with the set's look-alikes."""
    test = read_emnist(data / "emnist_test.npz")
    labels = load_shipped(ROOT / "models", "characters").labels
    alike = np.eye(len(labels) + 1)
    for group in CONFUSABLE:
        places = [labels.index(label) for label in group]
        alike[np.ix_(places, places)] = 1
    return see(shipped("characters"), test.squares), Head(alike)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--choose", action="store_true", help="try the constants on writers 1 to 12 instead")
    arguments = parser.parse_args()
    drawn = [as_drawn([one]) for one in read_writers(arguments.data / STROKES)]
    if arguments.choose:
        print("mnist_alone, writers 1 to 12, after 1, 3 and 10 corrections together:", flush=True)
        networks = mnist_alone()
        choose([see(networks, one) for one in drawn[:12]])
        return
    head = Head(np.eye(11))
    bases = {"mnist_alone": mnist_alone(), "shipped": shipped("digits")}
    for first, last, name in ((13, 24, "mnist_alone"), (13, 24, "shipped"), (25, 30, "mnist_alone"), (25, 30, "shipped")):
        writers = [see(bases[name], one) for one in drawn[first - 1 : last]]
        print(f"{name}, writers {first} to {last}:", flush=True)
        for corrections in AFTER:
            print(f"  after {corrections:2} corrections  {after(writers, head, corrections)}", flush=True)
        print(f"  after  3, and a slip  {after(writers, head, 3, slip=True)}", flush=True)
        print(f"  a visit, the wrong    {visits(writers, head, everything=False)}", flush=True)
        print(f"  a visit, everything   {visits(writers, head, everything=True)}", flush=True)
        print(f"  all of one label      {one_sided(writers, head)}", flush=True)
    for line in seconds(writers[0], head):
        print(f"  {line}", flush=True)
    seen, careful = characters(arguments.data)
    print("shipped characters, corrections by strangers:", flush=True)
    for corrections in AFTER:
        print(f"  after {corrections:2} corrections  {strangers(seen, careful, corrections)}", flush=True)


if __name__ == "__main__":
    main()
