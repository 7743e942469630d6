"""Keep the results of each learner and strategy, and compare them with the targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

HOLDOUT_LOSS = 0.1  # points below the base
CUT = {"shipped": 1 / 3, "MNIST alone": 1 / 2}  # share of the base's errors on new writers
AFTER = 300  # drawings
BEHIND = 0.3  # points behind a retrain on everything
SECONDS = 15.0  # a round, all learners together
OURS, ADAPTED, EVERYTHING = "ours", "ours, personalised", "d everything"


@dataclass
class StrategyResult:
    """The figures of one learner and strategy: first those of the base, then those after each round."""

    base: str
    learner: str
    strategy: str
    tested: int  # drawings of the test writers
    given: list[int] = field(default_factory=list)  # drawings given so far
    holdout: list[float] = field(default_factory=list)  # right answers, percent
    errors: list[int] = field(default_factory=list)  # of the test writers' drawings
    seconds: list[float] = field(default_factory=list)  # of each round
    unseen: list[float] = field(default_factory=list)  # right answers in percent, of the base and at the end

    def note(self, given: int, holdout: float, errors: int) -> None:
        """Add the figures after ``given`` drawings."""
        self.given.append(given)
        self.holdout.append(holdout)
        self.errors.append(errors)

    @property
    def early(self) -> int:
        """The index of the first figures after ``AFTER`` drawings, or else of the last figures."""
        return next((place for place, given in enumerate(self.given) if given >= AFTER), len(self.given) - 1)

    def cut(self, place: int) -> float:
        """Return the share of the base's errors that was removed."""
        return 1 - self.errors[place] / self.errors[0] if self.errors[0] else 0.0

    def __str__(self) -> str:
        low, last = min(self.holdout) - self.holdout[0], self.holdout[-1] - self.holdout[0]
        slow = f"{max(self.seconds):6.1f}" if self.seconds else " " * 6
        unseen = f"{self.unseen[-1] - self.unseen[0]:+7.2f}" if len(self.unseen) > 1 else " " * 7
        return (
            f"{self.base:12} {self.learner:4} {self.strategy:19} {self.holdout[0]:7.2f} {low:+7.2f} {last:+7.2f} {unseen}"
            f" {self.tested:6} {self.errors[0]:6} {self.errors[self.early]:6} {self.errors[-1]:6} {slow}"
        )


HEADER = (
    f"{'':12} {'':4} {'':19} {'hold-out':23} {'unseen':>7} {'wrong of new writers':>27}\n"
    f"{'base':12} {'':4} {'strategy':19} {'base':>7} {'lowest':>7} {'last':>7} {'last':>7}"
    f" {'of':>6} {'base':>6} {'300':>6} {'end':>6} {'s max':>6}"
)


def combined(groups: Sequence[Sequence[StrategyResult]]) -> list[StrategyResult]:
    """Combine the results of several groups: sum of errors, lowest hold-out, longest rounds, mean of unseen."""
    return [_sum(same) for same in zip(*groups, strict=True)]


def _sum(same: Sequence[StrategyResult]) -> StrategyResult:
    first = same[0]
    return StrategyResult(
        first.base,
        first.learner,
        first.strategy,
        sum(one.tested for one in same),
        given=first.given,
        holdout=[min(each) for each in zip(*(one.holdout for one in same), strict=True)],
        errors=[sum(each) for each in zip(*(one.errors for one in same), strict=True)],
        seconds=[max(each) for each in zip(*(one.seconds for one in same), strict=True)],
        unseen=[sum(each) / len(same) for each in zip(*(one.unseen for one in same), strict=True)],
    )


@dataclass(frozen=True)
class Target:
    """One target, and whether it is met."""

    met: bool
    words: str

    def __str__(self) -> str:
        return f"{'  ' if self.met else '! '}{self.words}"


def check_targets(results: Sequence[StrategyResult]) -> list[Target]:
    """Compare the platform's own strategy with its targets, for each base."""
    found = []
    for base in dict.fromkeys(result.base for result in results):
        mine = [result for result in results if result.base == base]
        ours = [result for result in mine if result.strategy == OURS]
        for result in ours:
            everything = [other for other in mine if other.strategy == EVERYTHING and other.learner == result.learner]
            found += _of_learner(result, everything[0] if everything else None)
        found += [_cut(result, f"{base} {result.learner}, personalised") for result in mine if result.strategy == ADAPTED]
        rounds = [sum(seconds) for seconds in zip(*(result.seconds for result in ours), strict=True)]
        if rounds:
            found.append(
                Target(
                    max(rounds) <= SECONDS, f"{base}: {max(rounds):.1f} s the longest round, all learners (at most {SECONDS:g})"
                )
            )
    return found


def _of_learner(result: StrategyResult, everything: StrategyResult | None) -> list[Target]:
    name = f"{result.base} {result.learner}"
    low = min(result.holdout) - result.holdout[0]
    words = f"{name}: hold-out at the lowest {low:+.3f} points (at least -{HOLDOUT_LOSS})"
    found = [Target(low >= -HOLDOUT_LOSS - 1e-9, words), _cut(result, name)]
    if everything is not None:
        behind = 100 * (result.errors[-1] - everything.errors[-1]) / result.tested
        words = f"{name}: {behind:+.2f} points behind a retraining on all drawings, on new writers (at most {BEHIND})"
        found.append(Target(behind <= BEHIND + 1e-9, words))
    return found


def _cut(result: StrategyResult, name: str) -> Target:
    place, wanted = result.early, CUT[result.base]
    return Target(
        result.cut(place) >= wanted,
        f"{name}: {result.errors[0]} errors on new writers, {result.errors[place]} after {result.given[place]} drawings, "
        f"cut by {100 * result.cut(place):.0f} % (at least {100 * wanted:.0f} %); {result.errors[-1]} at the end",
    )
