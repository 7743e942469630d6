"""The server with a small app: what clients of every kind are answered, and what slow ones cost others."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.tries import best_of_three
from tests.support.web_server import QUICK, WebServer, web_server

HOST = "Host: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """One process with two threads, and deadlines of a second or two."""
    folder = tmp_path_factory.mktemp("server")
    with web_server(folder, "tests.support.echo_app:app", worker_class=QUICK, WEB_THREADS="2") as running:
        yield running


def read(connection: socket.socket, *, with_body: bool = True) -> tuple[int, dict[str, str], bytes]:
    """Read one answer, and no byte of the next; its status, its headers and its body."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        assert byte, head
        head += byte
    first, *lines = head.decode().strip().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    body = b""
    while with_body and len(body) < int(headers["content-length"]):
        body += connection.recv(min(65536, int(headers["content-length"]) - len(body)))
    return int(first.split()[1]), headers, body


def send(server: WebServer, text: str | bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes over a new connection, and read one answer."""
    with server.connect() as connection:
        connection.sendall(text if isinstance(text, bytes) else text.encode())
        return read(connection)


def post(path: str, body: str, headers: str = "") -> str:
    return f"POST {path} HTTP/1.1\r\n{HOST}{headers}Content-Length: {len(body)}\r\n\r\n{body}"


def get(path: str, headers: str = "") -> str:
    return f"GET {path} HTTP/1.1\r\n{HOST}{headers}\r\n"


def ended(connection: socket.socket) -> bool:
    """Tell whether the server closes the connection, and says no more."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def open_sockets(server: WebServer) -> int:
    """Return how many sockets the server's processes have open."""
    files = (file for pid in server.children() for file in Path(f"/proc/{pid}/fd").iterdir())
    return sum(1 for file in files if file.is_symlink() and file.readlink().name.startswith("socket:"))


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_many_requests_go_over_one_connection(server: WebServer) -> None:
    with server.connect() as connection:
        for number in range(5):
            connection.sendall(post("/echo", "x" * number).encode())
            status, headers, body = read(connection)
            assert (status, headers["connection"], json.loads(body)["length"]) == (200, "keep-alive", number)


def test_a_request_may_come_in_single_bytes(server: WebServer) -> None:
    with server.connect() as connection:
        for byte in post("/echo", "abc").encode():
            connection.sendall(bytes([byte]))
        assert json.loads(read(connection)[2])["begin"] == "abc"


def test_requests_sent_together_are_answered_in_order(server: WebServer) -> None:
    with server.connect() as connection:
        connection.sendall("".join(post("/echo", str(number) * 3) for number in range(8)).encode() + get("/echo").encode())
        assert [json.loads(read(connection)[2])["begin"] for _ in range(9)] == [*(str(number) * 3 for number in range(8)), ""]


def test_a_body_that_the_app_does_not_read_is_not_taken_for_a_request(server: WebServer) -> None:
    with server.connect() as connection:
        connection.sendall((post("/unread", get("/echo")) + post("/echo", "next")).encode())
        assert read(connection)[2] == b"unread"
        assert json.loads(read(connection)[2])["begin"] == "next"


def test_head_and_http_1_0_are_answered_without_a_body_and_closed(server: WebServer) -> None:
    with server.connect() as connection:
        connection.sendall(f"HEAD /much HTTP/1.1\r\n{HOST}\r\n{get('/echo')}".encode())
        assert read(connection, with_body=False)[1]["content-length"] == "4000000"
        assert read(connection)[0] == 200
    with server.connect() as connection:
        connection.sendall(b"GET /echo HTTP/1.0\r\n\r\n")
        assert read(connection)[1]["connection"] == "close"
        assert ended(connection)


def test_chunked_bodies_arrive_whole(server: WebServer) -> None:
    chunks = [b"1\r\na\r\n", b"A;why=because\r\n0123456789\r\n", b"0\r\nX-Sum: x\r\n\r\n"]
    with server.connect() as connection:
        for _ in range(2):
            connection.sendall(f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n".encode())
            for chunk in chunks:
                connection.sendall(chunk)
                time.sleep(0.02)
            assert json.loads(read(connection)[2]) == {"length": 11, "method": "POST", "begin": "a0123456789"}


@pytest.mark.parametrize(
    "body",
    [
        "zz\r\nabc\r\n0\r\n\r\n",
        "-1\r\nabc\r\n0\r\n\r\n",
        "0x3\r\nabc\r\n0\r\n\r\n",
        "\r\nabc\r\n0\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n",
        "3;a b\r\nabc\r\n0\r\n\r\n",
        "3\r\nabc\r\n" + "f" * 2000,
        "3\r\nabc\r\n0\r\nno trailer\r\n\r\n",
        "3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n",
    ],
)
@pytest.mark.parametrize("path", ["/echo", "/unread"])
def test_bad_chunks_are_the_clients_fault(server: WebServer, path: str, body: str) -> None:
    before = len(server.log)
    with server.connect() as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n{body}".encode())
        assert read(connection)[0] == (400 if path == "/echo" else 200)
        assert ended(connection)
    assert "Traceback" not in server.log[before:]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (f"GET / HTTP/1.1\n{HOST}\n", 400, "malformed"),
        ("\r\n\r\n", 400, "malformed"),
        ("GET\r\n\r\n", 400, "malformed"),
        ("\x16\x03\x01\n\n", 400, "malformed"),
        (get("/echo", "X: y\r\n z\r\n"), 400, "malformed"),
        (get("/echo", "Content-Length: 3\r\nContent-Length: 4\r\n"), 400, "malformed"),
        (get("/echo", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"), 400, "malformed"),
        (get("/echo", "Transfer-Encoding: new\r\n"), 501, "transfer_coding"),
        (get("/" + "x" * 5000), 414, "address_too_long"),
        (get("/echo", "X: " + "y" * 70_000), 431, "headers_too_large"),
        (get("/echo", "Expect: much\r\n"), 417, "expectation"),
    ],
)
def test_what_is_no_request_is_refused_in_the_form_of_the_api_and_closed(
    server: WebServer, sent: str, status: int, code: str
) -> None:
    before = len(server.log)
    with server.connect() as connection:
        connection.sendall(sent.encode("latin-1"))
        answer, headers, body = read(connection)
        assert (answer, headers["content-type"], json.loads(body)["error"]["code"]) == (status, "application/json", code)
        assert ended(connection)
    assert "Traceback" not in server.log[before:]


def test_a_client_may_wait_for_a_sign_before_it_sends_the_body(server: WebServer) -> None:
    with server.connect() as connection:
        for _ in range(2):
            head, body = post("/echo", "abc", "Expect: 100-continue\r\n").split("\r\n\r\n")
            connection.sendall(f"{head}\r\n\r\n".encode())
            assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(body.encode())
            assert json.loads(read(connection)[2])["begin"] == "abc"
        connection.sendall(f"POST /echo HTTP/1.1\r\n{HOST}Expect: 100-continue\r\nContent-Length: 200000\r\n\r\n".encode())
        assert read(connection)[0] == 413


@pytest.mark.parametrize("length", [100_001, 3_000_000])
def test_a_body_that_is_too_long_is_refused_in_words_that_reach_the_client(server: WebServer, length: int) -> None:
    with server.connect() as connection:
        connection.sendall(post("/echo", "x" * length).encode())
        status, headers, _ = read(connection)
        assert (status, headers["connection"]) == (413, "close")
    for size in (1, 1000):  # chunks of a byte fill the server's bound before the app's
        chunks = f"{size:x}\r\n{'x' * size}\r\n" * (length // size)
        with server.connect() as connection:
            connection.sendall(f"POST /echo HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n".encode())
            status, headers, _ = read(connection)
            assert status == 413 or (size > 1 and status == 200)  # what the app has read of it is for the app to judge
            assert size > 1 or headers["connection"] == "close"


def test_the_rest_of_a_body_that_is_too_long_is_not_taken_for_a_request(server: WebServer) -> None:
    smuggled = get("/echo")
    with server.connect() as connection:
        head = f"POST /unread HTTP/1.1\r\n{HOST}Content-Length: 200000\r\n\r\n"
        connection.sendall((head + smuggled * 100).encode())
        assert read(connection)[2] == b"unread"
        assert ended(connection)


def test_an_error_of_the_app_is_answered_once(server: WebServer) -> None:
    with server.connect() as connection:
        connection.sendall(get("/broken").encode())
        assert read(connection)[0] == 500
        assert ended(connection)
    assert send(server, get("/echo"))[0] == 200


def test_slow_clients_are_dropped_after_a_deadline_for_the_whole(server: WebServer) -> None:
    """Each sends a byte every tenth of a second, so that no pause is long."""
    openings = {"idle": "", "head": f"GET / HTTP/1.1\r\n{HOST}X: ", "body": post("/echo", "x" * 999)[:-900]}
    lives: dict[str, float] = {}
    answers: dict[str, bytes] = {}

    def trickle(name: str, opening: str) -> None:
        began = time.monotonic()
        with server.connect(0.1) as connection:
            connection.sendall(opening.encode())
            while time.monotonic() < began + 15:
                try:
                    if opening:
                        connection.sendall(b"x")
                    if not (data := connection.recv(1000)):
                        break
                    answers[name] = answers.get(name, b"") + data
                except TimeoutError:
                    pass
                except OSError:
                    break
        lives[name] = time.monotonic() - began

    threads = [threading.Thread(target=trickle, args=one) for one in openings.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(life < 10 for life in lives.values()), lives
    assert set(answers) == {"head", "body"}
    assert all(answer.startswith(b"HTTP/1.1 408") for answer in answers.values())


@best_of_three
def test_clients_that_do_not_read_hold_no_thread_and_are_dropped(server: WebServer) -> None:
    before = open_sockets(server)
    slow = [server.connect() for _ in range(6)]
    for one in slow:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        one.sendall(get("/much").encode())
    began = time.monotonic()
    assert send(server, get("/echo"))[0] == 200
    assert time.monotonic() - began < 1.5  # the deadline of an answer is two seconds
    until(lambda: open_sockets(server) <= before)
    for one in slow:
        one.close()


def test_a_client_that_reads_late_but_in_time_gets_all(server: WebServer) -> None:
    with server.connect() as connection:
        connection.sendall((get("/much") * 2).encode())
        for _ in range(2):
            time.sleep(0.5)
            assert len(read(connection)[2]) == 4_000_000


@best_of_three
def test_health_is_answered_while_all_threads_are_taken(server: WebServer) -> None:
    busy = [server.connect() for _ in range(4)]
    for one in busy:
        one.sendall(get("/sleep/1.2").encode())
    time.sleep(0.2)
    began = time.monotonic()
    assert send(server, get("/healthz"))[0] == 200
    assert time.monotonic() - began < 1
    for one in busy:
        assert read(one)[2] == b"slept"
        one.close()


@best_of_three
def test_threads_that_wait_give_their_places_to_others_and_few_may_wait(server: WebServer) -> None:
    waiting = [server.connect() for _ in range(8)]
    for one in waiting:
        one.sendall(get("/wait/1.5").encode())
    time.sleep(0.3)
    began = time.monotonic()
    assert send(server, get("/echo"))[0] == 200
    assert time.monotonic() - began < 1
    answers = sorted(read(one)[0] for one in waiting)
    assert answers == [200] * 6 + [503] * 2  # six of one sender may wait
    for one in waiting:
        one.close()


def test_a_request_that_queues_too_long_is_refused(server: WebServer) -> None:
    first = [server.connect() for _ in range(2)]
    for one in first:
        one.sendall(get("/sleep/2.5").encode())
    time.sleep(0.2)
    status, headers, body = send(server, get("/echo"))
    assert (status, headers["retry-after"], json.loads(body)["error"]["code"]) == (503, "1", "unavailable")
    for one in first:
        assert read(one)[0] == 200
        one.close()


def test_more_sockets_than_a_process_takes_shut_nobody_out(tmp_path: Path) -> None:
    with web_server(tmp_path, "tests.support.echo_app:app", GUNICORN_CMD_ARGS="--worker-connections 20") as server:
        crowd = [server.connect() for _ in range(60)]
        for one in crowd[::2]:
            one.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(3):
            assert send(server, get("/echo"))[0] == 200
        assert open_sockets(server) < 40
        for one in crowd:
            one.close()


def test_told_to_stop_it_answers_what_it_has_been_sent(tmp_path: Path) -> None:
    """Before the signal: a request under way, one queued, one half sent, and two kept connections, one of which goes on."""
    with web_server(tmp_path, "tests.support.echo_app:app", WEB_THREADS="1") as server:
        under_way, queued, half, going_on, idle = (server.connect() for _ in range(5))
        going_on.sendall(get("/echo").encode())
        assert read(going_on)[0] == 200
        under_way.sendall(get("/sleep/1.0").encode())
        queued.sendall(get("/echo").encode())
        half.sendall(post("/echo", "abc")[:-1].encode())
        time.sleep(0.3)
        for pid in server.children():
            os.kill(pid, signal.SIGTERM)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        half.sendall(b"c")
        going_on.sendall(get("/echo").encode())
        for one in (under_way, queued, half, going_on):
            status, headers, _ = read(one)
            assert status == 200
            if one is not under_way:
                assert headers["connection"] == "close"
            one.close()
        assert ended(idle)
        idle.close()
        assert server.process.wait(15) == 0


def test_a_streamed_answer_arrives_whole_and_the_connection_is_used_again(server: WebServer) -> None:
    with server.connect() as connection:
        for size in (5_000_000, 0, 3, 262_144, 262_145):
            connection.sendall(get(f"/streamed/{size}").encode())
            status, _, body = read(connection)
            assert (status, len(body)) == (200, size)
            assert all(body[start] == start // 262_144 % 256 for start in range(0, size, 262_144))
        connection.sendall(f"HEAD /streamed/5000000 HTTP/1.1\r\n{HOST}\r\n".encode() + get("/echo").encode())
        assert read(connection, with_body=False)[1]["content-length"] == "5000000"
        assert json.loads(read(connection)[2])["length"] == 0


@best_of_three
def test_slow_readers_of_streams_hold_no_thread(server: WebServer) -> None:
    """There are two threads."""
    readers = [server.connect() for _ in range(6)]
    for reader in readers:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        reader.sendall(get("/streamed/9000000").encode())
    time.sleep(0.3)
    begun = time.monotonic()
    assert send(server, get("/echo"))[0] == 200
    assert time.monotonic() - begun < 1
    for reader in readers:
        reader.close()


def test_a_stream_whose_rest_cannot_be_read_ends_the_connection(server: WebServer) -> None:
    with server.connect() as connection:
        connection.sendall(get("/streamed/20000000").encode())
        received = 0
        with suppress(OSError):
            while data := connection.recv(65536):
                received += len(data)
        assert received < 20_000_000
    assert send(server, get("/echo"))[0] == 200
