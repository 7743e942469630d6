"""Contribute through HTTP while the bucket refuses every connection, then time the delivery: ``outage --live`` runs it.

The platform is the one that ``python main.py`` starts, with MinIO behind a proxy that refuses. Requests are due at fixed moments,
50 a second over 16 connections; a latency counts from the moment that a request was due.
"""

from __future__ import annotations

import time
from pathlib import Path

from tqdm import tqdm

from benchmarks.end_to_end import own_platform
from benchmarks.load.clients import play
from benchmarks.load.loads import SETTINGS, loads, shuffled_drawings
from functions.records.database import Database, open_database
from functions.records.outbox_room import depth
from functions.settings import Bucket
from tests.torture.fault_proxy import HEALTHY, FaultProxy

RATE = 50  # contributions a second
CONNECTIONS = 16
LONGEST = 1_800.0  # seconds in which the delivery must end


def live_outage(bucket: Bucket, folder: Path, seconds: float) -> None:
    """Print how many contributions were accepted during an outage of ``seconds``, and how long their delivery takes."""
    with FaultProxy(bucket.endpoint or "") as proxy:
        environ = {
            "S3_BUCKET": bucket.name,
            "S3_ENDPOINT_URL": proxy.endpoint,
            "AWS_ACCESS_KEY_ID": bucket.access_key or "",
            "AWS_SECRET_ACCESS_KEY": bucket.secret_key or "",
        }
        with own_platform(folder, **SETTINGS, **environ) as address:
            contributions = loads(shuffled_drawings(), address)["contribute"]
            proxy.set("refuse")
            played = play(int(address.rpartition(":")[2]), contributions, seconds, CONNECTIONS, RATE)
            asked = len(played.latencies)
            accepted = 100 * (asked - played.refused) / asked
            print(f"{asked:,} contributions, {played.rate:.0f} a second: {accepted:.3f} % accepted", flush=True)
            print(f"half of them within {played.latency(0.5):.0f} ms, 99 % within {played.latency(0.99):.0f} ms", flush=True)
            proxy.set(HEALTHY)
            _time_delivery(f"sqlite:///{folder / 'inkloop.sqlite'}")


def _time_delivery(url: str) -> None:
    database, began = open_database(url), time.monotonic()
    waiting = left = _waiting(database)
    with tqdm(total=waiting, desc="delivered", unit="object") as bar:
        while left and time.monotonic() < began + LONGEST:
            time.sleep(0.5)
            before, left = left, _waiting(database)
            bar.update(before - left)
    took = time.monotonic() - began
    print(
        f"{waiting:,} objects waited; {waiting - left:,} were delivered in {took:.0f} s, {(waiting - left) / took:,.0f} a second"
    )
    database.engine.dispose()


def _waiting(database: Database) -> int:
    with database.reading() as session:
        return depth(session).rows
