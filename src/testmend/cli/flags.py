"""The flags that ``check``, ``diff`` and ``apply`` have in common."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct
from msgspec.structs import fields

if TYPE_CHECKING:
    from collections.abc import Callable

Color = bool | None


class Flags(Struct, frozen=True, kw_only=True):
    """What the user asked for, as it was typed."""

    paths: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    force_exclude: bool | None = None
    unsafe_fixes: bool | None = None
    since: str = ""
    staged: bool = False
    config: str = ""
    isolated: bool = False
    show_settings: bool = False
    root: str = ""
    jobs: int | None = None
    stdin_filename: str = ""
    strict: bool = False
    show_refused: bool = False
    quiet: bool = False
    verbose: bool = False
    no_cache: bool = False
    color: str = "auto"


def _split(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    words = (word.strip() for value in values for word in value.split(","))
    return tuple(word for word in words if word)


_OPTIONS = (
    click.argument("paths", nargs=-1, type=str),
    click.option(
        "--select", multiple=True, callback=_split, metavar="NAMES",
        help="Run only these codemods (comma-separated; may be repeated).",
    ),
    click.option(
        "--ignore", multiple=True, callback=_split, metavar="NAMES",
        help="Leave these codemods out.",
    ),
    click.option(
        "--guest", "guests", multiple=True, metavar="[NAME=]HOST:TARGET [ARG ...]",
        help="Run also a codemod of libcst, fixit or bowler (in quotes with its args).",
    ),
    click.option(
        "--include", multiple=True, metavar="PATTERN",
        help="Files under work, in the syntax of .gitignore [default: test code].",
    ),
    click.option(
        "--exclude", multiple=True, metavar="PATTERN",
        help="Files to leave alone, besides those the configuration excludes.",
    ),
    click.option(
        "--force-exclude", is_flag=True, default=None,
        help="Treat named files like those found in folders: exclude them too.",
    ),
    click.option(
        "--since",
        default="",
        metavar="REV",
        help="Only lines that changed since the branch left this git revision.",
    ),
    click.option(
        "--staged",
        is_flag=True,
        help="Only lines that changed in the files that are staged in git.",
    ),
    click.option(
        "--unsafe-fixes/--no-unsafe-fixes", default=None,
        help="Make fixes that may change what a test means.",
    ),
    click.option(
        "--config", default="", metavar="FILE", help="Read this configuration file.",
    ),
    click.option(
        "--isolated", is_flag=True, help="Read no configuration file.",
    ),
    click.option(
        "--show-settings", is_flag=True, help="Print the settings in use and end.",
    ),
    click.option(
        "--root", default="", metavar="FOLDER",
        help="The project's root [default: the nearest folder with a project file].",
    ),
    click.option(
        "-j", "--jobs", type=click.IntRange(min=0), default=None, metavar="N",
        help="Worker processes [default: one per CPU].",
    ),
    click.option(
        "--no-cache", is_flag=True, help="Neither use nor keep results of other runs.",
    ),
    click.option(
        "--stdin-filename", default="", metavar="PATH",
        help="What the file is called that - reads from stdin.",
    ),
    click.option(
        "--strict", is_flag=True, help="Exit 1 also for findings that have no fix.",
    ),
    click.option(
        "--show-refused", is_flag=True, help="Show findings that have no fix, and why.",
    ),
    click.option(
        "-q", "--quiet", is_flag=True, help="No summary and no progress bar.",
    ),
    click.option(
        "-v", "--verbose", is_flag=True, help="Name also the files that are skipped.",
    ),
    click.option(
        "--color", type=click.Choice(["auto", "always", "never"]), default="auto",
        show_default=True, help="Colour the output.",
    ),
)  # fmt: skip


def common(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the common flags; it gets them as one `Flags` value."""

    @wraps(function)
    def called(**values: Any) -> int:
        own = {field.name: values.pop(field.name) for field in fields(Flags)}
        return function(Flags(**own), **values)

    wrapped: Callable[..., int] = called
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
