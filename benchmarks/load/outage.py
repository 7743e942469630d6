"""Let the bucket be away while drawings come, and time the delivery of what waited, beside puts without an outbox.

    python -m benchmarks.load.outage
    python -m benchmarks.load.outage --live 600     # contribute through HTTP for ten minutes without a bucket, then deliver

Fills the outbox with the objects of drawings, as contributions would during an outage, and lets worker processes deliver them
to a folder, or to MinIO, a real S3 server on the same machine (`--store s3`). Each object is put, and the store is asked for its
SHA-256 before the row goes. The same client then puts as many objects, with as many threads, without an outbox or a question.
"""

from __future__ import annotations

import argparse
import multiprocessing
import secrets
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from boto3.session import Session as Boto

from benchmarks.load.live_outage import live_outage
from functions.records import outbox
from functions.records.database import batches, open_database
from functions.records.migrate import migrate
from functions.records.outbox_room import depth
from functions.records.tables import new_id
from functions.settings import Bucket
from functions.store import FolderStore, Store
from tests import servers

PNG, FACTS = 4_500, 3_000  # bytes of a drawing's two objects, as contributions make them
LABELS = 10
LONGEST = 900.0  # seconds in which a delivery must end


def opened(place: Bucket | Path) -> Store:
    """Return the store at a place."""
    if isinstance(place, Path):
        return FolderStore(place)
    from functions.store.s3 import S3Store

    return S3Store(place)


def fill(url: str, drawings: int) -> None:
    """Put the objects of drawings into the outbox."""
    database = open_database(url)
    png, facts = secrets.token_bytes(PNG), secrets.token_bytes(FACTS)
    names = [(number % LABELS, new_id()) for number in range(drawings)]
    for some in batches(names):
        with database.writing() as session:
            for label, name in some:
                above = f"samples/digits/{label}/{name}"
                pair = outbox.Object(f"{above}.png", png, "image/png"), outbox.Object(f"{above}.json", facts, "application/json")
                outbox.send_new(session, *pair)
    database.engine.dispose()


def deliver(url: str, place: Bucket | Path) -> None:
    """Deliver until nothing waits any more, as a worker does."""
    database, store, until = open_database(url), opened(place), time.monotonic() + LONGEST
    while time.monotonic() < until:
        if not outbox.drain(database, store):
            with database.reading() as session:
                if depth(session).rows == 0:
                    return
            time.sleep(0.05)  # another process has claimed the last rows


def put_alone(store: Store, objects: int) -> float:
    """Put objects without an outbox; return how many a second."""
    body, began = secrets.token_bytes((PNG + FACTS) // 2), time.perf_counter()

    def put(number: int) -> None:
        store.put(f"alone/{number % LABELS}/{new_id()}", body, "image/png")

    with ThreadPoolExecutor(outbox.DELIVERERS) as threads:
        list(threads.map(put, range(objects)))
    return objects / (time.perf_counter() - began)


def measure(place: Bucket | Path, folder: Path, options: argparse.Namespace) -> None:
    """Print the rate and the time of a delivery."""
    url = f"sqlite:///{folder / 'outbox.sqlite'}"
    migrate(open_database(url))
    fill(url, options.drawings)
    with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
        pool.map(abs, range(options.workers))  # the processes have started
        began = time.perf_counter()
        pool.starmap(deliver, [(url, place)] * options.workers, chunksize=1)
        seconds = time.perf_counter() - began
    rate = 2 * options.drawings / seconds
    print(f"{2 * options.drawings:,} objects in {seconds:.0f} s: {rate:,.0f} a second, {options.workers} worker processes")
    alone = put_alone(opened(place), min(2 * options.drawings, 3_000))
    print(f"puts alone, one process: {alone:,.0f} a second")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=("folder", "s3"), default="folder")
    parser.add_argument("--drawings", type=int, default=3_000, help="30,000 come in ten minutes at 50 a second")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--live", type=float, default=0.0, metavar="SECONDS", help="contribute through HTTP while MinIO is away")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        if options.store == "folder" and not options.live:
            measure(Path(name) / "objects", Path(name), options)
            return
        server: Any = servers.Held("minio")
        try:
            bucket = replace(Bucket("", **server.facts), name=f"inkloop-{secrets.token_hex(4)}")
            boto = Boto(bucket.access_key, bucket.secret_key, region_name=bucket.region)
            boto.client("s3", endpoint_url=bucket.endpoint).create_bucket(Bucket=bucket.name)
            if options.live:
                live_outage(bucket, Path(name), options.live)
            else:
                measure(bucket, Path(name), options)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
