"""Fixtures of the tests of corpora: a folder of corpora, and a server of files."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to an empty folder whose folder of corpora is `corpora`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADUS_CORPORA", str(tmp_path / "corpora"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # between pooch's attempts
    return tmp_path


class Silent(SimpleHTTPRequestHandler):
    """Serves a folder."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(project: Path) -> Iterator[str]:
    """Serve the subfolder `served`; yield its address."""
    (project / "served").mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory="served")) as served:
        threading.Thread(target=served.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
