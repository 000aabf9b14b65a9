"""LibCST on a slice: parse one statement, rewrite it, give back the smallest edits.

Whole files are never given to LibCST: it does not return all of them as they were, and
it ends the process on deep nesting. A slice that it does not give back byte for byte is
refused (`FragmentError`).
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import libcst as cst

from testmend.errors import FragmentError
from testmend.model import Edit

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

    from testmend.source import Module

MAX_DEPTH = 100
_WRAPPER = "if 1:\n"
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


def rewrite_statement(
    module: Module,
    node: ast.stmt,
    transform: Callable[[cst.BaseStatement], cst.BaseStatement | None],
) -> tuple[Edit, ...]:
    """The edits that turn a statement into what ``transform`` makes of its LibCST form.

    The slice is the statement's whole lines. ``transform`` returns the new statement
    (comments and layout included) or None to refuse. Raises `FragmentError` when the
    slice does not round-trip, shares its line with another statement, or nests deeper
    than 100 brackets.
    """
    start, text = _slice(module, node)
    tree, indented = _parse(text)
    holder: cst.BaseSuite | cst.Module = tree
    if indented:
        outer = tree.body[0]
        if not isinstance(outer, cst.If):
            raise FragmentError("the wrapper was not given back")
        holder = outer.body
    body = list(holder.body)
    if len(body) != 1 or not isinstance(body[0], cst.BaseStatement):
        raise FragmentError("not exactly one statement in the slice")
    changed = transform(body[0])
    if changed is None:
        return ()
    new = tree.with_deep_changes(holder, body=[changed]).code
    return _edits(text, new.removeprefix(_WRAPPER) if indented else new, start)


def _slice(module: Module, node: ast.stmt) -> tuple[int, str]:
    end_line = node.end_lineno or node.lineno
    start, end = module.line_start(node.lineno), module.line_start(end_line + 1)
    ahead = module.utf8[start : module.start(node)]
    behind = module.utf8[module.end(node) : end].lstrip(b" \t\f")
    if ahead.strip(b" \t\f") or behind[:1] not in (b"", b"\r", b"\n", b"#"):
        raise FragmentError("the statement shares its line with another one")
    text = module.utf8[start:end].decode()
    depth = deepest = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise FragmentError(f"brackets are nested deeper than {MAX_DEPTH}")
    return start, text


def _parse(text: str) -> tuple[cst.Module, bool]:
    indented = text[:1] in (" ", "\t", "\f")
    wrapped = _WRAPPER + text if indented else text
    try:
        tree = cst.parse_module(wrapped)
    except (cst.ParserSyntaxError, RecursionError) as error:
        raise FragmentError(f"LibCST cannot parse it: {type(error).__name__}") from None
    if tree.code != wrapped:
        raise FragmentError("LibCST does not give the statement back as it was")
    return tree, indented


def _edits(old: str, new: str, start: int) -> tuple[Edit, ...]:
    """Edits of lines, trimmed to what differs: untouched bytes stay outside of them."""
    before, after = _LINES.findall(old), _LINES.findall(new)
    offsets = [start]
    for line in before:
        offsets.append(offsets[-1] + len(line.encode()))
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    edits: list[Edit] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "replace" and i2 - i1 == j2 - j1:
            pairs = zip(offsets[i1:i2], before[i1:i2], after[j1:j2], strict=True)
            edits.extend(_trimmed(*pair) for pair in pairs)
        elif tag != "equal":
            edits.append(
                _trimmed(offsets[i1], "".join(before[i1:i2]), "".join(after[j1:j2]))
            )
    return tuple(edits)


def _trimmed(start: int, old: str, new: str) -> Edit:
    ahead = _shared(old, new)
    old, new, ahead_bytes = old[ahead:], new[ahead:], len(old[:ahead].encode())
    behind = _shared(old[::-1], new[::-1])
    kept, text = old[: len(old) - behind], new[: len(new) - behind]
    start += ahead_bytes
    return Edit(start, start + len(kept.encode()), text)


def _shared(one: str, other: str) -> int:
    """How many characters two texts have in common at their start."""
    pairs = zip(one, other, strict=False)
    differs = (i for i, (a, b) in enumerate(pairs) if a != b)
    return next(differs, min(len(one), len(other)))
