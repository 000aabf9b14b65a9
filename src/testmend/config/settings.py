"""The settings of one run, after file and command line were put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from testmend.codemod import Options

TEST_CODE = (
    "test_*.py",
    "*_test.py",
    "conftest.py",
    "test/",
    "tests/",
    "testing/",
    "functional/",
)
"""What is under work by default, in the syntax of ``.gitignore``."""


class Overrides(Struct, frozen=True):
    """What the command line says. None or empty: it does not say.

    ``select`` and ``include`` replace those of the file, ``ignore`` and ``exclude`` add
    to them: a flag that narrows never widens.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    force_exclude: bool | None = None
    unsafe_fixes: bool | None = None
    jobs: int | None = None


class Settings(Struct, frozen=True):
    """What one run goes by.

    ``base``: the folder from which ``include``, ``exclude`` and ``per_file_ignores``
    count. ``file``: the configuration file, if there is one. ``codemods``: those that
    run, in their order. ``jobs`` 0: one worker per CPU.
    """

    base: Path
    file: Path | None
    codemods: tuple[str, ...]
    include: tuple[str, ...] = TEST_CODE
    exclude: tuple[str, ...] = ()
    force_exclude: bool = False
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unsafe_fixes: bool = False
    jobs: int = 0
    options: Mapping[str, Options] = field(default_factory=dict)

    def based(self, base: Path) -> Settings:
        """The same settings with patterns that count from another folder."""
        return replace(self, base=base)

    def ignored(self, root: Path, paths: Iterable[str]) -> dict[str, frozenset[str]]:
        """The codemods that ``per_file_ignores`` switches off, by path."""
        from testmend.discover.patterns import Patterns  # noqa: PLC0415  often unneeded

        rules = [
            (Patterns.of(self.base, [pattern]), names)
            for pattern, names in self.per_file_ignores.items()
        ]
        found = {
            path: frozenset(
                name
                for rule, names in rules
                if rule.match(root / path)
                for name in names
            )
            for path in (paths if rules else ())
        }
        return {path: names for path, names in found.items() if names}
