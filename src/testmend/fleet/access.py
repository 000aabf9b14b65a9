"""Git calls that reach a host: the one transport that is needed, and its credentials.

A password or token never stands in an address, on a command line, in a file or in a
message: git gets it through its environment, for that host alone.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend.errors import ConfigError
from testmend.fleet import addresses
from testmend.fleet.manifest import Host

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testmend.git.process import Limits
    from testmend.git.runner import Git

_SSH = ("SSH_AUTH_SOCK",)
_BUNDLES = ("GIT_SSL_CAINFO", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_HTTP = (
    *("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
    *("no_proxy", "NO_PROXY", "GIT_SSL_CAPATH", *_BUNDLES),
)
"""How this machine gets out, and whose certificates it trusts: git and the clients of
forges (which know the others by themselves) go by the same."""


def connected(git: Git, url: str, hosts: Mapping[str, Host], limits: Limits) -> Git:
    """The same git with the way to an address open. Raises `Refusal`, `ConfigError`."""
    local = addresses.transport(url) == "file"
    addresses.check(url, hosts, local=local)
    host = hosts.get(addresses.host(url), Host())
    names = _HTTP if addresses.transport(url) in ("https", "http") else _SSH
    ours = {name: os.environ[name] for name in names if name in os.environ}
    bundle = next((ours[name] for name in _BUNDLES if ours.get(name)), "")
    if bundle:
        ours["GIT_SSL_CAINFO"] = bundle
    variables = {**git.variables, **ours}
    if host.token_env and addresses.transport(url) in ("https", "http"):
        variables |= _header(url, host)
    opened = replace(git, variables=variables, limits=limits)
    return opened.with_settings(
        f"protocol.{addresses.transport(url)}.allow=always",
        "http.lowSpeedLimit=1000",
        "http.lowSpeedTime=60",
    )


def hidden(text: str, hosts: Mapping[str, Host]) -> str:
    """A text from outside without the tokens of this run.

    A server may say back what it was sent, as it is or as git sends it.
    """
    for host in hosts.values():
        token = os.environ.get(host.token_env, "") if host.token_env else ""
        if token:
            text = text.replace(token, "***").replace(_basic(host, token), "***")
    return text


def advice(url: str, hosts: Mapping[str, Host]) -> str:
    """What to do where the server of an address wants other credentials."""
    name = addresses.host(url)
    variable = hosts.get(name, Host()).token_env
    if addresses.transport(url) == "ssh":
        return "ssh uses your agent and keys"
    if variable:
        return f"the token in {variable} is not accepted, or may do less"
    return f'no token is known: [hosts."{name}"] token-env names its variable'


def _basic(host: Host, token: str) -> str:
    return base64.b64encode(f"{host.user}:{token}".encode()).decode()


def _header(url: str, host: Host) -> dict[str, str]:
    token = os.environ.get(host.token_env, "")
    if not token:
        raise ConfigError(f"the variable {host.token_env} for {url} is not set")
    scheme, _, rest = url.partition("://")
    place = f"{scheme}://{rest.partition('/')[0]}/"
    secret = _basic(host, token)
    return {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"http.{place}.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {secret}",
    }
