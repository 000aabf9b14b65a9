"""Names leave import statements, and the layout stays."""

from __future__ import annotations

import ast
import random
import sysconfig
from itertools import chain, combinations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from testmend.compose import compose, localized, splice
from testmend.importing import removal
from testmend.model import Finding, Range
from testmend.source import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from testmend.source import Module


def _without(source: str, names: Iterable[str]) -> str:
    """The source when each of the names was removed by a fix of its own."""
    module = parse("tests/test_x.py", source.encode())
    findings = []
    for alias in module.nodes(ast.alias):
        if (alias.asname or alias.name) in names:
            found = removal(module, alias)
            assert found is not None
            place = Range(alias.lineno, alias.col_offset, 0, 0)
            findings.append(Finding("x", place, "", found.fix()))
    composition = compose(findings)
    assert not composition.refused
    return splice(module.utf8, localized(module, composition.edits))


LAYOUTS = {
    "alone": ("import a\nimport b\nx = 1\n", "a", "import b\nx = 1\n"),
    "first-of-line": ("import a, b, c\n", "a", "import b, c\n"),
    "middle-of-line": ("import a, b, c\n", "b", "import a, c\n"),
    "last-of-line": ("import a, b, c\n", "c", "import a, b\n"),
    "two-of-line": ("import a, b, c\n", "bc", "import a\n"),
    "all-of-line": ("import a, b\nx = 1\n", "ab", "x = 1\n"),
    "from": ("from x import a, b\n", "a", "from x import b\n"),
    "renamed": ("from x import y as a, b\n", "a", "from x import b\n"),
    "one-per-line": (
        "from x import (\n    a,\n    b,\n    c,\n)\n",
        "b",
        "from x import (\n    a,\n    c,\n)\n",
    ),
    "one-per-line-first": (
        "from x import (\n    a,\n    b,\n)\n",
        "a",
        "from x import (\n    b,\n)\n",
    ),
    "one-per-line-last": (
        "from x import (\n    a,\n    b,\n)\n",
        "b",
        "from x import (\n    a,\n)\n",
    ),
    "one-per-line-last-no-comma": (
        "from x import (\n    a,\n    b\n)\n",
        "b",
        "from x import (\n    a\n)\n",
    ),
    "one-per-line-all": (
        "from x import (\n    a,\n    b,\n)\ny = 1\n",
        "ab",
        "y = 1\n",
    ),
    "packed-first-on-line": (
        "from x import (a, b,\n               c, d)\n",
        "c",
        "from x import (a, b,\n               d)\n",
    ),
    "packed-last-on-line": (
        "from x import (a, b,\n               c, d)\n",
        "b",
        "from x import (a,\n               c, d)\n",
    ),
    "packed-whole-line": (
        "from x import (a,\n               b, c,\n               d)\n",
        "bc",
        "from x import (a,\n               d)\n",
    ),
    "backslash": (
        "from x import a, \\\n    b, c\n",
        "b",
        "from x import a, \\\n    c\n",
    ),
    "backslash-last": ("from x import a, \\\n    b\n", "b", "from x import a\n"),
    "backslash-all": ("from x import a, \\\n    b\ny = 1\n", "ab", "y = 1\n"),
    "comment-of-another": (
        "from x import (\n    a,\n    b,  # why b\n    c,\n    d,\n)\n",
        "d",
        "from x import (\n    a,\n    b,  # why b\n    c,\n)\n",
    ),
    "semicolon-first": ("import a; import b\n", "a", "import b\n"),
    "semicolon-last": ("import b; import a\n", "a", "import b\n"),
    "semicolon-middle": ("import b; import a; x = 1\n", "a", "import b; x = 1\n"),
    "semicolon-both": ("import a; import b\nx = 1\n", "ab", "x = 1\n"),
    "semicolon-trailing": ("import a;\nx = 1\n", "a", "x = 1\n"),
    "semicolon-statement": ("x = 1; import a\n", "a", "x = 1\n"),
    "end-of-group": (
        "import b\nimport a\n\nimport c\n",
        "a",
        "import b\n\nimport c\n",
    ),
    "start-of-group": (
        "import b\n\nimport a\nimport c\n",
        "a",
        "import b\n\nimport c\n",
    ),
    "whole-group": (
        "import b\n\nimport a\n\nimport c\n",
        "a",
        "import b\n\nimport c\n",
    ),
    "whole-group-of-two": (
        "import c\n\nimport a\nimport b\n\nimport d\n",
        "ab",
        "import c\n\nimport d\n",
    ),
    "two-groups": (
        "import c\n\nimport a\n\nimport b\n\nimport d\n",
        "ab",
        "import c\n\nimport d\n",
    ),
    "last-group-before-class": (
        "import b\n\nimport a\n\n\nclass C: ...\n",
        "a",
        "import b\n\n\nclass C: ...\n",
    ),
    "after-docstring": (
        '"""Doc."""\n\nimport a\n\n\nclass C: ...\n',
        "a",
        '"""Doc."""\n\n\nclass C: ...\n',
    ),
    "start-of-file": ("import a\n\n\nclass C: ...\n", "a", "class C: ...\n"),
    "after-licence": (
        "# Licence\n\nimport a\n\nimport b\n",
        "a",
        "# Licence\n\nimport b\n",
    ),
    "end-of-file": ("x = 1\n\nimport a\n", "a", "x = 1\n"),
    "no-final-newline": ("x = 1\nimport a", "a", "x = 1\n"),
    "whole-file": ("import a\n", "a", ""),
    "function": (
        "def f():\n    import a\n    return 1\n",
        "a",
        "def f():\n    return 1\n",
    ),
    "function-blank": (
        "def f():\n    import a\n\n    return 1\n",
        "a",
        "def f():\n    return 1\n",
    ),
    "function-only": (
        "def f():\n    import a\n\n\nx = 1\n",
        "a",
        "def f():\n    pass\n\n\nx = 1\n",
    ),
    "function-only-two": (
        "def f():\n    import a\n    import b\n",
        "ab",
        "def f():\n    pass\n",
    ),
    "function-docstring": (
        'def f():\n    """Doc."""\n    import a\n',
        "a",
        'def f():\n    """Doc."""\n',
    ),
    "one-line-block": ("if x: import a\n", "a", "if x: pass\n"),
    "one-line-block-two": ("if x: import a; import b\n", "ab", "if x: pass\n"),
    "one-line-block-first": ("if x: import a; y = 1\n", "a", "if x: y = 1\n"),
    "form-feed": ("x = 1\n\x0cimport a\ny = 1\n", "a", "x = 1\n\x0cy = 1\n"),
    "crlf": ("import a\r\nimport b\r\n", "a", "import b\r\n"),
    "crlf-parentheses": (
        "from x import (\r\n    a,\r\n    b,\r\n)\r\n",
        "a",
        "from x import (\r\n    b,\r\n)\r\n",
    ),
    "lone-cr": ("import a\rimport b\r", "a", "import b\r"),
    "else-block": (
        "if x:\n    y = 1\nelse:\n    import a\n",
        "a",
        "if x:\n    y = 1\nelse:\n    pass\n",
    ),
    "before-decorator": (
        "import b\nimport a\n\n\n@b\ndef f(): ...\n",
        "a",
        "import b\n\n\n@b\ndef f(): ...\n",
    ),
    "comment-group": (
        "import b\n\n# Local\nimport a\nimport c\n",
        "a",
        "import b\n\n# Local\nimport c\n",
    ),
}


@pytest.mark.parametrize(("source", "names", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_layout_is_kept(source: str, names: str, expected: str) -> None:
    assert _without(source, names) == expected


@pytest.mark.parametrize("source", [case[0] for case in LAYOUTS.values()], ids=LAYOUTS)
def test_any_names_go_together_and_all_others_stay(source: str) -> None:
    module = parse("tests/test_x.py", source.encode())
    names = [alias.asname or alias.name for alias in module.nodes(ast.alias)]
    names = [name for name in names if removal(module, _alias(module.tree, name))]
    subsets = chain.from_iterable(combinations(names, n) for n in range(len(names) + 1))
    for subset in subsets:
        result = ast.parse(_without(source, subset))
        assert ast.dump(result) == ast.dump(_Without(subset).visit(ast.parse(source)))


def _alias(tree: ast.Module, name: str) -> ast.alias:
    found = (n for n in ast.walk(tree) if isinstance(n, ast.alias))
    return next(each for each in found if (each.asname or each.name) == name)


class _Without(ast.NodeTransformer):
    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)

    def _visit_import(self, node: ast.Import | ast.ImportFrom) -> ast.AST | None:
        node.names = [a for a in node.names if (a.asname or a.name) not in self.names]
        return node if node.names else None

    visit_Import = _visit_import  # noqa: N815  the visitor's protocol
    visit_ImportFrom = _visit_import  # noqa: N815  the visitor's protocol

    def generic_visit(self, node: ast.AST) -> ast.AST:
        had = {name: value for name, value in ast.iter_fields(node) if value}
        super().generic_visit(node)
        for name in ("body", "orelse"):
            if (
                name in had
                and not getattr(node, name)
                and not isinstance(node, ast.Module)
            ):
                setattr(node, name, [ast.Pass()])
        return node


REAL = ["argparse", "subprocess", "socketserver", "tarfile", "unittest/mock", "pdb"]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", REAL)
def test_any_names_leave_real_code(name: str, seed: int) -> None:
    path = Path(sysconfig.get_paths()["stdlib"]) / f"{name}.py"
    module = parse(f"{name}.py", path.read_bytes())
    rng = random.Random(seed)  # noqa: S311  no secret
    findings, gone = [], set()
    for alias in module.nodes(ast.alias):
        found = removal(module, alias) if rng.random() < seed / 4 else None
        if found and _is_bound_once(module, alias):
            place = Range(alias.lineno, alias.col_offset, 0, 0)
            findings.append(Finding("x", place, "", found.fix()))
            gone.add(alias.asname or alias.name)
    composition = compose(findings)
    result = splice(module.utf8, localized(module, composition.edits))

    assert not composition.refused
    expected = ast.dump(_Without(gone).visit(ast.parse(module.utf8)))
    assert ast.dump(ast.parse(result)) == expected
    assert "\n\n\n\n" not in result or "\n\n\n\n" in module.text


def _is_bound_once(module: Module, alias: ast.alias) -> bool:
    """Only then its removal says nothing about another import of that name."""
    return len(module.scopes.all_bindings(module.scopes.binding(alias).name)) == 1


COMMENTS = {
    "behind": "import a  # why\n",
    "behind-many": "import b, a  # why\n",
    "beside": "from x import (\n    a,  # why\n    b,\n)\n",
    "above": "from x import (\n    b,\n    # why\n    a,\n)\n",
    "on-the-bracket": "from x import (  # why\n    a,\n    b,\n)\n",
}


@pytest.mark.parametrize("source", COMMENTS.values(), ids=COMMENTS)
def test_a_name_with_a_comment_is_left_alone(source: str) -> None:
    module = parse("tests/test_x.py", source.encode())

    assert removal(module, _alias(module.tree, "a")) is None


def test_a_name_that_is_read_goes_with_its_loads() -> None:
    source = "import time, os\ntime.sleep(1)\nos.x(time)\n"
    module = parse("tests/test_x.py", source.encode())
    found = removal(module, _alias(module.tree, "time"))

    assert found is not None
    assert found.tokens == {source.index("time.sleep"), source.rindex("time")}


def test_a_name_imported_twice_goes_though_it_is_read() -> None:
    source = "import a\nimport b, a\na.b\n"
    module = parse("tests/test_x.py", source.encode())
    second = [each for each in module.nodes(ast.alias) if each.name == "a"][1]
    found = removal(module, second, frozenset({second}))

    assert found is not None
    finding = Finding("x", Range(2, 1, 2, 2), "", found.fix())
    edits = compose([finding]).edits
    assert splice(module.utf8, edits) == "import a\nimport b\na.b\n"
