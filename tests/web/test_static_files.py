"""Static files are sent as they lie there, the large ones compressed."""

from __future__ import annotations

import brotli
import pytest
from flask.testing import FlaskClient

from functions.settings import ROOT

RUNTIME = "/static/vendor/litert/litert_wasm_compat_internal"


@pytest.mark.parametrize(("name", "kind", "start"), [("wasm", "application/wasm", b"\0asm"), ("js", "text/javascript", b"// ")])
def test_a_file_that_is_kept_compressed_is_sent_so_under_its_own_name(
    client: FlaskClient, name: str, kind: str, start: bytes
) -> None:
    answer = client.get(f"{RUNTIME}.{name}", headers={"Accept-Encoding": "gzip, deflate, br"})
    assert (answer.status_code, answer.content_type.split(";")[0]) == (200, kind)
    assert answer.headers["Content-Encoding"] == "br"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert answer.content_length == (ROOT / f"{RUNTIME[1:]}.{name}.br").stat().st_size
    assert brotli.decompress(answer.data).startswith(start)


def test_it_is_not_sent_again_to_a_browser_that_has_it(client: FlaskClient) -> None:
    known = client.get(f"{RUNTIME}.wasm", headers={"Accept-Encoding": "br"}).headers["ETag"]
    again = client.get(f"{RUNTIME}.wasm", headers={"Accept-Encoding": "br", "If-None-Match": known})
    assert (again.status_code, again.data) == (304, b"")


def test_a_client_without_brotli_is_told_so(client: FlaskClient) -> None:
    answer = client.get(f"{RUNTIME}.wasm", headers={"Accept-Encoding": "deflate"})
    assert answer.status_code == 406
    assert "Brotli" in answer.text


def test_other_files_are_sent_plain(client: FlaskClient) -> None:
    answer = client.get("/static/js/pad.js", headers={"Accept-Encoding": "br"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
    assert client.get("/static/js/no-such-file.js").status_code == 404
