"""A forge on the loopback interface: git by http, and the API of one kind of forge.

What it is asked and what it answers is checked against the published contracts (see
`contracts/`); what they don't allow is in ``wrong``. Requests are kept in memory, the
branches are those of real repositories.
"""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qsl, unquote

import forge_dialects
import jsonschema
import servers
from checkouts import Checkout
from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CONTRACTS = Path(__file__).parent / "contracts"
PREFIXES = {"github": "/api/v3", "gitlab": "/api/v4", "gitea": "/api/v1"}


class RefusedError(Exception):
    """The forge says no: a status and a message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Request(Struct):
    """A change request that the forge has."""

    number: int
    repository: str
    head: str
    base: str
    title: str
    body: str
    draft: bool = False
    state: str = "open"
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    source: str = ""  # the repository that has the head


class Forge(Struct):
    """What a forge knows, and what it is told to do wrong.

    ``busy``: answers with this status and these headers to the next so many changes.
    ``forget``: the next so many changes are made, but their answer is lost.
    """

    kind: str
    root: Path
    host: str = ""
    requests: list[Request] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    labels: tuple[str, ...] = ("tests", "bot")
    users: tuple[str, ...] = ("rita", "rob", servers.USER)
    owners: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    busy: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    forget: int = 0
    below: str = ""  # the path that all of it is below

    @property
    def dialect(self) -> str:
        return "gitea" if self.kind == "forgejo" else self.kind

    def contract(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(
            (CONTRACTS / f"{self.dialect}.json").read_text("utf-8")
        )
        return read

    def open(
        self, repository: str, head: str, base: str, source: str = "", **words: Any
    ) -> Request:
        """A new request, by the forge's rules; from a fork if it has a source."""
        source = source or repository
        for place, branch in ((source, head), (repository, base)):
            if not (self.root / f"{place}.git").is_dir():
                raise RefusedError(404, "Not Found")
            if not self.at(place, branch):
                raise RefusedError(422, f"no branch {branch}")
        if any(
            each.state == "open"
            and (each.repository, each.source, each.head) == (repository, source, head)
            for each in self.requests
        ):
            status = 422 if self.dialect == "github" else 409
            raise RefusedError(status, f"A pull request already exists for {head}.")
        number = len(self.requests) + 1
        made = Request(number, repository, head, base, source=source, **words)
        self.requests.append(made)
        return made

    def at(self, repository: str, branch: str) -> str:
        """The commit of a branch; empty if there is none."""
        git = Checkout(self.root / f"{repository}.git").git
        name = f"refs/heads/{branch}"
        return git("for-each-ref", "--format=%(objectname)", name).decode().strip()


class _Handler(servers._Handler):  # noqa: SLF001  the same server, and more
    forge: ClassVar[Forge]

    def _answer(self, body: bytes) -> None:
        if not self.path.startswith(self.forge.below):
            self._send(404, {"message": "another program is here"}, {})
            return
        self.path = self.path.removeprefix(self.forge.below)
        path, _, query = self.path.partition("?")
        prefix = PREFIXES[self.forge.dialect]
        if not path.startswith(prefix + "/"):
            super()._answer(body)
            return
        place = path.removeprefix(prefix)
        self.forge.calls.append(f"{self.command} {unquote(place)}")
        change = self.command != "GET"
        try:
            if change and self.forge.busy:
                status, headers = self.forge.busy.pop(0)
                self._send(status, {"message": "slow down"}, headers)
                return
            status, answer = self._asked(place, dict(parse_qsl(query)), body)
        except RefusedError as error:
            status, answer = error.status, {"message": str(error)}
            if self.forge.dialect == "github":
                answer["documentation_url"] = "https://docs.github.com/rest"
            self._check("refused", self.forge.contract()["refused"], answer)
        if change and self.forge.forget:
            self.forge.forget -= 1
            self.close_connection = True
            return
        self._send(status, answer, {})

    def _asked(self, place: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        given = self.headers.get("Authorization", "")
        if given not in (f"Bearer {servers.TOKEN}", f"token {servers.TOKEN}"):
            raise RefusedError(401, "Unauthorized")
        contract = self.forge.contract()
        for name, operation in contract.items():
            verb, _, pattern = name.partition(" ")
            inner = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
            match = re.fullmatch(inner, place)
            if verb != self.command or match is None:
                continue
            if odd := sorted(set(query) - set(operation["parameters"])):
                self.forge.wrong.append(f"{name}: no parameters {odd}")
            sent = json.loads(body) if body else {}
            self._check(name, {"answer": operation["body"]}, sent)
            values = {key: unquote(each) for key, each in match.groupdict().items()}
            answer = forge_dialects.answer(self.forge, name, values, query, sent)
            whole = forge_dialects.filled(operation["answer"], answer)
            self._check(name, operation, whole)
            return operation["status"], whole
        self.forge.wrong.append(f"{self.command} {place}: no such operation")
        raise RefusedError(404, "Not Found")

    def _check(self, name: str, operation: dict[str, Any], value: Any) -> None:
        try:
            jsonschema.validate(value, operation["answer"])
        except jsonschema.ValidationError as error:
            self.forge.wrong.append(f"{name}: {error.message}")

    def _send(self, status: int, answer: Any, headers: Mapping[str, str]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)


@contextlib.contextmanager
def running(kind: str, root: Path) -> Iterator[Forge]:
    """A forge of a kind, for the repositories of a folder (``owner/name.git``)."""
    forge = Forge(kind, root)
    attributes = {"root": str(root), "seen": [], "forge": forge}
    attributes |= {"do_PATCH": _Handler.do_POST, "do_PUT": _Handler.do_POST}
    handler = type("Handler", (_Handler,), attributes)
    with servers.serving(handler) as server:
        forge.host = f"127.0.0.1:{server.server_port}"
        yield forge
    assert not forge.wrong, forge.wrong
