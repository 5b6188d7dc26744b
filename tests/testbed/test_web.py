"""The scripted HTTP server, asked by real clients."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from prodev.testbed import ScriptedServer, dead_port


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def get(server: ScriptedServer, path: str) -> tuple[int, bytes]:
    """Ask for ``path``; return status and body."""
    try:
        with urllib.request.urlopen(server.url + path, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, refusal.read()


class TestAnswers:
    def test_json_is_sent_with_its_type(self, server: ScriptedServer) -> None:
        server.answers("/listings/7", json={"id": 7})

        with urllib.request.urlopen(server.url + "/listings/7") as answer:
            assert json.load(answer) == {"id": 7}
            assert answer.headers["Content-Type"] == "application/json"

    def test_status_text_headers_and_bytes(self, server: ScriptedServer) -> None:
        server.answers("/teapot", status=418, text="short and stout", headers={"Retry-After": "7"})
        server.answers("/image").body(b"\x89PNG\0", type="image/png")

        assert get(server, "/teapot") == (418, b"short and stout")
        assert get(server, "/image") == (200, b"\x89PNG\0")

    def test_what_was_not_scripted_is_a_404_with_a_page(self, server: ScriptedServer) -> None:
        status, body = get(server, "/nowhere")

        assert status == 404
        assert b"<h1>Not Found</h1>" in body

    def test_successive_requests_get_successive_answers(self, server: ScriptedServer) -> None:
        server.answers("/flaky", status=503).then(status=503).then(json=[1])

        assert [get(server, "/flaky")[0] for _ in range(5)] == [503, 503, 200, 200, 200]

    def test_methods_may_be_told_apart(self, server: ScriptedServer) -> None:
        server.answers("/x", method="POST", status=201)
        server.answers("/x", text="read")

        created = urllib.request.urlopen(urllib.request.Request(server.url + "/x", data=b"{}", method="POST"))

        with created:
            assert created.status == 201
        assert get(server, "/x") == (200, b"read")

    def test_a_second_script_replaces_the_first(self, server: ScriptedServer) -> None:
        server.answers("/x", text="old")
        server.answers("/x", text="new")

        assert get(server, "/x") == (200, b"new")

    def test_one_connection_serves_many_requests(self, server: ScriptedServer) -> None:
        server.answers("/x", text="again")
        connection = http.client.HTTPConnection("127.0.0.1", server.port)

        for _ in range(3):
            connection.request("GET", "/x")
            assert connection.getresponse().read() == b"again"
        connection.request("HEAD", "/x")
        head = connection.getresponse()

        assert (head.status, head.getheader("Content-Length"), head.read()) == (200, "5", b"")
        connection.close()

    @pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
    def test_curl_understands_it(self, server: ScriptedServer) -> None:
        server.answers("/x", json={"id": 1})

        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--fail", server.url + "/x", "--data-binary", "@-"],
            input="y" * 2_000_000, capture_output=True, text=True, check=True,
        )  # fmt: skip

        assert json.loads(done.stdout) == {"id": 1}
        assert len(server.log[0].body) == 2_000_000


class TestLog:
    def test_requests_are_written_down_in_order(self, server: ScriptedServer) -> None:
        get(server, "/a?x=1&y=2")
        request = urllib.request.Request(server.url + "/b", data=b'{"n": 1}', headers={"X-Token": "t"}, method="PUT")
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request)
        refusal.value.close()

        first, second = server.log
        assert (first.method, first.path, first.query, first.at_index) == ("GET", "/a", "x=1&y=2", 0)
        assert (second.method, second.headers["x-token"], second.json, second.at_index) == ("PUT", "t", {"n": 1}, 1)
        assert server.requests("/b", method="put") == [second]

    def test_a_body_in_chunks_is_put_together(self, server: ScriptedServer) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)

        connection.request("POST", "/x", body=iter([b"one ", b"two"]), encode_chunked=True,
                           headers={"Transfer-Encoding": "chunked"})  # fmt: skip
        connection.getresponse().read()
        connection.close()

        assert server.log[0].text == "one two"

    @pytest.mark.parametrize(
        "noise",
        [
            b"",
            b"\r\n",
            b"nonsense\r\n\r\n",
            b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\nx",
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\nx",
        ],
    )
    def test_noise_hurts_nobody(self, server: ScriptedServer, noise: bytes) -> None:
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            raw.sendall(noise)

        assert get(server, "/x")[0] == 404


class TestTrouble:
    def test_a_slow_answer_outlasts_an_impatient_client(self, server: ScriptedServer) -> None:
        server.answers("/slow", text="late").slow(30)

        with pytest.raises(TimeoutError):
            urllib.request.urlopen(server.url + "/slow", timeout=0.1)

    def test_a_body_may_trickle(self, server: ScriptedServer) -> None:
        server.answers("/drip", text="abcdef").slow(0, between=0.01, pieces=3)

        with urllib.request.urlopen(server.url + "/drip") as answer:
            assert answer.read() == b"abcdef"

    def test_a_body_that_breaks_off_is_shorter_than_promised(self, server: ScriptedServer) -> None:
        server.answers("/broken", text="x" * 1000).drops_after(10)

        with urllib.request.urlopen(server.url + "/broken") as answer, pytest.raises(http.client.IncompleteRead) as cut:
            answer.read()

        assert (len(cut.value.partial), cut.value.expected) == (10, 990)

    def test_only_the_latest_answer_of_a_sequence_is_refined(self, server: ScriptedServer) -> None:
        server.answers("/x", text="x" * 50).drops_after(5).then(text="whole")

        with urllib.request.urlopen(server.url + "/x") as answer, pytest.raises(http.client.IncompleteRead):
            answer.read()
        assert get(server, "/x") == (200, b"whole")

    def test_nothing_listens_on_a_dead_port(self) -> None:
        with pytest.raises(urllib.error.URLError, match="refused"):
            urllib.request.urlopen(dead_port(), timeout=5)

        assert dead_port() == dead_port()

    def test_a_closed_server_refuses(self) -> None:
        with ScriptedServer() as server:
            url = server.url

        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(url, timeout=5)

    def test_closing_does_not_wait_for_a_slow_answer(self) -> None:
        server = ScriptedServer()
        server.answers("/slow", text="late").slow(60)
        failures: list[Exception] = []

        def ask() -> None:
            try:
                urllib.request.urlopen(server.url + "/slow", timeout=60)
            except (OSError, http.client.HTTPException) as error:
                failures.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        while not server.log:
            time.sleep(0.001)
        server.close()
        asking.join(timeout=30)

        assert not asking.is_alive()
        assert len(failures) == 1

    def test_it_listens_on_loopback_alone(self, server: ScriptedServer) -> None:
        assert server.url == f"http://127.0.0.1:{server.port}"
