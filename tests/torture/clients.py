"""Clients that contribute, predict with consent, correct and withdraw, and remember exactly what was acknowledged."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.torture.drawings import Sent

LABELS = "0123456789"
PATIENCE = 120.0  # seconds in which a request must have got its answer, whatever is killed meanwhile
AGAIN = {409, 503}  # 409: the first try with this Idempotency-Key is still under way


@dataclass
class Remembered:
    """What was acknowledged: samples with their drawing and label, those that were taken back since, and predictions."""

    samples: dict[str, tuple[Sent, str | None]] = field(default_factory=dict)
    replaced: set[str] = field(default_factory=set)  # by a later correction of the same prediction
    withdrawn: set[str] = field(default_factory=set)
    predictions: dict[str, Sent] = field(default_factory=dict)

    def add(self, other: Remembered) -> None:
        """Take up what another client remembers."""
        self.samples |= other.samples
        self.replaced |= other.replaced
        self.withdrawn |= other.withdrawn
        self.predictions |= other.predictions


class Client(threading.Thread):
    """Draws and corrects until it is stopped. A request without an answer is repeated with the same Idempotency-Key."""

    def __init__(self, address: str, number: int, drawings: list[Sent], seed: int) -> None:
        super().__init__(name=f"client {number}", daemon=True)
        self._address, self._drawings = f"{address}/api/v1", drawings
        self._chance = random.Random(f"{seed} {number}")
        self._web = requests.Session()
        self._web.trust_env = False  # reading the environment takes longer than a request
        self._asked = 0
        self._receipts: list[tuple[str, str]] = []
        self.asked_to_stop = threading.Event()
        self.remembered = Remembered()
        self.acknowledged = 0  # contributions and corrections
        self.repeated = 0
        self.complaint = ""  # an answer that no client should get

    def run(self) -> None:
        """Take turns until the client is stopped or gets an answer that it must not get."""
        turns = (self._contribute, self._predict, self._predict_and_correct, self._withdraw)
        try:
            while not self.asked_to_stop.is_set():
                if self._chance.random() < 0.02:
                    self._web.cookies.clear()  # somebody new
                self._chance.choices(turns, weights=(50, 5, 40, 5))[0]()
        except Exception as error:
            self.complaint = f"{self.name}: {type(error).__name__}: {error}"

    def _contribute(self) -> None:
        sent, label = self._chance.choice(self._drawings), self._chance.choice(LABELS)
        self._keep(self._ask("POST", "/sets/digits/samples", 201, {**sent.fields, "label": label}), "id", sent, label)

    def _predict(self) -> tuple[str, Sent]:
        sent = self._chance.choice(self._drawings)
        prediction = self._ask("POST", "/sets/digits/predictions", 200, {**sent.fields, "consent": True})["id"]
        self.remembered.predictions[prediction] = sent
        return prediction, sent

    def _predict_and_correct(self) -> None:
        prediction, sent = self._predict()
        label = self._correct(prediction, sent, [*LABELS, None])
        if self._chance.random() < 0.2:  # it was a slip: the second label replaces the first
            first = next(reversed(self.remembered.samples))
            self._correct(prediction, sent, [other for other in LABELS if other != label])
            self.remembered.replaced.add(first)
            self._receipts = [kept for kept in self._receipts if kept[0] != first]

    def _correct(self, prediction: str, sent: Sent, labels: list[str | None]) -> str | None:
        label = self._chance.choice(labels)
        answer = self._ask("POST", f"/predictions/{prediction}/correction", 202, {"label": label})
        self._keep(answer, "sample", sent, label)
        return label

    def _keep(self, answer: dict[str, Any], name: str, sent: Sent, label: str | None) -> None:
        self.remembered.samples[answer[name]] = sent, label
        self._receipts.append((answer[name], answer["receipt"]))
        self.acknowledged += 1

    def _withdraw(self) -> None:
        if self._receipts:
            sample, receipt = self._receipts.pop(self._chance.randrange(len(self._receipts)))
            self._ask("DELETE", f"/samples/{sample}?receipt={receipt}", 202)
            self.remembered.withdrawn.add(sample)

    def _ask(self, method: str, path: str, wanted: int, body: dict[str, Any] | None = None) -> dict[str, Any]:
        self._asked += 1
        key, end = {"Idempotency-Key": f"{self.name} {self._asked}"}, time.monotonic() + PATIENCE
        while True:
            said = "no answer"
            try:
                answer = self._web.request(method, self._address + path, json=body, headers=key, timeout=20)
                if answer.status_code == wanted:
                    found: dict[str, Any] = answer.json()
                    return found
                said = f"{answer.status_code} {answer.text[:300]}"
                if answer.status_code not in AGAIN:
                    raise AssertionError(f"{method} {path}: {said}")
            except requests.RequestException:
                pass  # whether it was done is unknown
            if time.monotonic() > end:
                raise AssertionError(f"{method} {path}: {said}, for {PATIENCE:.0f} s")
            self.repeated += 1
            time.sleep(self._chance.uniform(0.02, 0.2))
