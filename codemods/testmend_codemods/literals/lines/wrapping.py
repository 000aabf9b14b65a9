"""Brackets that a literal has only because it is too long for its line.

::

    'share_mapping_uuid': (
        'f7c1726d-7622-42b3-8b2c-4473239d60d1'),

A name needs no line of its own: it takes the place of the brackets, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from testmend.line_length import PEP8

if TYPE_CHECKING:
    from testmend.source import Module
    from testmend_codemods.literals.model import Use

_AHEAD = re.compile(rb"([:=,][ \t]*)(\(\s*)\Z")
_BEHIND = re.compile(rb"\s*\)")
_LONGEST = 40  # characters of what may stand for a value


def unwrapped(module: Module, use: Use) -> Use:
    """The use with such brackets as parts of it, if a name fits on the line ahead."""
    if use.shifts:
        return use
    first = module.line_of(use.start)
    above = module.line_start(max(1, first - 1))
    ahead = _AHEAD.search(module.utf8[above : use.start])
    behind = _BEHIND.match(module.utf8, use.end)
    if ahead is None or behind is None:
        return use
    start, end = above + ahead.start(2), behind.end()
    line, last = module.line_of(start), module.line_of(end)
    if line == last:
        return use
    before = module.utf8[module.line_start(line) : start].decode()
    after = module.line_text(last)[len(_column(module, last, end)) :]
    if len(before) + _LONGEST + len(after) > PEP8:
        return use
    return replace(
        use,
        start=start,
        end=end,
        row=module.line_start(line),
        room=PEP8 - len(before) - (end - start) - len(after),
        breaks=(),
    )


def _column(module: Module, line: int, offset: int) -> str:
    return module.utf8[module.line_start(line) : offset].decode()
