"""Let clients work while processes are killed and stores fail; then look what is left of what was acknowledged."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tqdm import tqdm

from tests.torture.audit import Findings, audit
from tests.torture.clients import PATIENCE, Client, Remembered
from tests.torture.drawings import drawings
from tests.torture.installation import Installation, wait

DRAWINGS = 300
KILLS = {"web process": 4, "gunicorn": 1, "web server": 1, "deliverer": 2, "learner": 2}  # and their weights
STARTING = 3.0  # seconds in which a worker is not killed: it must have begun to work


@dataclass(frozen=True)
class Scale:
    """How much is acknowledged and killed, which ``kinds`` by weight, and the seconds ``between`` faults and of a fault."""

    acknowledged: int
    kills: int
    clients: int
    kinds: Mapping[str, int] = field(default_factory=lambda: KILLS)
    between: tuple[float, float] = (0.3, 1.0)
    failing: tuple[float, float] = (0.2, 0.8)
    seed: int = 20261


SHORT = Scale(acknowledged=120, kills=5, clients=6)
LONG = Scale(acknowledged=10_000, kills=200, clients=16)
# Longer than a store's client waits for an answer.
LONG_FAULTS = Scale(acknowledged=800, kills=25, clients=16, between=(1.0, 3.0), failing=(0.5, 15.0))


@dataclass
class Result:
    """What happened, and what the audit found."""

    findings: Findings
    acknowledged: int
    repeated: int
    seconds: float
    draining: float
    kills: Counter[str]
    faults: Counter[str]
    complaints: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kills = ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items()))
        faults = ", ".join(f"{count} {name}" for name, count in sorted(self.faults.items()))
        return (
            f"{self.acknowledged:,} acknowledged in {self.seconds:.0f} s, {self.repeated:,} requests repeated; "
            f"{self.kills.total()} kills ({kills}); {self.faults.total()} faults ({faults}); "
            f"the rest was delivered in {self.draining:.0f} s\n  {self.findings}"
        )


def torment(here: Installation, scale: Scale) -> Result:
    """Do it all, and stop every process at the end, whatever happens."""
    chance, began = random.Random(scale.seed), time.monotonic()
    supply = drawings(DRAWINGS, chance)
    clients = [Client(here.address, number, supply, scale.seed) for number in range(scale.clients)]
    killer, failing = _Killer(here, scale.kinds, chance), _Faults(here, scale)
    try:
        here.start()
        for thread in (*clients, failing):
            thread.start()
        with tqdm(total=scale.acknowledged, unit=" acknowledged", disable=None) as bar:
            _watch(scale, clients, killer, failing, bar)
        complaints = _stop(clients, failing)
        seconds, began = time.monotonic() - began, time.monotonic()
        _let_deliver(here)
    finally:
        _stop(clients, failing, patience=0)
        here.stop()
    here.deliver_all()
    drained = time.monotonic() - began
    remembered = Remembered()
    for client in clients:
        remembered.add(client.remembered)
    acknowledged, repeated = sum(one.acknowledged for one in clients), sum(one.repeated for one in clients)
    findings = audit(remembered, here.database, here.store)
    return Result(findings, acknowledged, repeated, seconds, drained, killer.done, failing.done, complaints)


def _watch(scale: Scale, clients: list[Client], killer: _Killer, failing: _Faults, bar: tqdm[None]) -> None:
    """Kill at an even pace while the clients work, each time a platform that has acknowledged something since."""
    step = scale.acknowledged / scale.kills

    def done() -> int:
        return sum(client.acknowledged for client in clients)

    def look() -> bool:
        bar.set_postfix_str(f"{killer.done.total()} kills, {failing.now}", refresh=False)
        bar.update(done() - bar.n)
        return any(client.complaint for client in clients)

    before = 0
    for number in range(scale.kills):
        # Where killing takes longer than the clients need for a step, the kills follow each other faster.
        wanted = max(before + 1, min(round(number * step), scale.acknowledged))
        wait(lambda wanted=wanted: look() or done() >= wanted, PATIENCE)  # type: ignore[misc]
        before = done()
        if look():
            return
        killer.kill()
    wait(lambda: look() or done() >= scale.acknowledged, 10 * PATIENCE)


def _stop(clients: list[Client], failing: _Faults, patience: float = PATIENCE) -> list[str]:
    """Stop faults and clients, each with its request answered; return the clients' complaints."""
    for thread in (failing, *clients):
        thread.asked_to_stop.set()
    if failing.ident:
        failing.join(2 * PATIENCE)
    for client in clients:
        if client.ident and patience:
            client.join(patience)
    return [client.complaint or f"{client.name} hangs" for client in clients if client.complaint or client.is_alive()]


def _let_deliver(here: Installation) -> None:
    """Let the workers deliver as long as they get on with it; claims of killed workers take a minute to run out."""
    before = here.waiting() + 1
    while 0 < (left := here.waiting()) < before:
        before = left
        time.sleep(1.0)


class _Killer:
    """Kills one process after the other with ``kill -9``."""

    def __init__(self, here: Installation, kinds: Mapping[str, int], chance: random.Random) -> None:
        self._here, self._kinds, self._chance = here, kinds, chance
        self.done: Counter[str] = Counter()

    def kill(self) -> None:
        """Kill a process and start it again; a web process is started again by its own master."""
        here, kind = self._here, self._kind()
        time.sleep(self._chance.uniform(0, 0.1))
        self.done[kind] += 1
        match kind:
            case "web process":
                wait(lambda: here.web.kill_one_below(self._chance))
            case "gunicorn":
                here.web.kill_master()
                here.web.start()
            case "web server":
                here.web.kill()
                here.web.start()
            case "deliverer":
                here.deliverer.kill()
                here.deliverer.start()
            case "learner":
                here.learner.kill()
                here.let_leases_run_out()
                here.learner.start()

    def _kind(self) -> str:
        busy = {"deliverer": self._here.deliverer, "learner": self._here.learner, "gunicorn": self._here.web}
        ready = [kind for kind in self._kinds if kind not in busy or busy[kind].age > STARTING]
        return self._chance.choices(ready, [self._kinds[kind] for kind in ready])[0]


class _Faults(threading.Thread):
    """Lets one fault after the other begin and end."""

    def __init__(self, here: Installation, scale: Scale) -> None:
        super().__init__(name="faults", daemon=True)
        self._here, self._scale, self._chance = here, scale, random.Random(f"faults {scale.seed}")
        self.asked_to_stop = threading.Event()
        self.done: Counter[str] = Counter()
        self.now = "no fault"

    def run(self) -> None:
        names: list[str] = []
        while not self.asked_to_stop.wait(self._chance.uniform(*self._scale.between)):
            if not names:  # each in turn, in an order that changes
                names = self._chance.sample(sorted(self._here.faults), len(self._here.faults))
            self.now = names.pop()
            with self._here.faults[self.now]():
                self.asked_to_stop.wait(self._chance.uniform(*self._scale.failing))
            self.done[self.now] += 1
            self.now = "no fault"
