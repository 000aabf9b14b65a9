"""The promises of testmend, over generated modules and over a real tree."""

from __future__ import annotations

import ast
from pathlib import Path

import libcst
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from projects import Project
from sources import disguised, modules, programs

from testmend import registry
from testmend.model import Changed, Failed, FileResult, Outcome, Skipped, apply_bytes

PATH = "tests/test_case.py"
GENERATED = settings(
    max_examples=150, deadline=None, suppress_health_check=list(HealthCheck)
)
SELECTIONS = [tuple(registry.load()), *((name,) for name in registry.load())]


def project(data: bytes) -> Project:
    return Project(
        {PATH: data, "tests/__init__.py": b"", "tests/helpers.py": b"A = 1\n"}
    )


def outcome_of(data: bytes, selection: tuple[str, ...]) -> Outcome:
    return project(data).run(selection, only=[PATH])[PATH].outcome


def check_bytes(data: bytes, outcome: Outcome) -> bytes:
    """Bytes outside the edits are those of the original; returns the new file."""
    if not isinstance(outcome, Changed):
        assert not isinstance(outcome, Failed), outcome
        return data
    assert outcome.before == data
    assert apply_bytes(data, outcome.edits) == outcome.after
    at = 0
    for start, end, _ in outcome.edits:
        assert at <= start <= end <= len(data)
        at = end
    assert not any(each.reason == "not-proven" for each in outcome.findings)
    ast.parse(outcome.after)
    return outcome.after


def names_imported(tree: ast.Module) -> list[tuple[str, str]]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [("", alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [(node.module or "", alias.name) for alias in node.names]
    return found


class _Inline(ast.NodeTransformer):
    """Undo lifted constants and removed imports, on a tree."""

    def __init__(self, constants: dict[str, str]) -> None:
        self.constants = constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.constants and isinstance(node.ctx, ast.Load):
            return ast.Constant(self.constants[node.id])
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return ast.Constant(node.value)  # without its prefix

    def visit_Import(self, _: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, _: ast.ImportFrom) -> None:
        return None

    def visit_Pass(self, _: ast.Pass) -> None:
        return None


def undone(data: bytes, original: bytes) -> str:
    """The dump of a file without imports, and without what was lifted out of it."""
    tree, old = ast.parse(data), ast.parse(original)
    known = {
        target.id
        for node in ast.walk(old)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    constants: dict[str, str] = {}
    body: list[ast.stmt] = []
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)], value=ast.Constant(value=str(value))
            ) if name not in known:
                constants[name] = value
            case _:
                body.append(node)
    tree.body = body
    return ast.dump(_Inline(constants).visit(tree))


@GENERATED
@given(data=disguised(modules() | programs()), pick=st.sampled_from(SELECTIONS))
def test_bytes_and_second_run(data: bytes, pick: tuple[str, ...]) -> None:
    after = check_bytes(data, outcome_of(data, pick))
    first = project(data)
    second = first.apply(first.run(pick, only=[PATH]))
    again = second.run(pick, only=[PATH])[PATH].outcome
    assert not isinstance(again, Changed), again.after.decode(errors="replace")
    assert second.files[PATH] == after


@GENERATED
@given(data=disguised(modules() | programs()))
def test_undoing_the_change_gives_the_original_tree(data: bytes) -> None:
    pick = tuple(name for name in registry.load() if name != "sleep-polling")
    after = check_bytes(data, outcome_of(data, pick))
    assert undone(after, data) == undone(data, data)
    new, old = names_imported(ast.parse(after)), names_imported(ast.parse(data))
    assert all(name in old for name in new)


def results(project: Project, jobs: int) -> dict[str, FileResult]:
    return project.run(jobs=jobs)


def tree() -> Project:
    """Tests that an installed package ships: real code, on every machine."""
    top = Path(libcst.__file__).parent
    files = sorted(top.rglob("test*/**/*.py"))[:60]
    return Project(
        {f.relative_to(top.parent).as_posix(): f.read_bytes() for f in files}
    )


def test_results_do_not_depend_on_workers_or_order() -> None:
    one = tree()
    other = Project(dict(reversed(one.files.items())))
    assert results(one, 1) == results(other, 2)


@pytest.mark.parametrize("pick", SELECTIONS, ids="+".join)
def test_real_tree(pick: tuple[str, ...]) -> None:
    before = tree()
    first = before.run(pick)
    for path, result in first.items():
        assert not isinstance(result.outcome, Failed | Skipped), result
        check_bytes(before.files[path], result.outcome)
    after = before.apply(first)
    again = after.run(pick)
    changed = [p for p, each in again.items() if isinstance(each.outcome, Changed)]
    assert changed == []
