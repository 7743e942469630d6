"""What every object store must do: the same tests over the folder and over a real S3 server."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.errors import MissingObject
from functions.store import Store

STRANGE = ["samples/été/Ж/手.png", "with space/and+plus/100%.txt", 'quote\'/"double"/a&b=c?d#e', "~tilde/x"]
LEAVING = ["/", "/etc/passwd", "../up", "a/../../up", "a/./b", "a//b", "a/", ".hidden", "a/.hidden"]
UNPRINTABLE = ["a\\b", "a\0b", "a\nb"]
NO_KEYS = ["", *LEAVING, *UNPRINTABLE, "x" * 256, "/".join(["long"] * 200)]


def test_what_was_put_is_read_back(store: Store) -> None:
    store.put("samples/digits/7/one.png", b"picture", "image/png")
    assert store.get("samples/digits/7/one.png") == b"picture"
    assert store.exists("samples/digits/7/one.png")


def test_putting_again_replaces_the_whole_object(store: Store) -> None:
    store.put("a/b", b"a longer body than the next", "text/plain")
    store.put("a/b", b"short", "text/plain")
    assert store.get("a/b") == b"short"
    assert list(store.keys("")) == ["a/b"]


def test_a_missing_object_says_so(store: Store) -> None:
    assert not store.exists("samples/digits/7/none.png")
    with pytest.raises(MissingObject):
        store.get("samples/digits/7/none.png")


def test_a_folder_is_no_object(store: Store) -> None:
    store.put("a/b/c", b"", "text/plain")
    assert not store.exists("a/b")
    with pytest.raises(MissingObject):
        store.get("a/b")


def test_deleting_is_the_same_once_or_twice(store: Store) -> None:
    store.put("a/b", b"gone soon", "text/plain")
    store.delete("a/b")
    store.delete("a/b")
    store.delete("never/was")
    assert not store.exists("a/b")
    assert list(store.keys("")) == []


def test_a_conditional_put_never_replaces(store: Store) -> None:
    assert store.put_new("a/b", b"first", "text/plain")
    assert not store.put_new("a/b", b"second", "text/plain")
    assert store.get("a/b") == b"first"


def test_of_many_conditional_puts_at_once_one_wins(store: Store) -> None:
    bodies = [f"writer {number}".encode() for number in range(12)]
    with ThreadPoolExecutor(6) as writers:
        won = list(writers.map(lambda body: store.put_new("race/once", body, "text/plain"), bodies))
    assert won.count(True) == 1
    assert store.get("race/once") == bodies[won.index(True)]


@pytest.mark.parametrize("size", [0, 1, 2 * 1024 * 1024])
def test_bodies_of_any_size_come_back_unchanged(store: Store, size: int) -> None:
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    store.put("sized/body", body, "application/octet-stream")
    assert store.get("sized/body") == body


@pytest.mark.parametrize("key", STRANGE)
def test_keys_may_hold_any_printable_character(store: Store, key: str) -> None:
    store.put(key, b"here", "text/plain")
    assert store.get(key) == b"here"
    assert list(store.keys("")) == [key]
    store.delete(key)
    assert not store.exists(key)


@pytest.mark.parametrize("key", NO_KEYS)
def test_a_key_that_could_leave_the_store_is_refused(store: Store, key: str) -> None:
    puts = [lambda: store.put(key, b"", "x/y"), lambda: store.put_new(key, b"", "x/y")]
    for call in [*puts, lambda: store.get(key), lambda: store.exists(key), lambda: store.delete(key)]:
        with pytest.raises(ValueError, match="key"):
            call()
    assert list(store.keys("")) == []


def test_keys_come_sorted_and_by_prefix(store: Store) -> None:
    made = ["a-b/x", "a/b/x", "a/b", "a.b/x", "B/x", "a/bc", "é/x", "b/x", "a/b/y"]
    for key in [key for key in made if key != "a/b"]:
        store.put(key, b"", "text/plain")
    there = sorted(key for key in made if key != "a/b")
    assert list(store.keys("")) == there
    for prefix in ("a", "a/", "a/b", "a/b/", "a/b/x", "nothing", "B/"):
        assert list(store.keys(prefix)) == [key for key in there if key.startswith(prefix)]


def test_more_than_a_thousand_objects_are_all_listed(store: Store) -> None:
    keys = [f"many/{number:04}" for number in range(1050)]
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda key: store.put(key, b"", "text/plain"), keys))
    assert list(store.keys("many/")) == keys


def test_readers_never_see_half_an_object(store: Store) -> None:
    bodies = [bytes([number]) * 300_000 for number in range(4)]
    store.put("busy/one", bodies[0], "x/y")
    with ThreadPoolExecutor(4) as threads:
        writes = [threads.submit(store.put, "busy/one", body, "x/y") for body in bodies * 4]
        reads = [threads.submit(store.get, "busy/one") for _ in range(16)]
        for write in writes:
            write.result()
        assert all(read.result() in bodies for read in reads)


def test_the_sha256_is_that_of_the_stored_bytes(store: Store) -> None:
    assert store.sha256("a/b") is None
    store.put("a/b", b"first", "text/plain")
    store.put("a/b", b"second", "text/plain")
    assert store.sha256("a/b") == hashlib.sha256(b"second").hexdigest()
    store.put_new("a/c", b"conditional", "text/plain")  # without a checksum that the server could keep
    assert store.sha256("a/c") == hashlib.sha256(b"conditional").hexdigest()
    store.delete("a/b")
    assert store.sha256("a/b") is None
    with pytest.raises(ValueError, match="key"):
        store.sha256("../up")


@pytest.mark.parametrize("sizes", [[], [3], [2**20] * 3, [5 * 2**20, 7 * 2**20, 1, 4 * 2**20]])
def test_an_object_can_be_written_in_pieces_and_read_in_parts(store: Store, sizes: list[int]) -> None:
    pieces = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
    whole = b"".join(pieces)
    store.put_pieces("exports/digits/x/data/train-0.bin", iter(pieces), "application/octet-stream")
    key = "exports/digits/x/data/train-0.bin"
    assert store.size(key) == len(whole)
    assert store.sha256(key) == hashlib.sha256(whole).hexdigest()
    for start, length in ((0, 10), (2, 2**20), (len(whole) - 1, 5), (len(whole), 5), (0, 0)):
        if start >= 0:
            assert store.read(key, start, length) == whole[start : start + length]


def test_pieces_that_end_with_an_error_leave_no_object(store: Store) -> None:
    def pieces():
        yield b"1" * 9 * 2**20
        yield b"2" * 9 * 2**20
        raise RuntimeError("the source is gone")

    with pytest.raises(RuntimeError, match="the source"):
        store.put_pieces("a/b", pieces(), "text/plain")
    assert list(store.keys()) == []
    for ask in (store.size, lambda key: store.read(key, 0, 1)):
        with pytest.raises(MissingObject):
            ask("a/b")
