"""The program: finds the command, and turns errors into messages and exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from typing import TYPE_CHECKING, Any, NoReturn

import click

from testmend import __version__
from testmend.cli import exits
from testmend.cli.console import ReaderGoneError, complain
from testmend.cli.lazy import LazyGroup
from testmend.errors import TestmendError

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMANDS = {
    "check": "testmend.cli.check:check",
    "diff": "testmend.cli.diff:diff",
    "apply": "testmend.cli.apply:apply",
    "commit": "testmend.cli.commit:commit",
    "undo": "testmend.cli.undo:undo",
    "bulk": "testmend.cli.bulk:bulk",
    "clean": "testmend.cli.clean:clean",
    "list": "testmend.cli.listing:list_codemods",
    "explain": "testmend.cli.explain:explain",
    "new": "testmend.cli.new:new",
}
"""Each command's name and where it is; imported when it is called."""

_OWN_FLAGS = {"-h", "--help", "--version"}


class _Program(LazyGroup):
    """Without a word it is ``diff``."""

    places = COMMANDS

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in COMMANDS and args[0] not in _OWN_FLAGS):
            args = ["diff", *args]
        return super().parse_args(context, args)


@click.group(
    cls=_Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="testmend [PATH ...] without a command is testmend diff: it writes nothing.",
)
@click.version_option(__version__, message="testmend %(version)s")
def program() -> None:
    """Codemods for Python test code: what they rewrite keeps its meaning."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit."""
    sys.exit(_run(args))


def _run(args: Sequence[str] | None) -> int:
    try:
        status: Any = program.main(args, "testmend", standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        complain("interrupted")
        return exits.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return exits.FAILED
    except TestmendError as error:
        complain(str(error))
        return exits.FAILED
    except (BrokenPipeError, ReaderGoneError):
        # The reader went away: no more output, and no complaint at shutdown either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.FAILED
    except Exception:  # noqa: BLE001  Python would exit 1, which means "found something"
        traceback.print_exc()
        complain("this is a mistake in testmend; the trace above says where")
        return exits.FAILED
    return status if isinstance(status, int) else exits.DONE
