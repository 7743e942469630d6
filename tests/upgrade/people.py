"""What people do on the platform whose home is kept: samples for each status and for nearly each reason."""

from __future__ import annotations

import gzip
import itertools
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.upgrade.client import Owner, Strokes, Visitor

DIGITS: list[dict[str, Any]] = json.loads(gzip.decompress((Path(__file__).parents[1] / "strokes.json.gz").read_bytes()))
FLOOD = 600  # drawings of one person within an hour; the next one waits
RUNE: Strokes = [[[100, 40], [100, 240]], [[100, 120], [180, 60]]]
SCRIBBLE: Strokes = [[[40, 40], [240, 60], [50, 90], [230, 120], [60, 160], [240, 190], [50, 230], [220, 60], [90, 240]]]


def by(writer: int, label: str, turn: float = 0, narrow: float = 1) -> Strokes:
    """Return the strokes of a writer's digit on a canvas of 280 x 280, turned by degrees and made narrower."""
    one = next(one for one in DIGITS if one["writer"] == f"train-{writer:02}" and one["label"] == label)
    scale = 280 / max(one["box"])
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))

    def placed(point: list[float]) -> list[float]:
        x, y = point[0] * scale - 140, point[1] * scale - 140
        moved = narrow * (cos * x - sin * y) + 140, sin * x + cos * y + 140
        return [round(min(279.0, max(1.0, value)), 1) for value in moved]

    return [[placed(point) for point in stroke] for stroke in one["strokes"]]


class People:
    """The people by name, and what is ``kept`` of them for the test: a receipt, predictions, a key."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.owner = Visitor(url, "10.0.0.1", token)
        self.by_name: dict[str, Visitor] = {}
        self.kept: dict[str, Any] = {}
        self._places: Iterator[int] = itertools.count(1)

    def person(self, name: str, beside: str | None = None) -> Visitor:
        """Return somebody, at an address block of their own or in that of somebody else."""
        if name not in self.by_name:
            address = str(self.by_name[beside].session.headers["X-Forwarded-For"]) if beside else f"10.1.{next(self._places)}.7"
            self.by_name[name] = Visitor(self.url, address)
        return self.by_name[name]

    def fnn(self, *, original: bool) -> str:
        """Return the FNN of ``digits`` that was shipped, or the newest one that learned."""
        versions = self.owner.get("/sets/digits/versions")["versions"]
        return str(next(one["id"] for one in versions if one["learner"] == "fnn" and one["original"] == original))

    def activate(self, version: str) -> None:
        """Let a version answer, which begins a round."""
        self.owner.call("POST", f"/versions/{version}/activation")

    def in_open_mode(self) -> None:
        """While every drawing may teach: two drawings, and more by one person than an hour may bring."""
        self.person("ulf").contribute(by(22, "9", -5), "9")
        self.person("ulf").contribute(RUNE, "ᚠ", "runes")
        self.flood = [self.person("zed").contribute([[[10, 10], [20, 20 + i % 7]]], "ᚢ", "runes") for i in range(FLOOD)]

    def in_moderated_mode(self, owner: Owner) -> None:
        """While everything waits for the owner: one accepted, one rejected, two that go on waiting."""
        wim = self.person("wim")
        accepted, rejected, *_ = (wim.contribute(by(6, label), label) for label in "2356")
        owner.moderate(accepted["id"], "accept")
        owner.moderate(rejected["id"], "reject")
        self.owner.contribute(by(6, "8"), "8")
        wim.predict_and_correct(by(17, "6", 5), verdict="right")
        wim.contribute(by(28, "7"), "T", "characters")

    def first_round(self) -> None:
        """Honest people, and more surprising labels than are believed in one round."""
        self.person("zed").contribute(by(22, "3", 20, 0.65), "3")  # after the flood
        for one in self.flood:
            self.person("zed").withdraw(one["id"], one["receipt"])
        self._honest()
        self._surprising()
        self._hostile()
        self._vouched_for()
        self._waiting_runes()

    def _honest(self) -> None:
        ada, ben, cem, eve = (self.person(name) for name in ("ada", "ben", "cem", "eve"))
        for label in "0123456789":
            self.kept["sample"] = ada.contribute(by(25, label), label)
            cem.predict_and_correct(by(28, label), label=label)
            if label in "13579":
                ben.predict_and_correct(by(17, label, 3), verdict="right")
                eve.contribute(by(4, label, -3), label)
        for turn in (4, -4):
            for label in "048":  # what the networks have wrong, or nearly so
                cem.predict_and_correct(by(28, label, turn), label=label)
        ben.predict_and_correct(SCRIBBLE, label=None)
        answer = ada.contribute(by(25, "3", 6), "3", key="yesterday")
        self.kept["key"] = {"key": "yesterday", "answer": answer, "cookie": ada.cookie}
        twice = ben.predict(by(22, "0"))["id"]
        ben.correct(twice, label="6")
        ben.correct(twice, label="0")
        gone = self.person("gil").contribute(by(22, "1"), "1")
        self.person("gil").withdraw(gone["id"], gone["receipt"])

    def _surprising(self) -> None:
        fay, gus = self.person("fay"), self.person("gus", beside="fay")
        for label, wrong in zip("3582", "8125", strict=True):  # the fourth waits
            fay.predict_and_correct(by(22, label), label=wrong)
        gus.predict_and_correct(by(6, "3", 15, 0.8), label="9")
        gus.predict_and_correct(by(6, "5"), label="4")
        gus.predict_and_correct(by(6, "9"), label="2")
        self.person("hal", beside="fay").predict_and_correct(by(6, "1"), label="5")  # six from this place
        self.person("hob", beside="fay").predict_and_correct(by(6, "7"), label="2")
        self.person("ivy").predict_and_correct(by(22, "4"), label="1")  # six others in this round
        self.person("jon").predict_and_correct(by(25, "7"), label="1")  # drawings that look alike have another label

    def _hostile(self) -> None:
        kim = self.person("kim")
        for label in "2345678901":
            kim.predict_and_correct(by(17, label, -9), label=str((int(label) + 4) % 10))
        kim.predict_and_correct(by(4, "4"), label="6")  # plausible, but from somebody who looks hostile
        for number in range(17):
            name = ("lea", "mia", "ned")[number % 3]
            line = [[[100 + 5 * number, 40], [100 + 3 * number, 240]]]
            self.person(name, beside=None if name == "lea" else "lea").predict_and_correct(line, label="02345689"[number % 8])

    def _vouched_for(self) -> None:
        """Samples that wait until other people or a good record speak for them, and a bad record."""
        self.person("vic").predict_and_correct(by(6, "1", 1), label="5")  # looks like what hal said
        self.person("sol").predict_and_correct(by(22, "7"), label="3")
        self.person("qin").predict_and_correct(by(22, "7", -16), label="3")
        self.person("ren").predict_and_correct(by(28, "7", -16, 0.8), label="3")
        self.person("tia").predict_and_correct(by(25, "8", 20, 0.7), label="5")
        self._name(self.person("tia"), 5, rightly=True)
        self._name(self.person("uma"), 3, rightly=False)
        self.person("uma").contribute(by(25, "6", 6), "6")

    def _name(self, person: Visitor, count: int, *, rightly: bool) -> None:
        """Name known drawings, rightly or wrongly; the networks tell what is right."""
        named = 0
        while named < count:
            asked = person.get("/sets/digits/check")
            answer = Visitor(self.url, "10.99.0.2").call("POST", "/sets/digits/predictions", json={"image": asked["image"]})
            if answer["answer"]["status"] == "sure":
                label = int(answer["answer"]["label"])
                said = label if rightly else (label + 5) % 10
                told = person.call("POST", "/sets/digits/check", json={"id": asked["id"], "label": str(said)})
                named += told["right"] == rightly

    def _waiting_runes(self) -> None:
        for _ in range(11):
            self.person("rik").contribute([[[60, 40], [60, 240]], [[60, 40], [200, 240]]], "ᚢ", "runes")

    def second_round(self) -> None:
        """A 7 that is said to be no symbol, three places that agree, and one place that says the same twenty times."""
        ben = self.person("ben")
        ben.predict_and_correct(by(6, "7", 15, 0.8), label=None)
        for name, turn in (("nia", 0), ("oto", 1), ("pia", 2)):
            self.person(name).predict_and_correct(by(6, "0", turn), label="1")
        self._the_same_again(self.person("sam"))

    def _the_same_again(self, sam: Visitor) -> None:
        """Correct nines that might be sevens to 7, from one place, until one correction must wait."""
        for narrow, turn in itertools.product((0.8, 1, 0.65), range(-16, 0)):
            strokes = by(6, "9", turn, narrow)
            if sam.predict(strokes, consent=False, adapt=False)["answer"]["label"] != "9":
                continue
            if sam.predict_and_correct(strokes, label="7")["status"] != "accepted":
                return

    def five_wrong_corrections(self, number: int) -> None:
        """Let five people at five places call a 4 a 9; the sixth must wait for the next round."""
        turn, narrow = ((20, 0.6), (-20, 0.8), (10, 0.7))[number]
        for writer in (22, 17, 25, 6, 4):
            self.person(f"wrong {number} {writer}").predict_and_correct(by(writer, "4", turn, narrow), label="9")
        turn, narrow = ((14, 0.5), (-14, 0.6), (-30, 0.9))[number]
        self.person(f"wrong {number}").predict_and_correct(by(17, "4", turn, narrow), label="9")

    def one_wrong_correction_more(self) -> None:
        """Let somebody call a 4 a 9, for the sixteenth time on one day."""
        self.person("wrong at last").predict_and_correct(by(6, "4", 0, 0.9), label="9")

    def forget(self, name: str) -> str:
        """Retract somebody and have it learned without them; return the run."""
        contributor = self.by_name[name].cookie.split(".")[0]
        self.kept["retracted"] = contributor
        done = self.owner.call("POST", f"/contributors/{contributor}/retraction", json={"forget": True})
        return str(done["runs"][0])

    def new_label(self, command: Callable[..., str]) -> None:
        """A label that no network knows."""
        command("set", "add-label", "digits", "A")
        self.person("ben").contribute([[[60, 240], [140, 40], [220, 240]], [[95, 160], [185, 160]]], "A")

    def uncorrected_predictions(self) -> None:
        """Predictions that the test corrects, and one that nobody does."""
        ada = self.person("ada")
        self.kept["predictions"] = [ada.predict(by(writer, "7", 2))["id"] for writer in (6, 28)]
        ada.predict(by(6, "4"), "characters")
