"""The client of the loads: what a server closes is opened again, and no request is forgotten."""

from __future__ import annotations

import socket
import threading

from benchmarks.load.clients import play, prepared

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_a_request_is_sent_again_when_the_server_closes_its_connection() -> None:
    seen: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        first, _ = listener.accept()
        seen.append(first.recv(65536))
        first.close()
        second, _ = listener.accept()
        while received := second.recv(65536):
            seen.append(received)
            second.sendall(ANSWER)
        second.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        request = prepared("/", b"{}")
        played = play(listener.getsockname()[1], [request], 0.2, connections=1)
        server.join()
    assert seen[:2] == [request, request]
    assert len(played.latencies) == len(seen) - 1 and played.refused == 0
