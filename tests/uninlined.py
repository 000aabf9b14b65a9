"""Programs of which symtable shows every scope, on any Python.

From Python 3.12 on, list, set and dict comprehensions are inlined, and symtable mixes
their names with those of the scope around them.
"""

from __future__ import annotations

import ast


class Generators(ast.NodeTransformer):
    """Turns each comprehension into a generator, which has the same scopes."""

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        self.generic_visit(node)
        pair = ast.Tuple([node.key, node.value], ast.Load())
        return ast.GeneratorExp(pair, node.generators)
