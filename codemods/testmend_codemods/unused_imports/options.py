"""The options of unused-imports."""

from __future__ import annotations

from testmend.codemod import Options


class UnusedOptions(Options, frozen=True):
    """The table ``[tool.testmend.unused-imports]``."""

    keep_names: tuple[str, ...] = ()
    harmless_modules: tuple[str, ...] = ()
