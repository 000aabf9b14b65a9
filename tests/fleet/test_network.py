"""How a campaign gets out: through a proxy, and to servers with own certificates."""

from __future__ import annotations

import contextlib
import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING

import pytest
import servers

if TYPE_CHECKING:
    from campaigns import Fleet

ENV = {"BOT_TOKEN": servers.TOKEN}


class _Proxy(servers._Handler):  # noqa: SLF001  the same server, asked as a proxy is
    """Answers for every host."""

    def _answer(self, body: bytes) -> None:
        self.seen.append(self.path)
        self.path = "/" + self.path.split("/", 3)[3]
        super()._answer(body)


class _Encrypted(servers._Handler):  # noqa: SLF001  the same server, over TLS
    """Says good-bye before it hangs up, as TLS asks for."""

    def finish(self) -> None:
        super().finish()
        with contextlib.suppress(OSError):
            self.connection.unwrap()


def manifest(fleet: Fleet, address: str, *lines: str) -> None:
    scheme, _, host = address.partition("://")
    text = "".join(f"{each}\n" for each in lines)
    fleet.manifest(
        f'[[repositories]]\nurl = "{scheme}://{host}/alpha.git"\n[hosts."{host}"]\n'
        f'user = "{servers.USER}"\ntoken-env = "BOT_TOKEN"\nretries = 0\n{text}'
    )


def test_a_proxy_of_the_environment_is_used(fleet: Fleet) -> None:
    fleet.repository("alpha").git("config", "http.receivepack", "true")
    manifest(fleet, "http://git.example.invalid", "insecure = true")
    assert b"unreachable" in fleet.bulk("run", env=ENV).stderr
    seen: list[str] = []
    names = {"root": str(fleet.path / "server"), "seen": seen}
    handler = type("Handler", (_Proxy,), names)
    with servers.serving(handler) as server:
        env = {**ENV, "http_proxy": f"http://127.0.0.1:{server.server_port}"}
        done = [fleet.bulk(command, env=env) for command in ("run", "push")]
    assert [each.returncode for each in done] == [0, 0], done
    assert any(each.startswith("http://git.example.invalid/alpha") for each in seen)


@pytest.mark.skipif(not shutil.which("openssl"), reason="makes a certificate")
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"])
def test_a_certificate_of_ours_is_trusted_if_it_is_named(
    fleet: Fleet, variable: str
) -> None:
    fleet.repository("alpha")
    key, certificate = fleet.path / "key.pem", fleet.path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names = {"root": str(fleet.path / "server"), "seen": []}
    handler = type("Handler", (_Encrypted,), names)
    with servers.serving(handler, context) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign]  # refused
        manifest(fleet, f"https://localhost:{server.server_port}")
        refused = fleet.bulk("run", env=ENV)
        trusted = fleet.bulk("run", env={**ENV, variable: str(certificate)})
    assert (refused.returncode, trusted.returncode) == (2, 0), trusted.stderr
    assert b"certificate" in refused.stderr
