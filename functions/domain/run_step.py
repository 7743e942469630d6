"""The step of a run: a code with figures, and its sentence in English. Pure; a page says the same in its visitor's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

STEP_SENTENCES = {
    # before and after the training
    "waiting": "waiting",
    "starting": "starting",
    "starting_again": "starting again (attempt {attempt} of {attempts})",
    "preparing": "getting ready",
    "waiting_for_quick_runs": "waiting until new corrections are learned",
    "waiting_for_cluster": "waiting for the Ray cluster, which does not answer",
    "waiting_for_node": "waiting for a free node of the Ray cluster",
    "publishing": "storing the new versions",
    "retrying": "{reason} It will be tried again.",
    "handed_back": "waiting for a worker",
    # of one learner
    "initialising": "",
    "fitting": "learning, step {step} of {steps}",
    "selecting": "choosing how much of the change to keep",
    "testing": "testing on drawings that it never learned from",
    # of an export
    "exporting": "writing drawings: {samples} of {total}",
    # of an import
    "importing": "drawings read: {samples}",
    # how a run ended
    "imported": "drawings imported: {samples}",
    "import_tried": "drawings that would be imported: {samples}",
    "exported": "drawings exported: {samples}",
    "published": "new versions that answer now: {activated} of {versions}",
    "reactivated": "no other drawings are left, so earlier versions answer that never learned from the deleted ones",
    "nothing_new": "there was nothing to learn",
    "failed": "failed",
    "given_up": "failed too often; not tried again",
    "cancelled_by_owner": "cancelled by the owner",
    # rows of releases that wrote sentences
    "other": "{words}",
}
OF_EARLIER_RELEASES = {
    "waiting for what is learned just now": "waiting_for_quick_runs",
    "waiting for the Ray cluster, which is away": "waiting_for_cluster",
    "publishing": "publishing",
    "nothing else was collected, so versions answer that never saw it": "reactivated",
    "given up": "given_up",
}
WITHOUT_FIGURES = OF_EARLIER_RELEASES | {
    sentence: code for code, sentence in STEP_SENTENCES.items() if sentence and "{" not in sentence
}
METHODS = {"fine_tuning": "fine-tuning", "training": "training"}
PARTS = {
    "warm": "from the live version, ",
    "base": "from the first version, ",
    "catching_up": "learning the newest drawings, ",
}


@dataclass(frozen=True)
class Step:
    """What a run does just now: one of the codes above or ``lacking``, and the figures of its sentence.

    A step of one learner names the ``learner``, the ``method`` and, in a full run, the ``part`` as figures too.
    """

    code: str
    figures: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, code: str, **figures: Any) -> Self:
        """Return a step with its figures."""
        return cls(code, figures)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the step that a row holds.

        A row of an earlier release holds a sentence. The code is ``other`` if the sentence had figures, or is not known.
        """
        if not text.startswith("{"):
            return cls(WITHOUT_FIGURES[text]) if text in WITHOUT_FIGURES else cls.of("other", words=text)
        figures = json.loads(text)
        return cls(figures.pop("code"), figures)

    def within(self, figures: Mapping[str, Any]) -> Step:
        """Return the step with the figures of the work that it is a part of."""
        return Step(self.code, {**figures, **self.figures})

    def as_dict(self) -> dict[str, Any]:
        """Return the code and the figures as one object."""
        return {"code": self.code, **self.figures}

    def as_text(self) -> str:
        """Return the text that a row holds."""
        return json.dumps(self.as_dict(), ensure_ascii=False, separators=(",", ":"))

    def __str__(self) -> str:
        """Return the step in English."""
        sentence = _lacking(**self.figures) if self.code == "lacking" else STEP_SENTENCES[self.code].format_map(self.figures)
        if "learner" not in self.figures:
            return sentence
        doing = f"{METHODS[self.figures['method']]} the {self.figures['learner'].upper()}"
        return f"{doing}: {PARTS.get(self.figures.get('part', ''), '')}{sentence}" if sentence else doing


def _lacking(missing: Mapping[str, int], others: int) -> str:
    """Say which labels need more samples: "А needs 12 more drawings, Б 3 more"; ``others`` are labels that are not named."""
    first, *rest = [
        f"{label} needs {count} more drawing{'s' if count > 1 else ''}" if place == 0 else f"{label} {count} more"
        for place, (label, count) in enumerate(missing.items())
    ]
    more = [f"and {others} other labels need more"] if others else []
    return ", ".join([first, *rest, *more])
