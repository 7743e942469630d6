"""gunicorn's threads behind a poller: a thread gets a request when all of it has arrived, and never waits for a client.

gunicorn's own thread worker hands a connection to a thread with its first byte, so that a few slow clients hold all threads. Here
the main thread polls every client that sends or reads, with a deadline for the whole head, body and answer.
"""

from __future__ import annotations

import errno
import selectors
import socket
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from gunicorn.http.errors import NoMoreData
from gunicorn.workers.gthread import ThreadWorker

from functions.web.server.connection import Bounds, Connection, Output, State
from functions.web.server.open_connections import OpenConnections
from functions.web.server.streams import rest_of_answer
from functions.web.server.turns import Turns
from functions.web.server.waits import Waits, sender_now

HEALTH = ("/healthz", "/readyz")  # each answered by a thread of its own: being ready depends on others, being alive does not
LOOK = 0.5  # seconds between two looks at the deadlines
SOON = 1e-5  # seconds that a thread runs before another one: a process that stops must not wait between its last accept and close
REFUSALS = {  # code and message for each status that gunicorn's parser chooses
    400: ("malformed", "The request is not correct HTTP."),
    403: ("forbidden", "The request is not allowed."),
    414: ("address_too_long", "The address, with its query, is too long."),
    417: ("expectation", "The server does not do what the request expects."),
    431: ("headers_too_large", "The request's headers are too long."),
    500: ("internal", "Something went wrong here."),
    501: ("transfer_coding", "The request's transfer coding is not supported."),
}
Ready = Callable[[Connection], None]
READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The worker class of ``deploy/gunicorn.py``. The app tells its bounds: MAX_CONTENT_LENGTH, and the platform's waits."""

    # Seconds for the whole of it, not since the last byte.
    head, body, answer = 10.0, 30.0, 30.0  # the longest body comes at 70 kB a second
    queued = 15.0  # until a request gets a thread; later it is refused
    leftovers = 2.0  # until a client has noticed an answer that ends the connection
    stopping, stopping_idle = 5.0, 2.0  # for the clients of a process that is told to stop

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse what this worker cannot do."""
        if cfg.is_ssl:
            raise ValueError("TLS ends at the proxy: this server speaks plain HTTP.")

    def init_process(self) -> None:
        """Prepare what the loop needs in the forked process, and run it."""
        self._open = OpenConnections(self._close)
        self._looked = 0.0
        self._health = {path: ThreadPoolExecutor(1, "health") for path in HEALTH}
        super().init_process()

    def get_thread_pool(self) -> None:
        """Make none: the app tells how many threads there must be."""

    def load_wsgi(self) -> None:
        """Load the app, and make as many threads as may work or wait."""
        super().load_wsgi()
        here = getattr(self.wsgi, "extensions", {}).get("inkloop")
        waits: Waits = getattr(here, "waits", None) or Waits()
        waits.begun = self._start  # type: ignore[method-assign]
        config, settings = getattr(self.wsgi, "config", {}), getattr(here, "settings", None)
        self._bounds = Bounds(config.get("MAX_CONTENT_LENGTH") or 2**30, getattr(settings, "proxies", 0))
        self._turns: Turns[Connection] = Turns(lambda: self.cfg.threads + waits.now)
        self.tpool = ThreadPoolExecutor(self.cfg.threads + waits.most, "request")

    def run(self) -> None:
        """Poll until told to stop; then answer what has arrived."""
        self.poller.register(self.method_queue.fileno(), READ, self.method_queue.run_callbacks)
        self.set_accept_enabled(True)
        while self.alive and self.is_parent_alive():
            self._poll()
            self.set_accept_enabled(len(self._open) < self.worker_connections or self._open.drop_one())
        self._stop()

    def accept(self, listener: Any) -> bool:
        """Take one connection, and no more: the other processes should get some; return whether there was one."""
        try:
            sock, client = listener.accept()
        except OSError as error:
            if error.errno in (errno.EMFILE, errno.ENFILE):
                self._open.drop_one()
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return False
        self._begin(sock, client, listener.getsockname())
        return True

    def handle(self, connection: Connection) -> bool:
        """Answer one request; return whether another may follow. Runs in a thread."""
        try:
            if connection.late():
                connection.refuse(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", "Too many requests wait here; try again.")
                return False
            return self.handle_request(connection.request, connection) and connection.end_request()
        except (Exception, SystemExit) as error:
            connection.output.clear()  # nothing of it was sent
            self._refuse(connection, connection.request, error)
            return False

    def _refuse(self, connection: Connection, request: Any, error: BaseException) -> None:
        """Let gunicorn log an ``error`` and choose its status; answer in the API's form instead of gunicorn's HTML."""
        theirs = Output()
        self.handle_error(request, theirs, connection.client, error)
        status = int(bytes(theirs).split(b" ", 2)[1]) if len(theirs) else 500
        connection.refuse(HTTPStatus(status), *REFUSALS.get(status, REFUSALS[500]))

    def _begin(self, sock: socket.socket, client: Any, server: Any) -> None:
        connection = Connection(self.cfg, sock, client, server, self._bounds)
        self._wait(connection, State.IDLE, self.head, READ, self._on_bytes)
        self._on_bytes(connection)  # they often come with the connection

    def _poll(self) -> None:
        self.wait_for_and_dispatch_events(LOOK)
        moment = time.monotonic()
        if moment - self._looked > LOOK:
            self._looked = moment
            self.notify()
            for connection in [one for one in self._open.waiting() if one.late()]:
                if connection.state is State.RECEIVING:
                    connection.refuse(HTTPStatus.REQUEST_TIMEOUT, "too_slow", "The request took too long to arrive.")
                    with suppress(OSError):
                        connection.flush()
                self._close(connection)

    def _on_bytes(self, connection: Connection) -> None:
        """Take what a client sends; hand its request on when all of it is there."""
        try:
            count = connection.receive()
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if count == 0:
            self._close(connection)
            return
        if connection.state is State.IDLE:
            self._wait(connection, State.RECEIVING, self.head, READ, self._on_bytes)
        self._advance(connection)
        self._open.hold(count)

    def _advance(self, connection: Connection) -> None:
        try:
            if connection.request is None:
                if not connection.begin_request():
                    return
                self._wait(connection, State.RECEIVING, self.body, READ, self._on_bytes)
            arrived = connection.body_arrived()
            if connection.expects_continue() and not arrived:
                connection.output.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                connection.flush()
        except (StopIteration, NoMoreData, OSError):
            self._close(connection)
        except Exception as error:
            self._refuse(connection, None, error)
            self._answered(connection, keep=False)
        else:
            if arrived:
                self._queue(connection)

    def _queue(self, connection: Connection) -> None:
        # Most clients send nothing while they wait for an answer; those that do are not looked at until then.
        self._wait(connection, State.ANSWERING, self.queued, READ, self._ignore)
        if connection.rest is None and connection.request.path in HEALTH:
            self._health[connection.request.path].submit(self._answer, connection)
        else:
            self._turns.add(connection.sender, connection)
            self._start()

    def _start(self) -> None:
        """Give the next requests to threads, as far as there are places. Runs in any thread."""
        while (connection := self._turns.begin()) is not None:
            self.tpool.submit(self._work, connection)

    def _work(self, connection: Connection | None) -> None:
        while connection is not None:
            self._answer(connection)
            connection = self._turns.end()

    def _answer(self, connection: Connection) -> None:
        sender_now.set(connection.sender)
        if connection.rest is None:
            rest: list[Iterator[bytes]] = []
            rest_of_answer.set(rest)
            keep = self.handle(connection)
            connection.rest = rest[0] if rest and connection.request.method != "HEAD" and len(connection.output) else None
        else:
            keep = connection.keep
            try:
                connection.more()
            except Exception as error:  # the head is sent, so the client can only see that the rest does not come
                self.log.warning("An answer was cut: %s", type(error).__name__)
                connection.cut = True
        with suppress(OSError):  # the poller's thread will meet it again
            connection.flush()
        self.method_queue.defer(self._answered, connection, keep)

    def _answered(self, connection: Connection, keep: bool) -> None:
        connection.keep = keep
        if connection.cut:
            self._close(connection)
        else:
            self._send(connection)

    def _send(self, connection: Connection) -> None:
        """Send what the client takes; go on when all is sent."""
        try:
            if not connection.flush():
                if connection.state is not State.SENDING:
                    self._wait(connection, State.SENDING, self.answer, WRITE, self._send)
                    self._open.hold(len(connection.output))
                return
            if connection.rest is not None:
                self._queue(connection)
                return
            if not connection.keep:
                connection.socket.shutdown(socket.SHUT_WR)
                self._wait(connection, State.LEFTOVERS, self.leftovers, READ, self._discard)
                return
        except OSError:
            self._close(connection)
            return
        connection.forget_request()
        if connection.received:
            self._wait(connection, State.RECEIVING, self.head, READ, self._on_bytes)
            self._advance(connection)
        else:
            self._wait(connection, State.IDLE, self.cfg.keepalive, READ, self._on_bytes)

    def _discard(self, connection: Connection) -> None:
        """Read on after the answer: closing a socket with unread bytes could take the answer back."""
        with suppress(BlockingIOError):
            try:
                count = connection.receive()
            except ConnectionError:
                count = 0
            connection.received.clear()
            if count == 0:
                self._close(connection)

    def _wait(
        self, connection: Connection, state: State, seconds: float, events: int, then: Callable[[Connection], None]
    ) -> None:
        """Call ``then`` at the next events of a connection, which has ``seconds`` for this state."""
        if not self.alive:
            seconds = min(seconds, self.stopping_idle if state is State.IDLE else self.stopping)
        connection.state, connection.deadline, connection.on_ready = state, time.monotonic() + seconds, then
        if connection.registered == 0:
            self.poller.register(connection.socket, events, lambda sock: connection.on_ready(connection))
        elif connection.registered != events:
            self.poller.modify(connection.socket, events, lambda sock: connection.on_ready(connection))
        connection.registered = events
        self._open.add(connection)

    def _ignore(self, connection: Connection) -> None:
        if connection.registered:
            self.poller.unregister(connection.socket)
            connection.registered = 0

    def _close(self, connection: Connection) -> None:
        self._ignore(connection)
        connection.close()
        self._open.remove(connection)

    def _stop(self) -> None:
        """Take who has connected already, answer what arrives in the time for it, and close."""
        self.set_accept_enabled(False)
        usual, taken = sys.getswitchinterval(), []
        sys.setswitchinterval(SOON)
        for listener in self.sockets:
            server = listener.getsockname()
            with suppress(OSError):  # there are no more
                while True:
                    taken.append((*listener.accept(), server))
            listener.close()  # at once: who connects in between is reset if no other process listens
        sys.setswitchinterval(usual)
        for sock, client, server in taken:
            self._begin(sock, client, server)
        now = time.monotonic()
        for connection in self._open.waiting():
            most = self.stopping_idle if connection.state is State.IDLE else self.stopping
            connection.deadline = min(connection.deadline, now + most)
        while self._open and time.monotonic() < now + self.cfg.graceful_timeout:
            self._poll()
        for connection in self._open.all():
            self._close(connection)
        for pool in (self.tpool, *self._health.values()):
            pool.shutdown(wait=False, cancel_futures=True)
        self.poller.close()
        self.method_queue.close()
