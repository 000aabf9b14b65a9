"""Offsets of the tree and bytes on disk mean the same place, in every encoding."""

from __future__ import annotations

import ast
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from sources import disguised, modules

from testmend.errors import SourceError
from testmend.source import parse


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(disguised(modules()))
def test_every_node_is_found_by_its_offsets(data: bytes) -> None:
    module = parse("test_it.py", data)
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Name):
            assert module.source(node) == node.id
        elif isinstance(node, ast.FunctionDef):
            assert module.source(node).startswith("def ")
            assert module.line_of(module.start(node)) == node.lineno


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(disguised(modules()))
def test_lines_are_those_of_the_parser(data: bytes) -> None:
    module = parse("test_it.py", data)
    joined = b"".join(
        module.utf8[module.line_start(n) : module.line_start(n + 1)]
        for n in range(1, len(module.line_starts) + 1)
    )
    assert joined == module.utf8
    assert module.text.encode() == module.utf8


def test_columns_for_people_count_characters_from_one() -> None:
    module = parse("test_it.py", "é = 'ü'; x = 1\n".encode())
    name = next(
        n for n in ast.walk(module.tree) if isinstance(n, ast.Name) and n.id == "x"
    )
    where = module.range_of(name)
    assert (where.line, where.column, where.end_column) == (1, 10, 11)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"x = (\n", "syntax-error", id="syntax"),
        pytest.param(b"print 'two'\n", "syntax-error", id="python-2"),
        pytest.param(b"x = '\xe9'\n", "encoding", id="latin-1-without-cookie"),
        pytest.param(b"# coding: klingon\nx = 1\n", "encoding", id="unknown-cookie"),
        pytest.param(
            b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", "encoding", id="bom-and-cookie"
        ),
        pytest.param(b"x = 1\0\n", "null-byte", id="null"),
        pytest.param(b"x = 1\n" + b"#" * 2**21, "too-large", id="large"),
        pytest.param(b"x = " + b"(" * 300 + b")" * 300, "too-deep", id="brackets"),
        pytest.param(b"x = " + b"-" * 20_000 + b"1\n", "too-deep", id="operators"),
        pytest.param(b"x = 1" + b" + 1" * 20_000 + b"\n", "too-deep", id="sum"),
    ],
)
def test_what_cannot_be_read_has_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse("test_it.py", data)
    assert caught.value.reason == reason


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="it has that syntax")
@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def first[T](items: list[T]) -> T: ...\n", "newer-syntax"),
        ("type Number = int\n", "newer-syntax"),
        ("x = f'{names['one']}'\n", "newer-syntax"),
        ("x = t'a' t'{b}'\n", "newer-syntax"),
        ("def first[T](items: list[T] -> T: ...\n", "syntax-error"),
        ("x = f'{y}'\nprint 'two'\n", "syntax-error"),
        ("try:\n    x = f'{y}'\nexcept A, e:\n    pass\n", "syntax-error"),
        ("class Items[T]: ...\n0777\n", "syntax-error"),
    ],
)
def test_syntax_of_later_versions_is_not_broken(text: str, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse("test_it.py", text.encode())
    assert caught.value.reason == reason
    assert ("it needs a newer Python" in str(caught.value)) == (reason[0] == "n")


def test_cookie_is_obeyed() -> None:
    module = parse("test_it.py", b"# coding: latin-1\nname = '\xe9'\n")
    assert "é" in module.text
    assert module.encoding == "iso-8859-1"
