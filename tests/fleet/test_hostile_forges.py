"""Forges that answer anything: an error of ours, soon, and no token goes elsewhere."""

from __future__ import annotations

import contextlib
import json
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, ClassVar

import pytest
import servers

from testmend.errors import ForgeError
from testmend.forges import bounded, opening
from testmend.forges.model import Access, Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaigns import Fleet

    from testmend.forges.model import Forge, Kind

KINDS: tuple[Kind, ...] = ("github", "gitlab", "gitea")
ENDLESS = b"[ "
ODD = {
    "another-shape": b'{"a": 1}',
    "a-word": b'"x"',
    "numbers": b"[1, 2]",
    "half": b'[{"number": 1, "head": null, "source_branch": "b"}]',
    "no-json": b"<html>sign in",
    "too-deep": b"[" * 100_000,
    "nothing": b"",
    "no-end": ENDLESS,
}
TOKEN = "s3cret-T0ken-of-the-bot"  # noqa: S105  of nobody
HEAD = "testmend/waits"


class _Handler(BaseHTTPRequestHandler):
    body: ClassVar[bytes]
    elsewhere: ClassVar[str]
    seen: ClassVar[list[str]]

    def do_GET(self) -> None:
        self.seen.append(self.headers.get("Authorization", ""))
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.elsewhere:
            self.send_response(302 if self.command == "POST" else 301)
            self.send_header("Location", f"http://{self.elsewhere}{self.path}")
            self.end_headers()
            return
        self.send_response(201 if self.command == "POST" else 200)
        self.send_header("Content-Type", "application/json")
        if self.body.startswith(b"[{"):  # a list that has no end
            again = f"http://{self.headers['Host']}{self.path}"
            self.send_header("Link", f'<{again}>; rel="next"')
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(self.body)
            while self.body == ENDLESS:
                self.wfile.write(self.body * (1 << 19))

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_arguments: object) -> None:
        """Not on the terminal."""


@contextlib.contextmanager
def answering(body: bytes, elsewhere: str = "") -> Iterator[tuple[str, list[str]]]:
    """A server that answers the same to everything; who asked with which secret."""
    seen: list[str] = []
    names = {"body": body, "elsewhere": elsewhere, "seen": seen}
    handler = type("Handler", (_Handler,), names)
    with servers.serving(handler) as server:
        yield f"127.0.0.1:{server.server_port}", seen


def opened(kind: Kind, host: str) -> Forge:
    root = opening.root(kind, host, plain=True)
    return opening.opened(kind, Access(root, TOKEN, lambda: None, 20.0))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("odd", ODD)
def test_an_odd_answer_is_an_error_of_ours(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, odd: str
) -> None:
    monkeypatch.setattr(bounded, "BYTES", 8 << 20)
    with answering(ODD[odd]) as (host, _):
        forge = opened(kind, host)
        with pytest.raises(ForgeError):
            forge.create("org/alpha", Proposal(HEAD, "main", "t", "b"))
        with contextlib.suppress(ForgeError):  # or it has no request that counts
            assert forge.find("org/alpha", HEAD) == ()
        with contextlib.suppress(ForgeError):
            assert list(forge.repositories("org")) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_is_not_sent_on_to_another_host(kind: Kind) -> None:
    with answering(b"[]") as (other, seen), answering(b"", other) as (host, asked):
        forge = opened(kind, host)
        with contextlib.suppress(ForgeError):
            forge.find("org/alpha", HEAD)
        with pytest.raises(ForgeError):
            forge.create("org/alpha", Proposal(HEAD, "main", "t", "b"))
    assert any(TOKEN in each for each in asked)
    assert not any(TOKEN in each for each in seen)


def test_what_a_server_says_back_is_shown_without_the_token(fleet: Fleet) -> None:
    server = fleet.repository("org/alpha")
    server.git("config", "http.receivepack", "true")
    server.hook("pre-receive", f"echo got {servers.TOKEN} >&2; exit 1")
    with servers.http(fleet.path / "server") as (host, _):
        fleet.manifest(
            f'[[repositories]]\nurl = "http://{host}/org/alpha.git"\n'
            f'[hosts."{host}"]\ninsecure = true\nuser = "{servers.USER}"\n'
            'token-env = "BOT_TOKEN"\n'
        )
        env = {"BOT_TOKEN": servers.TOKEN}
        assert fleet.bulk("run", env=env).returncode == 0
        done = fleet.bulk("push", env=env)
    assert done.returncode == 2
    message = fleet.status()["alpha"]["message"]
    assert "got ***" in message
    assert servers.TOKEN not in json.dumps(message) + done.stderr.decode()
