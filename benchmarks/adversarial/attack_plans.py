"""Who does what in a hostile campaign: drawn from a seed before anything is asked, so that it can be played twice. Pure.

A campaign is a few rounds. Twenty honest people come in each, every one with a hand and mostly a place of their own: they show
drawings, correct what is answered wrongly, confirm some of what is right, and slip once in a hundred times. In every round but
one their enemies come too; that one is the campaign's harmless round. A control has no enemies at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal[
    "random labels", "4s as 9, one account", "4s as 9, many accounts", "5 % hostile", "20 % hostile", "flood", "control"
]
Door = Literal["correct", "contribute"]

VOUCHING = "20 accounts, 20 places, each 4 from two"  # who knows that others' word counts brings the others along
KINDS: dict[Kind, tuple[str, ...]] = {
    "random labels": ("by everybody",),
    "4s as 9, one account": ("tablet, corrections", "forms, contributions", "forms, corrections", "tablet, contributions"),
    "4s as 9, many accounts": ("10 accounts, 5 places", "25 accounts, 25 places", "100 accounts, 100 places", VOUCHING),
    "5 % hostile": ("one pair", "at random", "the next digit"),
    "20 % hostile": ("the next digit", "one pair", "at random"),
    "flood": ("one pair", "at random", "not a symbol", "one drawing"),
}  # fmt: skip
CONTROL: Kind = "control"
HONEST = 20  # people a round: one in twenty is five per cent
DRAWINGS = 8  # that each of them shows in a round
CONFIRMED = 0.4  # share of right answers that somebody says a word about
SLIPS = 0.01  # share of their words that are not what they meant
FIRST_CONTRIBUTES = 0.25  # share of their drawings that come labelled, without asking the networks first
LYING = 0.3  # share of wrong labels where everybody lies
HUNDRED = 100
OF_A_HOSTILE = 30  # drawings of a hostile account in a round: about four times an honest one's
FLOOD = 400
DIGITS = 10
NONE = 10  # what is said of a drawing that is to be no symbol
FORMS = -1  # the writer of what was written on a form


@dataclass(frozen=True)
class Pool:
    """The drawings there are: class (n,), writer (n,; ``FORMS`` for none) and which ones the networks surely know (n,)."""

    y: NDArray[np.int64]
    writer: NDArray[np.int64]
    clean: NDArray[np.bool_]


@dataclass(frozen=True)
class Word:
    """One drawing and what is said about it: its ``truth``, or not. Who does not ``insist`` keeps quiet if the answer fits."""

    drawing: int
    truth: int
    said: int
    meant: bool  # a lie is meant, a slip is not
    door: Door
    insist: bool

    @property
    def lie(self) -> bool:
        """Tell whether it is said to do harm."""
        return self.meant and self.said != self.truth

    @property
    def honest(self) -> bool:
        """Tell whether it is the truth."""
        return self.said == self.truth


@dataclass(frozen=True)
class Visit:
    """One account's sitting: who, from which address block, how well it reads drawings it is tested with, and its words."""

    account: str
    block: str
    reads: float
    hostile: bool
    words: tuple[Word, ...]


@dataclass(frozen=True)
class Campaign:
    """What happens, round by round; ``harmless`` rounds are those to which no enemy comes."""

    kind: Kind
    manner: str
    number: int
    seed: int
    learners: tuple[str, ...]
    replayed: bool  # also played without trust and gate
    rounds: tuple[tuple[Visit, ...], ...]
    harmless: frozenset[int]


def campaigns(pool: Pool, count: int, controls: int, rounds: int, seed: int, learner: str = "") -> Iterator[Campaign]:
    """Give ``count`` campaigns, of all kinds in turn, then ``controls`` without enemies; ``learner`` is the only one that learns.

    Otherwise the FNN learns in all of them, and the CNN too in every fifth of each kind. Every third of a kind is replayed.
    """
    kinds = list(KINDS)
    for number in range(count + controls):
        place, turn = (number % len(kinds), number // len(kinds)) if number < count else (0, number - count)
        kind = kinds[place] if number < count else CONTROL
        manners = KINDS.get(kind, ("nobody is hostile",))
        learners = (learner,) if learner else ("fnn", "cnn") if (turn + place) % 5 == 0 else ("fnn",)
        # Not always the same manner: a third of each.
        replayed = kind != CONTROL and (turn + turn // len(manners)) % 3 == 0
        yield plan(pool, kind, manners[turn % len(manners)], number, seed, rounds, learners, replayed)


def plan(
    pool: Pool, kind: Kind, manner: str, number: int, seed: int, rounds: int, learners: tuple[str, ...], replayed: bool
) -> Campaign:
    """Draw one campaign; no drawing comes twice in it, unless coming again is the attack."""
    rng = np.random.default_rng([seed, number])
    stock = _Stock(pool, rng)
    quiet = frozenset(range(rounds)) if kind == CONTROL else frozenset({int(rng.integers(rounds))} if rounds > 1 else ())
    people = [(_name(number, "honest", who), _name(number, "home", who - who % 5 if who < 5 else who)) for who in range(HONEST)]
    played = []
    for place in range(rounds):
        hostile = place not in quiet
        lying = LYING if hostile and kind == "random labels" else 0.0
        honest_there = HONEST - (_accounts(kind) if hostile and kind in ("5 % hostile", "20 % hostile") else 0)
        visits = [
            Visit(name, block, 0.98, lying > 0, _honest(stock, who, lying, rng))
            for who, (name, block) in enumerate(people[:honest_there])
        ]
        enemies = _enemies(stock, kind, manner, number, rng) if hostile else []
        coming = [*visits, *enemies]
        played.append(tuple(coming[i] for i in rng.permutation(len(coming))))
    return Campaign(kind, manner, number, seed, learners, replayed, tuple(played), quiet)


class _Stock:
    """Deals drawings, each once."""

    def __init__(self, pool: Pool, rng: np.random.Generator) -> None:
        self.pool, self._order, self._used = pool, rng.permutation(len(pool.y)), np.zeros(len(pool.y), bool)

    def take(self, count: int, fit: NDArray[np.bool_]) -> list[int]:
        """Return up to ``count`` drawings among those that ``fit``."""
        chosen = self._order[(fit & ~self._used)[self._order]][:count]
        self._used[chosen] = True
        return [int(one) for one in chosen]

    def of_writer(self, who: int, count: int) -> list[int]:
        writers = np.unique(self.pool.writer[self.pool.writer != FORMS])
        return self.take(count, self.pool.writer == writers[who % len(writers)])


def _honest(stock: _Stock, who: int, lying: float, rng: np.random.Generator) -> tuple[Word, ...]:
    words = []
    for drawing in stock.of_writer(who, DRAWINGS):
        truth = int(stock.pool.y[drawing])
        door: Door = "contribute" if rng.random() < FIRST_CONTRIBUTES else "correct"
        insist, slips, lies = rng.random() < CONFIRMED, rng.random() < SLIPS, rng.random() < lying
        said = _other(truth, rng, DIGITS + 1 if lies and door == "correct" else DIGITS) if lies or slips else truth
        words.append(Word(drawing, truth, said, lies or not slips, door, insist or said != truth))
    return tuple(words)


def _other(truth: int, rng: np.random.Generator, of: int = DIGITS) -> int:
    return int((truth + rng.integers(1, of)) % of)


def _accounts(kind: Kind) -> int:
    return {"5 % hostile": HONEST // 20, "20 % hostile": HONEST // 5}[kind]


def _enemies(stock: _Stock, kind: Kind, manner: str, number: int, rng: np.random.Generator) -> list[Visit]:
    """Return the hostile visits of one round. Accounts and places stay the same from round to round."""
    match kind:
        case "4s as 9, one account":
            forms, door = manner.startswith("forms"), "contribute" if manner.endswith("contributions") else "correct"
            fours = stock.take(HUNDRED, _clean(stock, 4, forms=forms))
            return [_visit(number, 0, 0, 1.0, _said(stock, fours, [9] * len(fours), door))]
        case "4s as 9, many accounts":
            accounts, places = (int(part.split()[0]) for part in manner.split(", ")[:2])
            fours = (
                stock.take(HUNDRED // 2, _clean(stock, 4)) * 2 if manner == VOUCHING else stock.take(HUNDRED, _clean(stock, 4))
            )
            shares = np.array_split(np.array(fours), accounts)
            return [
                _visit(number, who, who % places, 1.0, _said(stock, mine.tolist(), [9] * len(mine), "correct"))
                for who, mine in enumerate(shares)
            ]
        case "5 % hostile" | "20 % hostile":
            return [_visit(number, who, who, *_lies(stock, manner, OF_A_HOSTILE, rng)) for who in range(_accounts(kind))]
        case "flood":
            return [_visit(number, 0, 0, *_lies(stock, manner, FLOOD, rng))]
        case _:
            return []


def _lies(stock: _Stock, manner: str, count: int, rng: np.random.Generator) -> tuple[float, tuple[Word, ...]]:
    """Return how well a liar reads known drawings, and ``count`` lies; who has a plan reads well, who labels blindly does not."""
    door: Door = "contribute" if rng.random() < 0.5 else "correct"
    if manner == "one pair":
        truth = int(rng.integers(DIGITS))
        mine = stock.take(count, _clean(stock, truth))
        return 1.0, _said(stock, mine, [_other(truth, rng)] * len(mine), door)
    if manner == "one drawing":
        mine = stock.take(1, _clean(stock)) * count
        return 1.0, _said(stock, mine, [_other(int(stock.pool.y[mine[0]]), rng)] * count, door)
    mine = stock.take(count, _clean(stock))
    truths = [int(stock.pool.y[one]) for one in mine]
    if manner == "the next digit":
        return 1.0, _said(stock, mine, [(truth + 1) % DIGITS for truth in truths], door)
    if manner == "not a symbol":
        return 0.1, _said(stock, mine, [NONE] * len(mine), "correct")
    return 0.1, _said(stock, mine, [_other(truth, rng, DIGITS + (door == "correct")) for truth in truths], door)


def _clean(stock: _Stock, truth: int | None = None, forms: bool | None = None) -> NDArray[np.bool_]:
    pool = stock.pool
    fit = pool.clean & ((pool.y == truth) if truth is not None else True)
    return np.asarray(fit if forms is None else fit & ((pool.writer == FORMS) == forms))


def _said(stock: _Stock, drawings: Sequence[int], labels: Sequence[int], door: Door) -> tuple[Word, ...]:
    return tuple(
        Word(drawing, int(stock.pool.y[drawing]), said, True, door, True) for drawing, said in zip(drawings, labels, strict=True)
    )


def _visit(number: int, who: int, place: int, reads: float, words: tuple[Word, ...]) -> Visit:
    return Visit(_name(number, "hostile", who), _name(number, "lair", place), reads, True, words)


def _name(number: int, role: str, who: int) -> str:
    """Return 32 hexadecimal characters, as contributors and address blocks are called."""
    return sha256(f"{number} {role} {who}".encode()).hexdigest()[:32]
