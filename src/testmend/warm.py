"""Imported once in the process from which workers are forked: the codemods are there.

Without it every worker would import them anew.
"""

from __future__ import annotations

from testmend import registry, runner

__all__ = ["runner"]

for codemod in registry.load().values():
    codemod.ready()
