"""Clients that ask for predictions without a pause, and remember when which version gave which answer."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import requests

from tests.support.sample_drawings import SEVEN


@dataclass(frozen=True)
class Answer:
    """A learned version's answer to a request that was sent at ``asked`` and answered at ``answered`` (monotonic seconds)."""

    learner: str
    version: str
    label: str
    asked: float
    answered: float


class Asker(threading.Thread):
    """Asks until it is stopped; anything but an answer is a ``complaint``, and ends it."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self._address = f"{address}/api/v1/sets/digits/predictions"
        self._web = requests.Session()
        self._web.trust_env = False
        self.asked_to_stop = threading.Event()
        self.answers: list[Answer] = []
        self.complaint = ""

    def __repr__(self) -> str:
        return self.complaint or "an asker"

    def run(self) -> None:
        """Ask until the end."""
        try:
            while not self.asked_to_stop.is_set():
                self._ask()
        except Exception as error:
            self.complaint = f"{type(error).__name__}: {error}"

    def _ask(self) -> None:
        asked = time.monotonic()
        answer = self._web.post(self._address, json=SEVEN, timeout=30)
        answered = time.monotonic()
        assert answer.status_code == 200, f"{answer.status_code} {answer.text[:300]}"
        learned = [model for model in answer.json()["models"] if model["role"] == "learned"]
        assert {model["learner"] for model in learned} == {"fnn", "cnn"}
        for model in learned:
            self.answers.append(Answer(model["learner"], model["version"], model["top"][0]["label"], asked, answered))


class Asking:
    """Some askers that ask while a block runs; afterwards ``answers`` has everything they were told."""

    def __init__(self, address: str, count: int) -> None:
        self._askers = [Asker(address) for _ in range(count)]
        self.answers: list[Answer] = []
        self.complaints: list[str] = []

    def __enter__(self) -> Asking:
        for asker in self._askers:
            asker.start()
        return self

    def __exit__(self, *_: object) -> None:
        for asker in self._askers:
            asker.asked_to_stop.set()
        for asker in self._askers:
            asker.join(60)
        self.answers = [answer for asker in self._askers for answer in asker.answers]
        self.complaints = [asker.complaint for asker in self._askers if asker.complaint]

    def count(self) -> int:
        """Return the number of answers so far; fail at the first complaint."""
        assert not any(asker.complaint for asker in self._askers), self._askers
        return sum(len(asker.answers) for asker in self._askers)
