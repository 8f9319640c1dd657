"""`.ci/login`, with stand-ins for GitHub's server of tokens and for AWS's of credentials."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

ROLE = "arn:aws:iam::123456789012:role/gradus-read"
CREDENTIALS = """<AssumeRoleWithWebIdentityResponse><Credentials>
<AccessKeyId>KEY</AccessKeyId><SecretAccessKey>se/cr+et=</SecretAccessKey><SessionToken>session</SessionToken>
</Credentials></AssumeRoleWithWebIdentityResponse>"""


@dataclass
class Servers:
    """Both servers at one address: what they answer, and what they were asked."""

    address: str = ""
    token: tuple[int, str] = (200, '{"count": 18, "value": "header.claims.signature"}')
    credentials: tuple[int, str] = (200, CREDENTIALS)
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def servers() -> Iterator[Servers]:
    answers = Servers()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.asked.append((self.path, self.headers["Authorization"]))
            self.answer(*answers.token)

        def do_POST(self) -> None:
            answers.asked.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
            self.answer(*answers.credentials)

        def answer(self, code: int, text: str) -> None:
            self.send_response(code)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        answers.address = f"http://127.0.0.1:{server.server_address[1]}"
        yield answers
        server.shutdown()


def login(servers: Servers, folder: Path, *arguments: str, token: bool = True) -> "subprocess.CompletedProcess[str]":
    github = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": f"{servers.address}/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "bearer-of-the-job",
    }
    variables = {
        "PATH": os.environ["PATH"], "RUNNER_TEMP": str(folder), "GITHUB_ENV": str(folder / "env"), "GITHUB_RUN_ID": "7",
        "REGION": "eu-central-1", "AWS_ENDPOINT_URL_STS": servers.address, "no_proxy": "127.0.0.1",
        **(github if token else {}),
    }  # fmt: skip
    return subprocess.run([".ci/login", *arguments], env=variables, capture_output=True, text=True)


def test_a_token_becomes_credentials_that_only_later_steps_find(servers: Servers, tmp_path: Path) -> None:
    done = login(servers, tmp_path, ROLE, "43200")
    assert done.returncode == 0, done.stderr
    (address, header), (_, body) = servers.asked
    assert (address, header) == ("/token?api-version=2.0&audience=sts.amazonaws.com", "bearer bearer-of-the-job")
    assert parse_qs(body) == {
        "Action": ["AssumeRoleWithWebIdentity"], "Version": ["2011-06-15"], "RoleArn": [ROLE],
        "RoleSessionName": ["gradus-7"], "DurationSeconds": ["43200"], "WebIdentityToken": ["header.claims.signature"],
    }  # fmt: skip
    file = tmp_path / "aws"
    assert file.read_text() == (
        "[default]\naws_access_key_id = KEY\naws_secret_access_key = se/cr+et=\naws_session_token = session\n"
    )
    assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "env").read_text() == f"AWS_SHARED_CREDENTIALS_FILE={file}\nAWS_DEFAULT_REGION=eu-central-1\n"
    assert "::add-mask::se/cr+et=\n::add-mask::session\n" in done.stdout
    assert "bearer-of-the-job" not in done.stdout + done.stderr
    assert "header.claims.signature" not in done.stdout + done.stderr


@pytest.mark.parametrize(("role", "token"), [("", True), (ROLE, False), ("", False)])
def test_without_a_role_or_a_token_there_are_no_credentials(
    servers: Servers, tmp_path: Path, role: str, token: bool
) -> None:
    (tmp_path / "aws").write_text("those of a job before")
    assert login(servers, tmp_path, role, token=token).returncode == 0
    assert servers.asked == []
    assert (tmp_path / "aws").read_text() == "", "empty, so that those of the machine are not found either"
    assert f"AWS_SHARED_CREDENTIALS_FILE={tmp_path / 'aws'}\n" in (tmp_path / "env").read_text()


@pytest.mark.parametrize(
    ("token", "credentials", "message"),
    [
        ((403, "not allowed"), None, "::error::token: not allowed"),
        (None, (403, "<Code>AccessDenied</Code>\n<Message>no</Message>"), f"::error::{ROLE}: <Code>AccessDenied"),
        (None, (200, "<x/>"), f"::error::{ROLE}: AWS answered without credentials"),
    ],
)
def test_a_refusal_is_said_and_ends_the_job(
    servers: Servers,
    tmp_path: Path,
    token: tuple[int, str] | None,
    credentials: tuple[int, str] | None,
    message: str,
) -> None:
    servers.token, servers.credentials = token or servers.token, credentials or servers.credentials
    done = login(servers, tmp_path, ROLE)
    assert done.returncode == 1
    assert message in done.stdout + done.stderr
    assert (tmp_path / "aws").read_text() == ""


@pytest.mark.parametrize(
    "arguments",
    [("read",), (f"{ROLE}\nurl = file:///etc/passwd",), (f'{ROLE}"',), (ROLE, "1h"), (ROLE, ""), ("-o x",)],
)
def test_what_is_no_role_is_refused_before_anything_is_asked(
    servers: Servers, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = login(servers, tmp_path, *arguments)
    assert done.returncode == 1
    assert "expected a role and seconds" in done.stdout
    assert servers.asked == []
