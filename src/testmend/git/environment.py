"""With which environment and settings git runs, at two levels of trust.

In the user's own checkout (``OWN``) the user's configuration, identity and keys apply.
Anybody else's repository (``FOREIGN``) is data: no configuration but its own (which
`testmend.git.audit` judges), no hooks, no helpers, no network unless a caller adds it.
"""

from __future__ import annotations

import enum
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Trust(enum.Enum):
    """Whose repository it is."""

    OWN = "own"
    FOREIGN = "foreign"


_EVERYWHERE = ("PATH", "TMPDIR", "SYSTEMROOT")

# What git, a filter or a signer of the user may need. Not GIT_DIR, GIT_INDEX_FILE
# and their like: they would point a call at another repository than the one opened.
_OWN = (
    *("HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "LANG", "LANGUAGE", "EMAIL"),
    *("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"),
    *("GNUPGHOME", "GPG_TTY", "SSH_AUTH_SOCK", "DISPLAY", "WAYLAND_DISPLAY"),
    *("DBUS_SESSION_BUS_ADDRESS", "VIRTUAL_ENV", "PRE_COMMIT_HOME", "SKIP"),
    *("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_AUTHOR_DATE"),
    *("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "GIT_COMMITTER_DATE"),
    *("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"),
    *("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM"),
)

_FIXED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_EDITOR": ":",
    "GIT_SEQUENCE_EDITOR": ":",
    "GIT_PAGER": "cat",
}

_FIXED_FOREIGN = {
    "HOME": os.devnull,
    "XDG_CONFIG_HOME": os.devnull,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
}

_SETTINGS = (
    "core.fsmonitor=false",
    "core.pager=cat",
    "core.quotePath=true",
    "color.ui=false",
    "diff.external=",
    "gc.auto=0",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    "log.showSignature=false",
    "maintenance.auto=false",
    "protocol.allow=never",
    "protocol.ext.allow=never",
    "protocol.file.allow=never",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
)

_SETTINGS_FOREIGN = (
    "commit.gpgSign=false",
    "core.alternateRefsCommand=",
    "core.askPass=false",
    f"core.attributesFile={os.devnull}",
    "core.autocrlf=false",
    f"core.excludesFile={os.devnull}",
    "core.gitProxy=",
    "core.protectHFS=true",
    "core.protectNTFS=true",
    "core.sshCommand=ssh -oBatchMode=yes",
    "credential.helper=",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "http.followRedirects=false",
    "push.gpgSign=false",
    "tag.gpgSign=false",
    "transfer.fsckObjects=true",
)

NO_HOOKS = f"core.hooksPath={os.devnull}"


def variables(trust: Trust, outer: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a git process, from that of testmend (``os.environ``)."""
    outer = os.environ if outer is None else outer
    kept = _EVERYWHERE if trust is Trust.FOREIGN else (*_EVERYWHERE, *_OWN)
    result = {name: outer[name] for name in kept if name in outer}
    if trust is Trust.OWN:
        result |= {name: outer[name] for name in outer if name.startswith("LC_")}
    else:
        result |= _FIXED_FOREIGN
    return result | _FIXED


def hook_variables(outer: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment of a hook of the user's: all of it, as ``git commit`` does it.

    Only what would point it at another repository is left out.
    """
    outer = os.environ if outer is None else outer
    kept = {
        name: value
        for name, value in outer.items()
        if not name.startswith("GIT_") or name in _OWN
    }
    return kept | {"GIT_EDITOR": ":", "GIT_PREFIX": ""}


def settings(trust: Trust, *, hooks: bool) -> tuple[str, ...]:
    """The settings that every call carries, as ``name=value``."""
    result = _SETTINGS if hooks else (*_SETTINGS, NO_HOOKS)
    return result if trust is Trust.OWN else (*result, *_SETTINGS_FOREIGN)
