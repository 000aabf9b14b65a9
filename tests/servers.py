"""Git servers on the loopback interface: real ones, with real authentication."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, ClassVar

from checkouts import ENVIRONMENT

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from pathlib import Path

USER, TOKEN = "bot", "s3cret-T0ken-of-the-bot"
_GIT = subprocess.run(
    ["git", "--exec-path"], capture_output=True, check=True
).stdout.decode()
_BACKEND = f"{_GIT.strip()}/git-http-backend"


class _Handler(BaseHTTPRequestHandler):
    """``git http-backend`` behind basic authentication."""

    root: ClassVar[str]
    seen: ClassVar[list[str]]

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(body)

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline(), 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def _answer(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        self.seen.append(f"{self.command} {path.rpartition('/')[2]}")
        given = self.headers.get("Authorization", "")
        wanted = base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        if given != f"Basic {wanted}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic")
            self.end_headers()
            return
        done = subprocess.run(
            [_BACKEND],
            input=body,
            capture_output=True,
            check=False,
            env={
                **ENVIRONMENT,
                "GIT_PROJECT_ROOT": self.root,
                "GIT_HTTP_EXPORT_ALL": "1",
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "REMOTE_USER": USER,
                "REMOTE_ADDR": "127.0.0.1",
            },
        )
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((v for k, v in fields if k == "Status"), "200 OK")
        self.send_response(int(status[:3]))
        for key, value in fields:
            if key != "Status":
                self.send_header(key, value)
        self.end_headers()
        self.wfile.write(rest)

    def log_message(self, *_arguments: object) -> None:
        """Not on the terminal."""


@contextlib.contextmanager
def serving(
    handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext | None = None
) -> Iterator[ThreadingHTTPServer]:
    """A server in a thread of its own, encrypted if there is a context."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def http(root: Path) -> Iterator[tuple[str, list[str]]]:
    """The repositories of a folder by http: the host with its port, the requests."""
    seen: list[str] = []
    handler = type("Handler", (_Handler,), {"root": str(root), "seen": seen})
    with serving(handler) as server:
        yield f"127.0.0.1:{server.server_port}", seen


@contextlib.contextmanager
def daemon(root: Path) -> Iterator[str]:
    """The repositories of a folder by ``git daemon``: the host with its port."""
    port = free_port()
    command = ["git", "daemon", "--export-all", "--enable=receive-pack", "--reuseaddr"]
    where = [f"--base-path={root}", "--listen=127.0.0.1", f"--port={port}"]
    with subprocess.Popen(
        [*command, *where, str(root)],
        env=ENVIRONMENT,
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(port, process)
            yield f"127.0.0.1:{port}"
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def silent() -> Iterator[str]:
    """A server that takes connections and never answers: the host with its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
    raise AssertionError("the server ended")
