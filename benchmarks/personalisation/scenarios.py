"""Count the gains and losses of personalisation in each scenario."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.personalisation.personal_model import Count, Head, Seen, answers
from functions.domain.personalisation import REACH, STRENGTH
from functions.serving.visitor_examples import NEWEST

AFTER = (1, 3, 10)  # own corrections
DRAWS = 10  # random choices of the corrections
REACHES = (0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9)
STRENGTHS = (2, 3, 4, 5, 6, 8, 12)
WORTH = 10  # mended answers that one broken one outweighs
JUDGED, NEXT = 36, 24  # characters of a person: judged, and answered afterwards
TESTED = 1500  # characters for each test of strangers' corrections


def after(writers: Sequence[Seen], head: Head, corrections: int, *, slip: bool = False) -> Count:
    """Let each writer with enough errors correct some of them, and count the answers to the other drawings."""
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
    """Let each writer draw all drawings and correct wrong answers; with ``everything``, also confirm right answers."""
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
    """Let each writer label all drawings of one label only, for each label, and count the answers to the others."""
    count = Count()
    for seen in writers:
        before = answers(seen.outputs)
        for label in range(seen.labels):
            own, asked = np.flatnonzero(seen.y == label), np.flatnonzero(seen.y != label)
            count = count.plus(before[asked] == seen.y[asked], head.answers(seen, asked, own) == seen.y[asked])
    return count


def judged(people: Sequence[Seen], head: Head, *, as_one: bool) -> Count:
    """Let each person judge some drawings, right or wrong, and count the answers to the next; ``as_one``: confusable labels."""
    count = Count()
    for number, seen in enumerate(people):
        rng = np.random.default_rng(number)
        for _ in range(DRAWS):
            order = rng.permutation(len(seen))
            shown = min(JUDGED, int(0.6 * len(seen)))
            own, asked = order[:shown], order[shown : shown + NEXT]
            given, y = (answers(seen.outputs)[asked], head.answers(seen, asked, own)), seen.y[asked]
            count = count.plus(*(head.alike[y, one] > 0 if as_one else one == y for one in given))
    return count


def strangers(seen: Seen, head: Head, corrections: int) -> Count:
    """Let each correction come from another person, and count the answers to other people's drawings."""
    count, before = Count(), answers(seen.outputs)
    wrong = np.flatnonzero(before != seen.y)
    for draw in range(DRAWS):
        rng = np.random.default_rng(draw)
        own = rng.permutation(wrong)[:corrections]
        asked = np.setdiff1d(rng.permutation(len(seen))[:TESTED], own)
        count = count.plus(before[asked] == seen.y[asked], head.answers(seen, asked, own) == seen.y[asked])
    return count


def choose(writers: Sequence[Seen]) -> None:
    """Print the mended and broken answers of each pair of constants; a broken answer outweighs ten mended ones."""
    found = []
    for reach in REACHES:
        for strength in STRENGTHS:
            worth, lines = 0, []
            for slip in (False, True):
                counts = [after(writers, Head(np.eye(11), strength, reach), corrections, slip=slip) for corrections in AFTER]
                mended, broken = sum(one.mended for one in counts), sum(one.broken for one in counts)
                worth += mended - WORTH * broken
                lines.append(f"{mended:5,} mended, {broken:5,} broken")
            found.append((worth, reach, strength))
            print(f"  reach {reach:.2f}, strength {strength:2}: {lines[0]}; with a slip {lines[1]}", flush=True)
    print(f"  best: reach {max(found)[1]}, strength {max(found)[2]}; used: {REACH}, {STRENGTH:g}")


def seconds(seen: Seen, head: Head) -> Iterator[str]:
    """Time how long an answer takes more with the largest number of own drawings."""
    own, asked = np.arange(NEWEST), np.array([NEWEST])
    began = time.perf_counter()
    for _ in range(200):
        head.answers(seen, asked, own)
    yield f"{1000 * (time.perf_counter() - began) / 200:.2f} ms more for an answer with {NEWEST} own drawings"
