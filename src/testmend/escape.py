"""Names and messages made safe to show: nothing in them moves a terminal."""

from __future__ import annotations

import re

# Control characters, surrogates (bytes that are not UTF-8), and the characters that
# turn the direction of text round.
_ODD = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""The text on one line, with odd characters as ``\xNN`` or ``\uNNNN``."""
    return _ODD.sub(_shown, text)


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004  the byte that Python hid there
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"  # noqa: PLR2004  one byte
