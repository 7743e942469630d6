"""What a year gave: one course for each learner and way of learning, and whether what was asked of it is reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

HOLDOUT_LOSS = 0.1  # points below the base
CUT = {"shipped": 1 / 3, "MNIST alone": 1 / 2}  # share of the base's errors on new writers
AFTER = 300  # drawings
BEHIND = 0.3  # points behind a retrain on everything
SECONDS = 15.0  # a round, all learners together
OURS, ADAPTED, EVERYTHING = "ours", "ours, own hand", "d everything"


@dataclass
class Course:
    """Figures of one learner taught in one way: the base's first, then one after each round."""

    base: str
    learner: str
    way: str
    judged: int  # drawings of the judging writers
    given: list[int] = field(default_factory=list)  # drawings given so far
    holdout: list[float] = field(default_factory=list)  # right answers, percent
    errors: list[int] = field(default_factory=list)  # of the judging writers' drawings
    seconds: list[float] = field(default_factory=list)  # of each round
    unseen: list[float] = field(default_factory=list)  # right answers in percent, of the base and at the end

    def note(self, given: int, holdout: float, errors: int) -> None:
        """Add what was measured after ``given`` drawings."""
        self.given.append(given)
        self.holdout.append(holdout)
        self.errors.append(errors)

    @property
    def early(self) -> int:
        """The place of the first figures after ``AFTER`` drawings; of the last where there are fewer."""
        return next((place for place, given in enumerate(self.given) if given >= AFTER), len(self.given) - 1)

    def cut(self, place: int) -> float:
        """Return the share of the base's errors that is gone."""
        return 1 - self.errors[place] / self.errors[0] if self.errors[0] else 0.0

    def __str__(self) -> str:
        low, last = min(self.holdout) - self.holdout[0], self.holdout[-1] - self.holdout[0]
        slow = f"{max(self.seconds):6.1f}" if self.seconds else " " * 6
        unseen = f"{self.unseen[-1] - self.unseen[0]:+7.2f}" if len(self.unseen) > 1 else " " * 7
        return (
            f"{self.base:12} {self.learner:4} {self.way:19} {self.holdout[0]:7.2f} {low:+7.2f} {last:+7.2f} {unseen}"
            f" {self.judged:6} {self.errors[0]:6} {self.errors[self.early]:6} {self.errors[-1]:6} {slow}"
        )


HEAD = (
    f"{'':12} {'':4} {'':19} {'hold-out':23} {'unseen':>7} {'wrong of new writers':>27}\n"
    f"{'base':12} {'':4} {'way':19} {'base':>7} {'lowest':>7} {'last':>7} {'last':>7}"
    f" {'of':>6} {'base':>6} {'300':>6} {'end':>6} {'s max':>6}"
)


def together(years: Sequence[Sequence[Course]]) -> list[Course]:
    """Add up the same courses of several years: all their errors, the lowest hold-out, the longest rounds, the mean of unseen."""
    return [_sum(same) for same in zip(*years, strict=True)]


def _sum(same: Sequence[Course]) -> Course:
    first = same[0]
    return Course(
        first.base,
        first.learner,
        first.way,
        sum(one.judged for one in same),
        given=first.given,
        holdout=[min(each) for each in zip(*(one.holdout for one in same), strict=True)],
        errors=[sum(each) for each in zip(*(one.errors for one in same), strict=True)],
        seconds=[max(each) for each in zip(*(one.seconds for one in same), strict=True)],
        unseen=[sum(each) / len(same) for each in zip(*(one.unseen for one in same), strict=True)],
    )


@dataclass(frozen=True)
class Ask:
    """One thing that was asked for."""

    met: bool
    words: str

    def __str__(self) -> str:
        return f"{'  ' if self.met else '! '}{self.words}"


def asks(courses: Sequence[Course]) -> list[Ask]:
    """Hold the platform's own way against what was asked of it, for each base."""
    found = []
    for base in dict.fromkeys(course.base for course in courses):
        mine = [course for course in courses if course.base == base]
        ours = [course for course in mine if course.way == OURS]
        for course in ours:
            everything = [other for other in mine if other.way == EVERYTHING and other.learner == course.learner]
            found += _of_learner(course, everything[0] if everything else None)
        found += [_cut(course, f"{base} {course.learner}, own hand") for course in mine if course.way == ADAPTED]
        rounds = [sum(seconds) for seconds in zip(*(course.seconds for course in ours), strict=True)]
        if rounds:
            found.append(
                Ask(max(rounds) <= SECONDS, f"{base}: {max(rounds):.1f} s the longest round, all learners (at most {SECONDS:g})")
            )
    return found


def _of_learner(course: Course, everything: Course | None) -> list[Ask]:
    name = f"{course.base} {course.learner}"
    low = min(course.holdout) - course.holdout[0]
    words = f"{name}: hold-out at the lowest {low:+.3f} points (at least -{HOLDOUT_LOSS})"
    found = [Ask(low >= -HOLDOUT_LOSS - 1e-9, words), _cut(course, name)]
    if everything is not None:
        behind = 100 * (course.errors[-1] - everything.errors[-1]) / course.judged
        words = f"{name}: {behind:+.2f} points behind a retrain on everything, on new writers (at most {BEHIND})"
        found.append(Ask(behind <= BEHIND + 1e-9, words))
    return found


def _cut(course: Course, name: str) -> Ask:
    place, wanted = course.early, CUT[course.base]
    return Ask(
        course.cut(place) >= wanted,
        f"{name}: {course.errors[0]} errors on new writers, {course.errors[place]} after {course.given[place]} drawings, "
        f"cut by {100 * course.cut(place):.0f} % (at least {100 * wanted:.0f} %); {course.errors[-1]} at the end",
    )
