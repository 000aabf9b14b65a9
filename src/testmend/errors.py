"""The errors that testmend raises on purpose.

::

    TestmendError                 anything a user can mend; the command line exits 2
    |-- UsageError                wrong arguments or paths
    |-- ConfigError               wrong configuration (names key, file, closest key)
    |-- SourceError               one file can't be worked on; carries a reason code
    |   |-- FragmentError         LibCST can't take the statement without loss
    |   `-- CodemodError          a codemod broke on this file; the file fails
    |-- VerificationError         a result failed its proof; the file stays as it was
    |-- GitError                  git refused, failed or took too long
    `-- ForgeError                a forge refused, or did not answer
"""


class TestmendError(Exception):
    """The root: a message for the user, without a traceback."""


class UsageError(TestmendError):
    """The command line asks for something that can't be done."""


class ConfigError(TestmendError):
    """A configuration file holds an unknown key or an impossible value."""


class SourceError(TestmendError):
    """One file can't be worked on.

    ``reason`` is a short code (``syntax-error``, ``encoding``, ``too-large``, ...),
    the message says more.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class FragmentError(SourceError):
    """LibCST does not give a statement back as it was; it is left alone."""

    def __init__(self, message: str) -> None:
        super().__init__("no-round-trip", message)


class CodemodError(SourceError):
    """A codemod, ours or a guest, broke on one file. The message names it."""


class VerificationError(TestmendError):
    """The rewritten file is not the original with only the stated edits."""


class GitError(TestmendError):
    """Git refused, failed or took too long."""


class ForgeError(TestmendError):
    """A forge's API refused what it was asked for, or did not answer.

    ``reason`` is a short code (``credentials``, ``rejected``, ``unreachable``, ...);
    ``wait`` are the seconds for which it asks to be left alone.
    """

    def __init__(self, reason: str, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.reason = reason
        self.wait = wait
