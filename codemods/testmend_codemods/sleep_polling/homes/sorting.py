"""What the project's linters take for its own when they sort imports.

isort and ruff look for the project's modules at its root and in ``src``, unless their
settings name other folders, and take all others for those of other projects. For ruff
the package that a file is in is the project's, too.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.model import Sorting
from testmend_codemods.sleep_polling.homes import knowing, places
from testmend_codemods.sleep_polling.project import commands, other_files

if TYPE_CHECKING:
    from testmend.index import Index

_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)
_SORTS = re.compile(
    r"""^\[(?:tool[.:])?(?:ruff\.)?(?:lint\.)?isort\]|^\[settings\]|\bid:\s*isort\b
      | ^(?:lint\.)?isort\.[\w-]+\s*=
      | ^(?:lint\.)?(?:extend-)?select\s*=\s*\[[^\]]*["'](?:ALL|I|I001)["']""",
    re.MULTILINE | re.VERBOSE,
)
_RUFF = re.compile(r"^\[(?:tool\.ruff|lint)\b|\bid:\s*ruff\b", re.MULTILINE)
_NO_PACKAGE = re.compile(r"\bdetect-same-package\s*=\s*false")
_SOURCES = re.compile(r"^(?:src|src_paths)\s*=\s*(\[[^\]]*\]|.*)", re.MULTILINE)
_KNOWN = re.compile(
    r"""^known[-_](?P<isort>[\w-]+?)\s*=\s*(?P<of_isort>\[[^\]]*\]|.*)
      | ^["']?(?P<ruff>[\w-]+)["']?\s*=\s*(?P<of_ruff>\[[^\]]*\])""",
    re.MULTILINE | re.VERBOSE,
)
_ORDER = re.compile(r"^section(?:s|[-_]order)\s*=\s*(\[[^\]]*\]|.*)", re.MULTILINE)
_THIRD = ("thirdparty", "third-party")
_OWN = frozenset({"first_party", "local_folder"})
_BY_LENGTH = re.compile(r"\blength[-_]sort\s*=\s*true", re.IGNORECASE)
_ONE_EACH = re.compile(
    r"""\bforce[-_]single[-_]line\s*=\s*true
      | ^profile\s*=\s*["']?(?:google|open_stack|plone)\b""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_NAME = re.compile(r"[\w./-]+")


class _Order(Struct, frozen=True):
    """What linters take for the project's own, and how they like statements.

    ``by_length``: the longest name last. ``one_each``: one for each name.
    """

    own: frozenset[str]
    by_length: bool
    one_each: bool


def _order(index: Index, path: str, new: str) -> _Order | None:
    """How linters sort the imports of a file; None if none does.

    By the nearest settings above the file at ``path``, with one more file: ``new``; or
    at the root, by a command.
    """
    for above in PurePosixPath(path).parents:
        read = (index.beside(str(above / name)) for name in other_files.SORTING)
        text = _COMMENT.sub("", "\n".join(each or "" for each in read))
        at_root = above == PurePosixPath()
        if _SORTS.search(text) or (at_root and commands.sort_imports(index)):
            folders = sorted(_listed(_SOURCES, text)) or (".", "src")
            both = (index.paths, frozenset({new}))
            found = (places.modules(e, above / f) for e in both for f in folders)
            same = _RUFF.search(text) and not _NO_PACKAGE.search(text)
            package = index.package(path)[:1] if same else ()
            own = frozenset().union(_known(text), package, *found)
            return _Order(
                own,
                by_length=_BY_LENGTH.search(text) is not None,
                one_each=_ONE_EACH.search(text) is not None,
            )
    return None


def _known(text: str) -> set[str]:
    """The modules that settings name as the project's own, or for later sections.

    ``known_dock = docking`` where ``sections`` has ``DOCK`` behind ``THIRDPARTY``, and
    ``dock = ["docking"]`` of ruff: others do not come among them.
    """
    order = [each.lower() for each in _NAME.findall("".join(_ORDER.findall(text)))]
    third = next((at for at, each in enumerate(order) if each in _THIRD), len(order))
    later = _OWN.union(order[third + 1 :])
    return {
        name
        for found in _KNOWN.finditer(text)
        if (found["isort"] or found["ruff"]).replace("-", "_").lower() in later
        for name in _NAME.findall(found["of_isort"] or found["of_ruff"] or "")
    }


def _listed(option: re.Pattern[str], text: str) -> set[str]:
    """The values of an option: ``src = ["tests"]`` or ``src_paths = lib,tests``."""
    return {name for value in option.findall(text) for name in _NAME.findall(value)}


def of_helper(index: Index, path: str, place: str, statement: str) -> Sorting:
    """What a statement that imports the helper from a place is sorted with."""
    found = _order(index, path, place)
    own = found.own if found else None
    plain = Sorting(
        width=index.lines(path).longest if found and not found.one_each else 0,
        by_length=found is not None and found.by_length,
        by_full_name=found is None and index.takes_modules,
    )
    if statement.startswith("from ."):
        return plain
    package = statement.partition("from ")[2].partition(" import ")[0]
    above = package.count(".") + bool(package)
    around = places.modules_around(index.paths, PurePosixPath(place).parents[above])
    root = package.partition(".")[0] or PurePosixPath(place).stem
    if own is None:
        return replace(plain, beside=around)
    if root in own:
        return replace(plain, beside=own)
    others = around - own
    if not others.isdisjoint(knowing.roots(index, path)):
        return replace(plain, beside=others)
    return replace(plain, beside=own, apart=True)
