"""The one place where git is started.

Every call has a fixed environment and fixed settings (`testmend.git.environment`), its
own process group and a deadline. Values from outside stand behind ``--`` or
``--end-of-options``, or go in over stdin; lists are separated by NUL.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from testmend.git import process
from testmend.git.environment import Trust, hook_variables, settings, variables
from testmend.git.errors import GitFailed, GitOutputTooLarge, GitTimeout, Refusal
from testmend.git.names import redacted, shown
from testmend.git.process import Ended, Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OLDEST = (2, 30)
_MESSAGE = 2000
_LINES = 50


class Git(Struct, frozen=True):
    """Git at one place, with one level of trust. A value: the ``with_`` methods copy.

    ``settings`` and ``variables`` come on top of the fixed ones and ``keep`` are
    descriptors that children inherit. Without ``git_dir`` git looks for the repository
    above ``cwd``.
    """

    cwd: bytes
    trust: Trust = Trust.OWN
    git_dir: bytes | None = None
    work_tree: bytes | None = None
    settings: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    keep: tuple[int, ...] = ()

    def with_settings(self, *pairs: str) -> Git:
        """The same with more settings (``name=value``)."""
        return replace(self, settings=(*self.settings, *pairs))

    def with_index(self, index: bytes) -> Git:
        """The same, working on another index file."""
        variables = {**self.variables, "GIT_INDEX_FILE": os.fsdecode(index)}
        return replace(self, variables=variables)

    def at(self, work_tree: bytes) -> Git:
        """The same repository with another folder as its work tree."""
        return replace(self, cwd=work_tree, work_tree=work_tree)

    def run(
        self,
        *arguments: str | bytes,
        stdin: bytes = b"",
        ok: Sequence[int] = (0,),
        hooks: bool = False,
    ) -> Ended:
        """Run one git command. ``hooks`` leaves the repository's hooks on.

        Raises `GitFailed` on a code that is not in ``ok``, `GitTimeout`,
        `GitOutputTooLarge`, and `Refusal` when there is no git or too old a one.
        """
        binary = _binary(os.environ.get("PATH", os.defpath))
        command: list[str | bytes] = [binary, "--no-pager"]
        for pair in (*settings(self.trust, hooks=hooks), *self.settings):
            command += ["-c", pair]
        environment = variables(self.trust) | self._place()
        label = f"git {shown(os.fsencode(arguments[0]))}"
        ended = self._started([*command, *arguments], label, environment, stdin)
        if ended.code not in ok:
            raise GitFailed(f"{label} failed: {_reason(ended)}", ended.code)
        return ended

    def program(self, *command: str | bytes) -> Ended:
        """Run a hook of the user's with the environment that git gives it.

        Raises `GitFailed` when it refuses (if it said more than a line, that is in the
        notes of the error), `GitTimeout`.
        """
        label = f"hook {shown(os.path.basename(os.fsencode(command[0])))}"
        ended = self._started(command, label, hook_variables() | self._place())
        if ended.code == 0:
            return ended
        said = [*_lines(ended.out), *_lines(ended.err)]
        if len(said) <= 1:
            raise GitFailed(f"{label} failed: {_reason(ended)}", ended.code)
        error = GitFailed(f"{label} failed; it said what stands above", ended.code)
        for each in said[-_LINES:]:
            error.add_note(f"{label}: {each}")
        raise error

    def _started(
        self,
        command: Sequence[str | bytes],
        label: str,
        environment: Mapping[str, str],
        stdin: bytes = b"",
    ) -> Ended:
        try:
            return process.run(
                command,
                env=environment,
                cwd=self.cwd,
                stdin=stdin,
                limits=self.limits,
                keep=self.keep,
            )
        except (GitTimeout, GitOutputTooLarge) as error:
            raise type(error)(f"{label}: {error}") from None
        except OSError as error:
            raise GitFailed(f"{label} can't start: {error.strerror}", -1) from None

    def _place(self) -> dict[str, str]:
        result = dict(self.variables)
        if self.git_dir is not None:
            result["GIT_DIR"] = os.fsdecode(self.git_dir)
        if self.work_tree is not None:
            result["GIT_WORK_TREE"] = os.fsdecode(self.work_tree)
        return result

    def line(self, *arguments: str | bytes, stdin: bytes = b"") -> bytes:
        """The output without its last line end. Raises as `run`."""
        return self.run(*arguments, stdin=stdin).out.removesuffix(b"\n")

    def config(self, name: str) -> str | None:
        """A setting as git sees it here, or ``None``."""
        ended = self.run("config", "-z", "--get", name, ok=(0, 1))
        return None if ended.code else os.fsdecode(ended.out.removesuffix(b"\0"))

    def flag(self, name: str) -> bool:
        """A setting that is yes or no; ``False`` if unset."""
        ended = self.run("config", "--type=bool", "--get", name, ok=(0, 1))
        return ended.out.strip() == b"true"


def _reason(ended: Ended) -> str:
    text = "; ".join(_lines(ended.err) or _lines(ended.out))
    if ended.code < 0:
        return f"ended by signal {-ended.code}; {text}"
    return text[-_MESSAGE:] or f"exit code {ended.code}"


def _lines(output: bytes) -> list[str]:
    """The lines of a message, fit to be shown, without credentials."""
    lines = output.strip().split(b"\n")
    return [redacted(shown(line)) for line in lines if line.strip()]


@functools.cache
def _binary(path: str) -> str:
    """The git of the PATH, its relative entries left out. Raises `Refusal`."""
    absolute = [each for each in path.split(os.pathsep) if os.path.isabs(each)]
    found = shutil.which("git", path=os.pathsep.join(absolute))
    if found is None:
        raise Refusal("no-git", "git is not on the PATH")
    ended = process.run(
        [found, "--version"],
        env=variables(Trust.FOREIGN),
        cwd=b"/",
        limits=Limits(seconds=10),
    )
    match = re.search(rb"(\d+)\.(\d+)", ended.out)
    if match is None or (int(match[1]), int(match[2])) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise Refusal("old-git", f"git {wanted} or newer is needed")
    return found
