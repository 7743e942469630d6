"""Plan hostile campaigns: who says what about which drawing. Pure.

A seed draws the whole plan before the platform answers, so a campaign can be played twice. A campaign has a few rounds. Twenty
honest people come in each round; each has a writing style and mostly an address block of their own. They show drawings, correct
wrong answers, confirm some right answers, and make a mistake in one of a hundred statements. Attackers come in every round but
one: the harmless round. A control campaign has no attackers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["random labels", "a pair, one account", "a pair, many accounts", "5 % hostile", "20 % hostile", "flood", "control"]
Route = Literal["correct", "contribute"]

AGREEING = "20 accounts, 20 places, each 4 from two"  # two accounts at different addresses state the same wrong label
KINDS: dict[Kind, tuple[str, ...]] = {
    "random labels": ("by everybody",),
    "a pair, one account": ("tablet, corrections", "forms, contributions", "forms, corrections", "tablet, contributions"),
    "a pair, many accounts": ("10 accounts, 5 places", "25 accounts, 25 places", "100 accounts, 100 places", AGREEING),
    "5 % hostile": ("one pair", "at random", "the next digit"),
    "20 % hostile": ("the next digit", "one pair", "at random"),
    "flood": ("one pair", "at random", "not a symbol", "one drawing"),
}  # fmt: skip
CONTROL: Kind = "control"
HONEST = 20  # people a round: one in twenty is five per cent
DRAWINGS = 8  # that each of them shows in a round
CONFIRMED = 0.4  # share of right answers that people confirm
MISTAKES = 0.01  # share of honest people's statements with an unintended label
FIRST_CONTRIBUTES = 0.25  # share of drawings that are contributed with a label
LYING = 0.3  # share of wrong labels in the kind "random labels"
MISLABELLED = 100  # drawings of one label that are called another in a round
HOSTILE_DRAWINGS = 30  # drawings of a hostile account in a round: about four times an honest one's
FLOOD = 400
FORMS = -1  # the "writer" of digits from forms


@dataclass(frozen=True)
class DrawingPool:
    """All drawings: class (n,), writer (n,; ``FORMS`` for none) and whether the networks are sure of the class (n,).

    There are ``labels`` classes; the class after the last is "not a symbol". Attacks on one label use the ``pairs`` in turn: the
    true class and the stated one.
    """

    y: NDArray[np.int64]
    writer: NDArray[np.int64]
    clean: NDArray[np.bool_]
    labels: int = 10
    pairs: tuple[tuple[int, int], ...] = ((4, 9),)


@dataclass(frozen=True)
class Statement:
    """A drawing, its true class and the stated ``label``. With ``confirms`` the label is also stated if it is the answer."""

    drawing: int
    truth: int
    label: int
    deliberate: bool  # a lie is deliberate, a mistake is not
    route: Route
    confirms: bool

    @property
    def lie(self) -> bool:
        """Tell whether the label is wrong on purpose."""
        return self.deliberate and self.label != self.truth

    @property
    def honest(self) -> bool:
        """Tell whether the label is the true class."""
        return self.label == self.truth


@dataclass(frozen=True)
class Visit:
    """One account's statements in a round, its address block, and its share of right answers to gold questions."""

    account: str
    block: str
    gold_accuracy: float
    hostile: bool
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Campaign:
    """The visits of each round; no attacker comes in a ``harmless`` round."""

    kind: Kind
    variant: str
    number: int
    seed: int
    learners: tuple[str, ...]
    replayed: bool  # also played without trust and gate
    rounds: tuple[tuple[Visit, ...], ...]
    harmless: frozenset[int]


def campaigns(pool: DrawingPool, count: int, controls: int, rounds: int, seed: int, learner: str = "") -> Iterator[Campaign]:
    """Yield ``count`` campaigns, of all kinds in turn, then ``controls`` without attackers; only ``learner`` is trained.

    Without ``learner`` the FNN is trained in all, and the CNN in every fifth of each kind. Every third of a kind is replayed.
    """
    kinds = list(KINDS)
    for number in range(count + controls):
        place, turn = (number % len(kinds), number // len(kinds)) if number < count else (0, number - count)
        kind = kinds[place] if number < count else CONTROL
        variants = KINDS.get(kind, ("nobody is hostile",))
        learners = (learner,) if learner else ("fnn", "cnn") if (turn + place) % 5 == 0 else ("fnn",)
        # The second term varies which variants are replayed: a third of each.
        replayed = kind != CONTROL and (turn + turn // len(variants)) % 3 == 0
        variant, pair = variants[turn % len(variants)], pool.pairs[turn % len(pool.pairs)]
        yield plan(pool, kind, variant, number, seed, rounds, learners, replayed, pair)


def plan(
    pool: DrawingPool,
    kind: Kind,
    variant: str,
    number: int,
    seed: int,
    rounds: int,
    learners: tuple[str, ...],
    replayed: bool,
    pair: tuple[int, int],
) -> Campaign:
    """Draw one campaign. No drawing comes twice, unless the repetition is the attack."""
    rng = np.random.default_rng([seed, number])
    unused = _UnusedDrawings(pool, rng)
    harmless = frozenset(range(rounds)) if kind == CONTROL else frozenset({int(rng.integers(rounds))} if rounds > 1 else ())
    people = [(_name(number, "honest", who), _name(number, "home", who - who % 5 if who < 5 else who)) for who in range(HONEST)]
    played = []
    for place in range(rounds):
        hostile = place not in harmless
        lying = LYING if hostile and kind == "random labels" else 0.0
        honest_there = HONEST - (_accounts(kind) if hostile and kind in ("5 % hostile", "20 % hostile") else 0)
        visits = [
            Visit(name, block, 0.98, lying > 0, _honest(unused, who, lying, rng))
            for who, (name, block) in enumerate(people[:honest_there])
        ]
        attackers = _attackers(unused, kind, variant, number, pair, rng) if hostile else []
        visits += attackers
        played.append(tuple(visits[i] for i in rng.permutation(len(visits))))
    return Campaign(kind, variant, number, seed, learners, replayed, tuple(played), harmless)


class _UnusedDrawings:
    """Draws drawings without replacement."""

    def __init__(self, pool: DrawingPool, rng: np.random.Generator) -> None:
        self.pool, self._order, self._used = pool, rng.permutation(len(pool.y)), np.zeros(len(pool.y), bool)

    def take(self, count: int, fit: NDArray[np.bool_]) -> list[int]:
        """Return up to ``count`` unused drawings that ``fit`` (n,)."""
        chosen = self._order[(fit & ~self._used)[self._order]][:count]
        self._used[chosen] = True
        return [int(one) for one in chosen]

    def of_writer(self, who: int, count: int) -> list[int]:
        writers = np.unique(self.pool.writer[self.pool.writer != FORMS])
        return self.take(count, self.pool.writer == writers[who % len(writers)])


def _honest(unused: _UnusedDrawings, who: int, lying: float, rng: np.random.Generator) -> tuple[Statement, ...]:
    statements = []
    for drawing in unused.of_writer(who, DRAWINGS):
        truth = int(unused.pool.y[drawing])
        route: Route = "contribute" if rng.random() < FIRST_CONTRIBUTES else "correct"
        confirms, mistaken, lies = rng.random() < CONFIRMED, rng.random() < MISTAKES, rng.random() < lying
        label = _other(truth, rng, unused.pool.labels + (lies and route == "correct")) if lies or mistaken else truth
        statements.append(Statement(drawing, truth, label, lies or not mistaken, route, confirms or label != truth))
    return tuple(statements)


def _other(truth: int, rng: np.random.Generator, of: int) -> int:
    return int((truth + rng.integers(1, of)) % of)


def _accounts(kind: Kind) -> int:
    return {"5 % hostile": HONEST // 20, "20 % hostile": HONEST // 5}[kind]


def _attackers(
    unused: _UnusedDrawings, kind: Kind, variant: str, number: int, pair: tuple[int, int], rng: np.random.Generator
) -> list[Visit]:
    """Return the hostile visits of one round. Accounts and address blocks stay the same from round to round."""
    truth, stated = pair
    match kind:
        case "a pair, one account":
            forms, route = variant.startswith("forms"), "contribute" if variant.endswith("contributions") else "correct"
            attacked = unused.take(MISLABELLED, _clean(unused, truth, forms=forms))
            return [_visit(number, 0, 0, 1.0, _statements(unused, attacked, [stated] * len(attacked), route))]
        case "a pair, many accounts":
            accounts, places = (int(part.split()[0]) for part in variant.split(", ")[:2])
            attacked = (
                unused.take(MISLABELLED // 2, _clean(unused, truth)) * 2
                if variant == AGREEING
                else unused.take(MISLABELLED, _clean(unused, truth))
            )
            shares = np.array_split(np.array(attacked), accounts)
            return [
                _visit(number, who, who % places, 1.0, _statements(unused, mine.tolist(), [stated] * len(mine), "correct"))
                for who, mine in enumerate(shares)
            ]
        case "5 % hostile" | "20 % hostile":
            return [_visit(number, who, who, *_lies(unused, variant, HOSTILE_DRAWINGS, rng)) for who in range(_accounts(kind))]
        case "flood":
            return [_visit(number, 0, 0, *_lies(unused, variant, FLOOD, rng))]
        case _:
            return []


def _lies(unused: _UnusedDrawings, variant: str, count: int, rng: np.random.Generator) -> tuple[float, tuple[Statement, ...]]:
    """Return the accuracy on gold questions, and ``count`` lies. Only attackers who label at random have a low accuracy."""
    route: Route = "contribute" if rng.random() < 0.5 else "correct"
    if variant == "one pair":
        truth = int(rng.integers(unused.pool.labels))
        mine = unused.take(count, _clean(unused, truth))
        return 1.0, _statements(unused, mine, [_other(truth, rng, unused.pool.labels)] * len(mine), route)
    if variant == "one drawing":
        mine = unused.take(1, _clean(unused)) * count
        return 1.0, _statements(unused, mine, [_other(int(unused.pool.y[mine[0]]), rng, unused.pool.labels)] * count, route)
    mine = unused.take(count, _clean(unused))
    truths = [int(unused.pool.y[one]) for one in mine]
    if variant == "the next digit":
        return 1.0, _statements(unused, mine, [(truth + 1) % unused.pool.labels for truth in truths], route)
    if variant == "not a symbol":
        return 0.1, _statements(unused, mine, [unused.pool.labels] * len(mine), "correct")
    of = unused.pool.labels + (route == "correct")
    return 0.1, _statements(unused, mine, [_other(truth, rng, of) for truth in truths], route)


def _clean(unused: _UnusedDrawings, truth: int | None = None, forms: bool | None = None) -> NDArray[np.bool_]:
    pool = unused.pool
    fit = pool.clean & ((pool.y == truth) if truth is not None else True)
    return np.asarray(fit if forms is None else fit & ((pool.writer == FORMS) == forms))


def _statements(unused: _UnusedDrawings, drawings: Sequence[int], labels: Sequence[int], route: Route) -> tuple[Statement, ...]:
    return tuple(
        Statement(drawing, int(unused.pool.y[drawing]), label, True, route, True)
        for drawing, label in zip(drawings, labels, strict=True)
    )


def _visit(number: int, who: int, place: int, gold_accuracy: float, statements: tuple[Statement, ...]) -> Visit:
    return Visit(_name(number, "hostile", who), _name(number, "lair", place), gold_accuracy, True, statements)


def _name(number: int, role: str, who: int) -> str:
    """Return the id of a contributor or address block: 32 hexadecimal characters.

    The words are part of the seed: other words make other campaigns.
    """
    return sha256(f"{number} {role} {who}".encode()).hexdigest()[:32]
