"""In any program: what is left after removals finds the same names as before."""

from __future__ import annotations

import ast
import random
import symtable
import warnings
from typing import TYPE_CHECKING

import pytest
from projects import Project
from pysource_codegen import generate
from uninlined import Generators

from testmend.model import Changed

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "tests/test_x.py"
# The generator's programs use the names name_0, name_1, ...; few of them all.
IMPORTS = [
    "import name_{0}",
    "import name_{0}, name_{1}",
    "import name_{0}.name_{1}",
    "import os.path as name_{0}",
    "from os import name_{0}, name_{1}",
    "from os import (\n    name_{0} as name_{1},\n    name_{1} as extra_{0},\n)",
    "from os import extra_{0}; import extra_{1}",
    "import extra_{0}, name_{1}",
]


class _Sprinkled(ast.NodeTransformer):
    """Puts imports into a module and its functions."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def visit_Module(self, node: ast.Module) -> ast.AST:
        self.generic_visit(node)
        # At the top alone, so that most programs have loads behind them.
        node.body[:0] = [each for _ in range(3) for each in self._imports()]
        node.body += self._imports()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        place = self._rng.randint(0, len(node.body))
        node.body[place:place] = self._imports()
        return node

    def _imports(self) -> list[ast.stmt]:
        numbers = self._rng.choices(range(6), k=2)
        return ast.parse(self._rng.choice(IMPORTS).format(*numbers)).body


def _program(seed: int) -> str:
    """A program with imports; empty where Python does not allow them."""
    rng = random.Random(seed)  # noqa: S311  the same programs each time
    tree = ast.parse(generate(seed, node_limit=150, depth_limit=7))
    tree = _Sprinkled(rng).visit(Generators().visit(tree))
    source = ast.unparse(tree) + "\n"
    try:
        compile(source, "x", "exec")
    except SyntaxError:  # an import of a parameter that is global, say
        return ""
    return source


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for each in table.get_children():
        yield from _tables(each)


def _resolved(source: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each scope in order, where it finds each name that it reads."""
    top = symtable.symtable(source, "x", "exec")
    found = []
    for table in _tables(top):
        names = [
            (symbol.get_name(), _home(symbol, top))
            for symbol in table.get_symbols()
            if symbol.is_referenced()
        ]
        found.append((table.get_name(), sorted(names)))
    return found


def _home(symbol: symtable.Symbol, top: symtable.SymbolTable) -> str:
    if symbol.is_free():
        return "enclosing"
    if symbol.is_local() and not symbol.is_global():
        return "local"
    try:
        bound = top.lookup(symbol.get_name())
    except KeyError:
        return "nowhere"
    return "module" if bound.is_assigned() or bound.is_imported() else "nowhere"


def _removed(source: str) -> bytes | None:
    files = {PATH: source.encode()}
    outcome = Project(files).run(["unused-imports"], unsafe=True)[PATH].outcome
    return outcome.after if isinstance(outcome, Changed) else None


@pytest.mark.parametrize("start", range(0, 120, 30))
def test_what_is_left_finds_the_same_names(start: int) -> None:
    changed = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in range(start, start + 30):
            source = _program(seed)
            after = _removed(source) if source else None
            if after is not None:
                changed += 1
                assert _resolved(after.decode()) == _resolved(source), source
    assert changed > 10, "hardly any program lost an import"
