"""Functions whose source is run without the rest of their file."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from testmend.facts import decorators

if TYPE_CHECKING:
    from testmend.source import Module

_ELSEWHERE = re.compile(r"(?:^|[._])sub_?process(?:es)?(?:$|_)|(?:^|[._])remote(?:$|_)")


def runs_elsewhere(module: Module, node: ast.AST) -> bool:
    """Whether a function around a node is marked to run in another process.

    With ``@pytest.mark.subprocess`` and its kin the function's body becomes a program
    of its own: what the file imports or defines is not there.
    """
    return any(
        _ELSEWHERE.search(mark)
        for above in (node, *module.ancestors(node))
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef)
        for mark in decorators(above)
    )
