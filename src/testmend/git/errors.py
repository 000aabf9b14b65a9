"""What git calls raise.

::

    GitError                  the root, in `testmend.errors`
    |-- GitFailed             git ended with a code that was not expected
    |-- GitTimeout            it took too long; its whole process group was ended
    |-- GitOutputTooLarge     it wrote more than the caller allows; ended likewise
    `-- Refusal               testmend will not work there; carries a reason code
"""

from __future__ import annotations

from testmend.errors import GitError


class GitFailed(GitError):  # noqa: N818  named by what happened, as its kin
    """Git ended with a code that was not expected."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class GitTimeout(GitError):  # noqa: N818
    """Git, or a hook, filter or signer it started, did not end in time."""


class GitOutputTooLarge(GitError):  # noqa: N818
    """Git wrote more than the limit."""


class Refusal(GitError):  # noqa: N818
    """The repository, or what is asked of it, is refused; nothing was done.

    ``reason`` is a short code (``merge-in-progress``, ``detached``, ...).
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
