"""A port in front of a server, which can be closed: the server is away then."""

from __future__ import annotations

import select
import socket
import threading
from contextlib import suppress

from sqlalchemy.engine import URL


class Relay:
    """Passes bytes between ``port`` of this machine and a PostgreSQL, from ``open`` until ``close``; else it refuses."""

    def __init__(self, database: URL) -> None:
        self._database = database
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port: int = trial.getsockname()[1]
        self._listening: socket.socket | None = None
        self._pairs: list[tuple[socket.socket, socket.socket]] = []

    @property
    def url(self) -> str:
        """The address of the database through this port."""
        here = self._database.difference_update_query(["host"]).set(host="127.0.0.1", port=self.port)
        return here.render_as_string(hide_password=False)

    def __enter__(self) -> Relay:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def open(self) -> None:
        """Begin to pass on."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listening,), daemon=True).start()

    def close(self) -> None:
        """Refuse, and end the connections that there are."""
        if self._listening is not None:
            self._listening.shutdown(socket.SHUT_RDWR)
            self._listening.close()
            self._listening = None
        for pair in self._pairs:
            for one in pair:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
        self._pairs.clear()

    def _accept(self, listening: socket.socket) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = listening.accept()
                pair = client, self._connected()
                self._pairs.append(pair)
                threading.Thread(target=_pass_on, args=pair, daemon=True).start()

    def _connected(self) -> socket.socket:
        port, folder = self._database.port or 5432, self._database.query.get("host")
        if folder is None:
            return socket.create_connection((self._database.host, port))
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{folder}/.s.PGSQL.{port}")
        return server


def _pass_on(client: socket.socket, server: socket.socket) -> None:
    other = {client: server, server: client}
    with suppress(OSError), client, server:
        while True:
            for one in select.select([client, server], [], [])[0]:
                if not (data := one.recv(65536)):
                    return
                other[one].sendall(data)
