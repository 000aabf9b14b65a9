"""Where the wait helper lives in a project, and how a file imports it from there.

The place depends on the project's paths alone: not on the files under work, nor on
their order.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend.model import NewFile

if TYPE_CHECKING:
    from testmend.codemod import Context
    from testmend.index import Index

MARK = "__testmend__"
_TEST_FOLDERS = frozenset({"test", "tests", "functional", "t"})


@dataclass(frozen=True, slots=True)
class Home:
    """The import of the helper, and the file to be written if it is not there yet."""

    statement: str
    file: NewFile | None


def text() -> str:
    """The helper's source: the very module that testmend tests."""
    return resources.files("testmend").joinpath("waits.py").read_text("utf-8")


def is_helper(index: Index, path: str) -> bool:
    """Whether a file is a copy of the wait helper."""
    facts = index.facts(path)
    return facts is not None and facts.constants.get(MARK, "").startswith("waits ")


def home(context: Context, name: str, wanted: str) -> Home:
    """The home of the helper for a file, which knows it as ``name``.

    ``wanted`` is the dotted name that the configuration gives, or empty. A copy that
    the file can import is used before a new one is written.
    """
    index, path = context.index, context.path
    if wanted:
        place = index.locate(wanted, path) or f"{wanted.replace('.', '/')}.py"
        package, _, stem = wanted.rpartition(".")
        statement = f"from {package} import {stem}" if package else f"import {stem}"
        return Home(_named(statement, stem, name), _new(index, place))
    place = _existing(index, path) or _planned(index, path)
    stem = PurePosixPath(place).stem
    return Home(_named(_statement(index, path, place), stem, name), _new(index, place))


def _new(index: Index, place: str) -> NewFile | None:
    return None if place in index.paths else NewFile(place, text())


def _named(statement: str, stem: str, name: str) -> str:
    return statement if stem == name else f"{statement} as {name}"


def _existing(index: Index, path: str) -> str | None:
    """The nearest copy in the same top package, or in the file's own folder."""
    ours = index.package(path)[:1]
    folder = PurePosixPath(path).parent
    found = []
    for facts in index.modules:
        if facts.path == path or not is_helper(index, facts.path):
            continue
        above = PurePosixPath(facts.path).parent
        if index.package(facts.path)[:1] == ours and (ours or above == folder):
            found.append(facts.path)
    return min(found, key=lambda each: (each.count("/"), each), default=None)


def _planned(index: Index, path: str) -> str:
    """Where a new copy goes: the top-most folder of tests."""
    package = index.package(path)
    if not package:
        folder = _plain_folder(index, path)
        return str(folder / "testmend_waits.py")
    own = PurePosixPath(path).parents[len(package) - 1]  # the folder of the top package
    roots = {
        root
        for each in index.paths
        if (root := _test_root(each)) is not None
        and root.is_relative_to(own)
        and index.package(f"{root}/x.py")[:1] == package[:1]
    }
    folder = min(
        roots,
        key=lambda each: (len(each.parts), "test" not in each.name, str(each)),
        default=_package_folder(path, own),
    )
    for stem in ("waits", "testmend_waits"):
        place = str(folder / f"{stem}.py")
        taken = place in index.paths or f"{folder}/{stem}/__init__.py" in index.paths
        if not taken or is_helper(index, place):
            return place
    return str(folder / "testmend_waits.py")


def _package_folder(path: str, top: PurePosixPath) -> PurePosixPath:
    """The top package of a file in a folder of tests, else the file's own folder."""
    root = _test_root(path)
    return top if root and top.is_relative_to(root) else PurePosixPath(path).parent


def _test_root(path: str) -> PurePosixPath | None:
    """The top-most folder above a file that is named as tests are."""
    folders = [each for each in PurePosixPath(path).parents if each.name]
    return next(
        (each for each in reversed(folders) if each.name in _TEST_FOLDERS), None
    )


def _plain_folder(index: Index, path: str) -> PurePosixPath:
    """The folder that pytest puts on the path: of the file, or of a conftest above."""
    folder = PurePosixPath(path).parent
    root = _test_root(path)
    if root is None:
        return folder
    between = [each for each in (folder, *folder.parents) if each.is_relative_to(root)]
    held = [each for each in between if f"{each}/conftest.py" in index.paths]
    return held[-1] if held else folder


def _statement(index: Index, path: str, place: str) -> str:
    above, stem = PurePosixPath(place).parent, PurePosixPath(place).stem
    if not index.package(place):
        return f"import {stem}"
    folder = PurePosixPath(path).parent
    base = _base(index, path, above)
    package = index.package(place)
    if folder.is_relative_to(above) and (
        _imports_relatively(index, path) or not _is_known(index, path, base, place)
    ):
        dots = "." * (len(folder.parts) - len(above.parts) + 1)
        return f"from {dots} import {stem}"
    parts = above.relative_to(base).parts if base else package
    return f"from {'.'.join(parts)} import {stem}"


def _is_known(index: Index, path: str, base: PurePosixPath | None, place: str) -> bool:
    """Whether the file, or one beside it, imports the top package by its name."""
    package = index.package(place)
    own = PurePosixPath(place).parents[len(package)]
    top = PurePosixPath(place).parent.relative_to(base or own).parts[0]
    files = [index.facts(path), *index.modules]
    return any(
        each.module.partition(".")[0] == top
        for facts in files
        if facts and index.package(facts.path)[:1] == package[:1]
        for each in facts.imports
    )


def _base(index: Index, path: str, above: PurePosixPath) -> PurePosixPath | None:
    """The folder from which the file's own absolute imports of the project start."""
    facts = index.facts(path)
    found: Counter[PurePosixPath] = Counter()
    for each in facts.imports if facts else ():
        if not each.module or each.module.startswith("."):
            continue
        names = [f"{each.module}.{each.name}", each.module] if each.name else []
        for name in names or [each.module]:
            place = index.locate(name, path)
            if place is None:
                continue
            parents = PurePosixPath(place).parents
            depth = name.count(".") + place.endswith("/__init__.py")
            if depth < len(parents):
                found[parents[depth]] += 1
            break
    fitting = [b for b in found if above.is_relative_to(b) and above != b]
    return max(fitting, key=lambda b: (found[b], str(b)), default=None)


def _imports_relatively(index: Index, path: str) -> bool:
    """Whether a file imports its neighbours with leading dots, and only so."""
    facts = index.facts(path)
    package = index.package(path)
    if facts is None:
        return False
    dotted = any(each.module.startswith(".") for each in facts.imports)
    top = package[0]
    return dotted and not any(
        each.module == top or each.module.startswith(f"{top}.")
        for each in facts.imports
    )
