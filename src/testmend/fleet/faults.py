"""Why a repository failed or was left out: reason codes, also from git's words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from testmend.errors import ConfigError, TestmendError
from testmend.git.errors import GitFailed, GitOutputTooLarge, GitTimeout, Refusal

REASONS = {
    "branch-protected": "The branch to push is the base or one that is protected.",
    "branch-taken": "The branch is there already with commits that are not ours.",
    "configuration": "The repository's own configuration can't be read.",
    "credentials": "The server wants other credentials, or allows this user less.",
    "failure-rate": "Too many repositories failed before it was its turn.",
    "files-failed": "Some of its files could not be worked on; the others were.",
    "git": "Git failed in another way; the message says how.",
    "mirror-busy": "Another process works on its mirror.",
    "no-base": "The base branch is not there, or the repository is empty.",
    "no-such-path": "A path of the manifest is not in the repository.",
    "not-found": "There is no repository at the address.",
    "nothing-to-do": "No codemod has anything to fix in it.",
    "path": "A name in it could lead out of the repository.",
    "rejected": "The server took the connection, but not the push.",
    "skipped-by-manifest": "The manifest says so.",
    "timeout": "It took longer than the limit.",
    "too-large": "Its files are larger than the limit.",
    "too-many-files": "It has more files than the limit.",
    "unreachable": "The host does not answer.",
    "url": "An address that is not used: another transport, or options in disguise.",
    "worker-died": "The process that worked on it died: crash, memory or time.",
}
"""Every reason of a repository that is not done, with a sentence for the user."""

IDLE = frozenset({"nothing-to-do", "skipped-by-manifest"})
"""Reasons that are no failure."""

PASSING = frozenset({"unreachable", "timeout", "mirror-busy"})
"""Reasons that another attempt may do away with."""

_WORDS = (
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


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a repository is not done: a reason code, and words for the user."""

    reason: str
    message: str

    @property
    def passing(self) -> bool:
        """Whether it may be gone at the next attempt."""
        return self.reason in PASSING


def of(error: TestmendError) -> Fault:
    """The fault that an error stands for."""
    message = str(error)
    if isinstance(error, Refusal):
        return Fault(error.reason, message)
    if isinstance(error, GitTimeout):
        return Fault("timeout", message)
    if isinstance(error, GitOutputTooLarge):
        return Fault("too-large", message)
    if isinstance(error, ConfigError):
        return Fault("configuration", message)
    if isinstance(error, GitFailed):
        for reason, words in _WORDS:
            if re.search(words, message, re.IGNORECASE):
                return Fault(reason, message)
    return Fault("git", message)
