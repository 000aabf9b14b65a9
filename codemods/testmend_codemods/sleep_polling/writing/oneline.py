"""An expression of several lines on one."""

from __future__ import annotations

import ast
import io
import tokenize

_NOTHING = frozenset(
    {
        tokenize.COMMENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
        tokenize.INDENT,
        tokenize.NEWLINE,
        tokenize.NL,
    }
)
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def flat(text: str) -> str | None:
    """The expression without its line ends and comments; None where that is not safe.

    It is not where a string has several lines. The result means the same by its tree.
    """
    if "\n" not in text and "\r" not in text:
        return text
    wrapped = f"({text})"
    for commas in (False, True):
        joined = _joined(wrapped, commas=commas)
        if joined is None or _tree(joined) == _tree(wrapped):
            return joined and joined[1:-1]
    return None


def _joined(text: str, *, commas: bool) -> str | None:
    """The tokens of a text on one line; with the last comma in brackets, or without."""
    found: list[tokenize.TokenInfo] = []
    parts: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in _NOTHING:
            continue
        if tokenize.tok_name[token.type].startswith("FSTRING") or "\n" in token.string:
            return None
        if found:
            gap = _gap(found[-1], token)
            broken = found[-1].end[0] != token.start[0]
            last = broken and found[-1].string == "," and token.string in _CLOSING
            if last and not commas:
                parts.pop()
            parts.append("" if last else gap)
        parts.append(token.string)
        found.append(token)
    return "".join(parts)


def _gap(one: tokenize.TokenInfo, other: tokenize.TokenInfo) -> str:
    if one.end[0] == other.start[0]:
        return one.line.split("\n")[0][one.end[1] : other.start[1]]
    tight = one.string in _OPENING or other.string in _CLOSING
    return "" if tight or "." in (one.string, other.string) else " "


def _tree(text: str) -> str:
    return ast.dump(ast.parse(text, mode="eval"))
