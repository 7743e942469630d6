"""A PostgreSQL server of this machine that is stopped for a while: it accepts connections and bytes, and answers nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest
from sqlalchemy import create_engine, text


@contextmanager
def stopped(url: str) -> Iterator[None]:
    """Stop the server at ``url`` with all its processes, until the block ends."""
    if os.environ.get("DATABASE_TEST_URL"):
        pytest.skip("the server may be on another machine")
    engine = create_engine(url)
    with engine.connect() as connection:
        server = psutil.Process(connection.scalar(text("SELECT pg_backend_pid()"))).parent()
    engine.dispose()
    assert server is not None
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # a connection may have ended meanwhile
            process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()
