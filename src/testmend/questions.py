"""Which of the files around those under work can answer what is asked of them.

Most can't, and need not be parsed. A file uses a name of another one only if it says
both that name and the other one's own, or imports everything from it, or is one of
fixtures.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend.examination import digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from testmend.examination import Examination
    from testmend.facts import ModuleFacts

MARKER = b"__testmend__"
# Bytes that are no part of a word become blanks: faster than a regular expression.
_BLANKED = bytes(
    code if re.match(rb"\w", bytes([code])) else ord(" ") for code in range(256)
)
_STAR = re.compile(rb"import[ \t(]*\*")  # "\bimport" would be found far slower
# A fixture reads names of whatever test module asks for it: request.module.NAME.
_BY_FIXTURES = frozenset({b"request", b"module"})
_COMMENT = re.compile(rb"""^([^'"#\r\n]*)#[^'"\r\n]*(?=[\r\n]|\Z)""", re.MULTILINE)
_FEW = 32  # words that are quicker found one by one

Signatures = dict[str, set[tuple[str, ...]]]


class Mention(Struct, frozen=True):
    """What a file says: which of some words, and whether it has a star import.

    ``marked``: whether it is, or tells of, the wait helper. ``digest``: of its bytes.
    """

    digest: bytes
    words: frozenset[bytes]
    starred: bool
    marked: bool


class Questions(Struct):
    """What is asked of other files.

    ``names``: by the name of each asking module, the names that others may have from
    it; None: any. ``functions``: those whose parameters are asked for.
    """

    names: dict[bytes, set[bytes] | None] = field(default_factory=dict)
    functions: frozenset[str] = frozenset()

    @property
    def words(self) -> set[bytes]:
        """All words that a file may be asked about."""
        found = set(self.names) | set(map(os.fsencode, self.functions)) | _BY_FIXTURES
        return found.union(*(each for each in self.names.values() if each))

    def concern(self, mention: Mention) -> bool:
        """Whether a file that says this may have an answer."""
        if mention.marked:
            return True
        for stem in mention.words & self.names.keys():
            names = self.names[stem]
            if names is None or mention.starred or not names.isdisjoint(mention.words):
                return True
        if not mention.words >= _BY_FIXTURES:
            return False
        return any(
            names and not names.isdisjoint(mention.words)
            for names in self.names.values()
        )

    def functions_of(self, mention: Mention) -> frozenset[str]:
        """The functions asked for that a file may define."""
        return self.functions.intersection(map(os.fsdecode, mention.words))


def questions(examined: Iterable[Examination]) -> Questions:
    """What the surveys of some files ask."""
    asked = Questions()
    functions: set[str] = set()
    for each in examined:
        if each.surveys:
            stem = _word_of(os.fsencode(stem_of(each.path)))
            known = asked.names.setdefault(stem, set())
            for survey in each.surveys.values():
                functions |= survey.functions
                if survey.names is None or known is None:
                    known = asked.names[stem] = None
                else:
                    known.update(map(os.fsencode, survey.names))
    asked.functions = frozenset(functions)
    return asked


def words_of(data: bytes) -> list[bytes]:
    """All words of a text, in code, strings and comments; none that is not of ASCII."""
    return data.translate(_BLANKED).split()


def mention(data: bytes, words: frozenset[bytes]) -> Mention:
    """Which of some words a file says."""
    return Mention(
        digest(data),
        _said(data, words),
        starred=_STAR.search(data) is not None,
        marked=MARKER in data,
    )


def says_any(data: bytes, names: Collection[str]) -> bool:
    """Whether a text has one of some names as a word.

    Anywhere but in comments, as far as they can be told: no quote stands in the line,
    so a string has no end there.
    """
    found = _said(data, frozenset(map(os.fsencode, names)))
    return bool(found and _said(_COMMENT.sub(rb"\1", data), found))


def _said(data: bytes, words: frozenset[bytes]) -> frozenset[bytes]:
    """Those of some words that a text has; one that is not of ASCII as a part, too."""
    near = words
    if len(words) <= _FEW:  # much faster than all words of the file
        near = frozenset(word for word in words if word in data)
    found = near.intersection(words_of(data)) if near else near
    return found.union(word for word in _foreign(words) if word in data)


@lru_cache(1)
def _foreign(words: frozenset[bytes]) -> list[bytes]:
    """Those that are not of ASCII: what is split into words is."""
    return [word for word in words if not word.isascii()]


def _word_of(stem: bytes) -> bytes:
    """The longest word of a file's name: ``wide-plugin`` is not said as one."""
    return max(words_of(stem), key=len, default=stem)


def stem_of(path: str) -> str:
    """The last part of the name under which a file is imported."""
    pure = PurePosixPath(path)
    return pure.parent.name if pure.name == "__init__.py" else pure.stem


def modules_asked_for(
    asking: Mapping[str, Examination],
) -> list[tuple[str, str]]:
    """The modules that surveys name, each with the file that names it."""
    return [
        (name, path)
        for path, each in asking.items()
        for survey in each.surveys.values()
        for name in survey.modules
    ]


def modules_of_bases(facts: ModuleFacts) -> Iterator[str]:
    """The modules in which the bases of a file's classes may be defined."""
    bases = {base for each in facts.classes.values() for base in each.bases}
    roots = {base.partition(".")[0] for base in bases}
    for each in facts.imports:
        if each.bound in roots or each.name == "*":
            yield from dict.fromkeys((each.module, each.dotted))
