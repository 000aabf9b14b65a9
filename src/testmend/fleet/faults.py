"""Why a repository failed or was left out: reason codes, also from git's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.errors import ConfigError, ForgeError, TestmendError
from testmend.fleet.access import advice, hidden
from testmend.git.errors import GitOutputTooLarge, GitTimeout, Refusal
from testmend.git.names import redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from testmend.fleet.manifest import Host

REASONS = {
    "branch-deleted": "The branch was published, and somebody deleted it.",
    "branch-protected": "The branch to push is the base or one that is protected.",
    "branch-taken": "The branch is there already with commits that are not ours.",
    "collision": "Two names in it would be one on some file systems.",
    "configuration": "The repository's own configuration can't be read.",
    "credentials": "The server wants other credentials, or allows this user less.",
    "failure-rate": "Too many repositories failed before it was its turn.",
    "files-failed": "Some of its files could not be worked on; the others were.",
    "git": "Git failed in another way; the message says how.",
    "internal": "Testmend itself broke on it; please report it.",
    "mirror-gone": "Its mirror was cleared after the run that made its commits.",
    "mirror-busy": "Another process works on its mirror.",
    "no-base": "The base branch is not there, or the repository is empty.",
    "no-such-path": "A path of the manifest is not in the repository.",
    "not-found": "There is no repository at the address.",
    "nothing-to-do": "No codemod has anything to fix in it.",
    "path": "A name in it could lead out of the repository.",
    "rejected": "The server took the connection, but not the push.",
    "skipped-by-manifest": "The manifest says so.",
    "request-closed": "Somebody closed its change request without merging it.",
    "request-incomplete": "Its change request lacks labels or reviewers.",
    "timeout": "It took longer than the limit.",
    "too-large": "Its files are larger than the limit.",
    "too-many-files": "It has more files than the limit.",
    "unreachable": "The host does not answer.",
    "url": "An address that is not used: another transport, or options in disguise.",
    "worker-died": "The process that worked on it died: crash, memory or time.",
}
"""Every reason of a repository that is not done, with a sentence for the user."""

IDLE = frozenset(
    {"branch-deleted", "nothing-to-do", "request-closed", "skipped-by-manifest"}
)
"""Reasons that are no failure."""

_NOISE = re.compile(
    r"warning: filtering not recognized by server, ignoring; "
    r"|error: unable to read askpass response from 'false'; "
)
_WORDS = (
    ("path", r"\bhas(?:Dot|Dotdot|Dotgit)\b|fullPathname"),
    ("too-large", r"died of signal 25|file too large"),
    ("credentials", r"authentication failed|could not read (?:username|password)"),
    ("credentials", r"permission denied|\b40[13]\b|access denied|not authorized"),
    ("not-found", r"not found|\b404\b|does not (?:exist|appear to be a git repo)"),
    ("not-found", r"not exported|no such file or directory"),
    ("unreachable", r"could(?: not|n't) (?:resolve|connect)"),
    ("unreachable", r"unable to (?:connect|look)|early eof|hung up"),
    ("unreachable", r"connection (?:refused|reset|timed out)|failed to connect"),
    ("unreachable", r"\b(?:429|50[0234])\b|network is unreachable"),
    ("rejected", r"\[(?:remote )?rejected\]|pre-receive hook declined|failed to push"),
)


_KINDS = (
    (GitTimeout, "timeout"),
    (GitOutputTooLarge, "too-large"),
    (ConfigError, "configuration"),
)


class Fault(Struct, frozen=True):
    """Why a repository is not done: a reason code, and words for the user.

    ``wait`` are the seconds for which a host asks to be left alone (``Retry-After``).
    """

    reason: str
    message: str
    wait: float = 0.0


def at(url: str, hosts: Mapping[str, Host], error: TestmendError) -> Fault:
    """The fault that an error stands for that came of talking to an address.

    Without the tokens for these hosts, and with advice where one was not accepted.
    """
    fault = of(error)
    message = hidden(fault.message, hosts)
    if fault.reason == "credentials":
        message = f"{message}; {advice(url, hosts)}"
    return replace(fault, message=message)


def of(error: TestmendError) -> Fault:
    """The fault that an error stands for."""
    message = _NOISE.sub("", str(error))
    if isinstance(error, ForgeError):
        return Fault(error.reason, redacted(message), error.wait)
    if isinstance(error, Refusal):
        return Fault(error.reason, message)
    reason = _reason(error, message)
    return Fault(reason, message)


def unexpected(error: Exception) -> Fault:
    """The fault of an error that nobody thought of. It costs its repository alone."""
    return Fault("internal", redacted(f"{type(error).__name__}: {error}"))


def _reason(error: TestmendError, message: str) -> str:
    known = (reason for kind, reason in _KINDS if isinstance(error, kind))
    said = (
        reason for reason, words in _WORDS if re.search(words, message, re.IGNORECASE)
    )
    return next(known, None) or next(said, "git")
