"""Downloads from hostile servers: real ones on this machine, and simulated ones on other machines."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests
from requests.adapters import HTTPAdapter

from gradus.corpora.download import download
from gradus.errors import RunError

ENDLESS = 200_000_000  # bytes; a test that reads all of them is slow and fails
BUFFERED = 100_000_000  # bytes that a server can send before it notices that the client has stopped reading


class Server(BaseHTTPRequestHandler):
    """Answers with a status, headers and a very long body."""

    status: ClassVar[int] = 200
    headers_sent: ClassVar[dict[str, str]] = {}
    sent: ClassVar[int] = 0

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.send_response(self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):  # the client closes the connection
            while Server.sent < ENDLESS:
                Server.sent += self.wfile.write(b"x" * 100_000)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    Server.status, Server.headers_sent, Server.sent = 200, {}, 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
    assert Server.sent < BUFFERED


def test_a_download_stops_at_its_greatest_size(address: str, tmp_path: Path) -> None:
    with pytest.raises(
        RunError, match="expected at most 1000 bytes, found a larger file; correct `largest` in the registry"
    ):
        download(f"{address}/x", str(tmp_path / "x"), None, largest=1000)
    assert (tmp_path / "x").stat().st_size <= 1000


def test_the_body_of_a_redirect_is_not_read(address: str, tmp_path: Path) -> None:
    Server.status, Server.headers_sent = 302, {"Location": "/again"}
    with pytest.raises(
        RunError,
        match=r"/again: expected at most 5 redirects, found more redirects; correct the address in the registry",
    ):
        download(f"{address}/x", str(tmp_path / "x"), None, largest=1000)


@pytest.mark.parametrize("length", ["many", "-1", "9" * 5000, "1e3"])
def test_an_invalid_content_length_is_an_expected_error(address: str, tmp_path: Path, length: str) -> None:
    Server.headers_sent = {"Content-Length": length}
    # the errors that the registry handles
    with pytest.raises((RunError, ValueError, requests.exceptions.RequestException)):
        download(f"{address}/x", str(tmp_path / "x"), None, largest=1000)


Answers = dict[str, tuple[int, str]]
"""For each address, the status, and the target of a redirect or the text."""


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Simulate these answers; requests to other addresses fail."""
    known: Answers = {}

    def send(self: HTTPAdapter, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        response = requests.Response()
        response.request, response.url = request, str(request.url)
        response.status_code, text = known[response.url]
        if response.status_code == 302:
            response.headers["location"] = text
        response.raw = BytesIO(text.encode())
        return response

    monkeypatch.setattr(HTTPAdapter, "send", send)
    return known


@pytest.fixture
def fetched(tmp_path: Path) -> Callable[[str], str]:
    def fetch(url: str) -> str:
        download(url, str(tmp_path / "x"), None, largest=1000)
        return (tmp_path / "x").read_text()

    return fetch


def test_redirects_from_https_to_https_are_followed(answers: Answers, fetched: Callable[[str], str]) -> None:
    answers["https://a.example/x"] = (302, "https://b.example/y?z=1")
    answers["https://b.example/y?z=1"] = (302, "//c.example")
    answers["https://c.example/"] = (302, "w")
    answers["https://c.example/w"] = (200, "text")
    assert fetched("https://a.example/x") == "text"


@pytest.mark.parametrize(
    ("start", "target"),
    [
        ("https://a.example/x", target)
        for target in (
            "http://a.example/x", "http://127.0.0.1/x", "file:///etc/passwd", "ftp://a.example/x", "data:,x", "HTTP://a",
            "https://name:word@a.example/", "https://a.example/ x", "https://a.example/\x1b[2J", "https://[",
        )
    ]
    + [
        ("http://127.0.0.1/x", target)
        for target in (
            "https://a.example/x", "http://a.example/x", "//a.example/x", "http://127.0.0.1@a.example/x",
            "http://127.0.0.1.a.example/x", "http://127.0.0.1:80\\@a.example/x", "http://169.254.169.254/latest",
        )
    ],
)  # fmt: skip
def test_a_redirect_to_another_scheme_or_to_another_machine_is_refused(
    answers: Answers, fetched: Callable[[str], str], start: str, target: str
) -> None:
    answers[start] = (302, target)
    with pytest.raises(
        (RunError, ValueError), match=r"expected a redirect to an https? address.*, found |Invalid IPv6"
    ) as caught:
        fetched(start)
    assert str(caught.value).isprintable()


def test_a_loop_of_redirects_ends(answers: Answers, fetched: Callable[[str], str]) -> None:
    answers["https://a.example/x"] = (302, "https://a.example/x")
    with pytest.raises(RunError, match="expected at most 5 redirects, found more redirects"):
        fetched("https://a.example/x")
