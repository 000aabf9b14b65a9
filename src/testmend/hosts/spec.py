"""What is known of a guest before it runs: which host, which target, which arguments.

A specification crosses processes as text; nothing of the guest is imported here.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from typing import Literal

import msgspec
from msgspec import Struct

from testmend.errors import ConfigError
from testmend.registry import Extra

Host = Literal["libcst", "fixit", "bowler"]
Hunks = Literal["together", "apart"]

HOSTS: tuple[Host, ...] = ("libcst", "fixit", "bowler")
MAKER = "testmend.hosts.guest:codemod"
SECONDS = 30.0
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Guest(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The table ``[tool.testmend.guests.NAME]``: one of the hosts, and how to run it.

    ``timeout`` is in seconds for each file, and once more for each 100,000 characters
    that it has. ``hunks``: whether the changes in one file
    are made all or none (``together``), or each on its own (``apart``). ``trigger`` is
    a regular expression; files without a match are not shown to the guest.
    """

    libcst: str = ""
    fixit: str = ""
    bowler: str = ""
    args: tuple[str, ...] = ()
    timeout: float = SECONDS
    hunks: Hunks | None = None
    trigger: str = ""


class Spec(Struct, frozen=True):
    """A guest, complete.

    ``base`` is the folder from which a path in ``target`` counts, ``root`` that of the
    project (absolute; file names given to the guest begin with it). ``metadata`` is the
    folder of prepared whole-repository metadata.
    """

    name: str
    host: Host
    target: str
    args: tuple[str, ...] = ()
    timeout: float = SECONDS
    hunks: Hunks = "together"
    trigger: str = ""
    base: str = ""
    root: str = "/"
    metadata: str = ""
    summary: str = ""
    whole_repository: bool = False

    def extra(self) -> Extra:
        """The form in which the engine carries it."""
        return Extra(self.name, MAKER, (("spec", msgspec.json.encode(self).decode()),))

    @classmethod
    def of(cls, extra: Extra) -> Spec:
        """The specification that an extra carries."""
        return msgspec.json.decode(dict(extra.arguments)["spec"], type=cls)


def from_table(name: str, table: Guest, base: str) -> Spec:
    """The guest of a configuration table. Raises `ConfigError`."""
    if not _NAME.fullmatch(name):
        message = f"guest {name!r}: a name has small letters, digits and dashes"
        raise ConfigError(message)
    named: list[tuple[Host, str]] = [
        (host, target) for host in HOSTS if (target := getattr(table, host))
    ]
    if len(named) != 1:
        message = f"guest {name!r} needs exactly one of {', '.join(HOSTS)}"
        raise ConfigError(message)
    try:
        re.compile(table.trigger.encode())
    except re.error as error:
        raise ConfigError(f"guest {name!r}: trigger: {error}") from None
    if table.timeout <= 0:
        raise ConfigError(f"guest {name!r}: timeout: must be more than 0 seconds")
    host, target = named[0]
    return Spec(
        name=name,
        host=host,
        target=target,
        args=table.args,
        timeout=table.timeout,
        # A lint rule's replacement stands on its own; others promise no such thing.
        hunks=table.hunks or ("apart" if host == "fixit" else "together"),
        trigger=table.trigger,
        base=base,
    )


def from_text(text: str, base: str) -> Spec:
    """The guest of a command-line value: ``[NAME=]HOST:TARGET [ARGUMENT ...]``.

    Without a name it gets one from its target (``rename.RenameCommand``:
    ``rename-command``). Raises `ConfigError`.
    """
    try:
        first, *args = shlex.split(text)
    except ValueError as error:
        raise ConfigError(f"--guest {text!r}: {error}") from None
    match = re.fullmatch(r"(?:([^=:]+)=)?([a-z]+):(.+)", first)
    if match is None or match[2] not in HOSTS:
        message = f"--guest {text!r} is not [NAME=]HOST:TARGET; hosts: "
        raise ConfigError(message + ", ".join(HOSTS))
    table = {match[2]: match[3], "args": tuple(args)}
    guest = msgspec.convert(table, Guest)
    return from_table(match[1] or _name_of(match[3]), guest, base)


def prepared_name(path: str) -> str:
    """The name of the file that holds the prepared metadata of a path."""
    return hashlib.blake2b(path.encode(), digest_size=16).hexdigest()


def _name_of(target: str) -> str:
    """``pkg.UseAssertIn`` -> ``use-assert-in``, ``tools/do_it.py`` -> ``do-it``."""
    last = target.rpartition(":")[2]
    if last.endswith(".py"):
        last = last.rpartition("/")[2].removesuffix(".py")
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", last.rpartition(".")[2])
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
