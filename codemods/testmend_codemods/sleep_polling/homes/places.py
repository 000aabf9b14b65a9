"""The folders of a project in which the wait helper may live.

They follow from the project's paths alone: not from the files under work, nor from
their order. The file that asks has a say only in how it can import.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend_codemods.knowledge.files import is_package_file
from testmend_codemods.knowledge.testcode import (
    folder_of_tests,
    is_test_module,
    root_of_tests,
    speaks_of_tests,
)
from testmend_codemods.sleep_polling.homes import knowing, running
from testmend_codemods.sleep_polling.project.settings import of_pytest

if TYPE_CHECKING:
    from testmend.index import Index

_SETTINGS = ("pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml")
_SHARED = frozenset(
    {"base", "cases", "common", "constants", "fakes", "fixtures", "helper", "helpers"}
    | {"mixin", "mixins", "mocks", "stubs", "testing", "util", "utils", "waits"}
)
_ELSEWHERE = re.compile(r"container|docker|device|guest|remote|(?:^|/)vms?(?:/|$)")


def package(index: Index, path: str) -> tuple[str, ...]:
    """The packages above a file, outermost first; also plain folders below a package.

    Such a folder can be imported as part of the package (a namespace of its own), while
    the packages above it have an ``__init__.py``.
    """
    folder = PurePosixPath(path).parent
    names: list[str] = []
    while folder.name and folder.name.isidentifier():
        above = index.package(f"{folder}/x.py")
        if above:
            return (*above, *names)
        names.insert(0, folder.name)
        folder = folder.parent
    return ()


def reachable(index: Index, path: str) -> tuple[str, ...]:
    """The packages from which a file can import: `package`, if it shows that it does.

    A test in a plain folder below a package may run without that package on the path,
    unless the package has a conftest: pytest imports that one first, by its full name.
    """
    found = package(index, path)
    if not found or index.package(path) or _is_below_conftest(index, path, found):
        return found
    facts = index.facts(path)
    modules = [each.module for each in facts.imports] if facts else []
    if any(each[:1] == "." or _is_of_tests(each, found[0]) for each in modules):
        return found
    top = PurePosixPath(path).parents[len(found) - 1]
    pytest = of_pytest(index, path)
    here = (
        pytest.importlib
        or str(top.parent).strip(".") in pytest.path
        or f"{top.parent}/conftest.py".removeprefix("./") in index.paths
    )
    if here and found[0] in {each.partition(".")[0] for each in modules}:
        return found  # it is no installed package, where the tests may be left out
    return found if any(_is_below(index, each, path, top) for each in modules) else ()


def _is_of_tests(module: str, package: str) -> bool:
    """Whether a module lies in a folder of a package's tests, by its name."""
    root, *parts = module.split(".")[:-1] or [module]
    return root == package and any(map(speaks_of_tests, (root, *parts)))


def _is_below_conftest(index: Index, path: str, names: tuple[str, ...]) -> bool:
    """Whether pytest puts the package above a plain folder on the path.

    Not if tests of the plain folder may be run by themselves: pytest takes no conftest
    from above the folder with its settings, or above what it is asked to run if there
    are none.
    """
    whole = index.pytest.are_there or "setup.py" in index.paths
    if not whole or of_pytest(index, path).importlib:
        return False
    chain = list(PurePosixPath(path).parents)[: len(names) + 1]
    first = next(
        n for n, each in enumerate(chain) if f"{each}/__init__.py" in index.paths
    )
    alone = any(
        index.beside(f"{folder}/{name}") is not None
        for folder in chain[:first]
        for name in ("conftest.py", *_SETTINGS)
    )
    return not alone and any(
        f"{each}/conftest.py".removeprefix("./") in index.paths
        for each in chain[first:]
    )


def _is_below(index: Index, module: str, path: str, top: PurePosixPath) -> bool:
    """Whether a file imports a module of a package by its name and those above it.

    ``shop_e2e.tests.lib``, where ``shop_e2e`` is a plain folder.
    """
    if f".{top.name}." not in f"{module}." or module.startswith("."):
        return False
    place = index.locate(module, path)
    return place is not None and PurePosixPath(place).is_relative_to(top)


@lru_cache(maxsize=100)  # it goes over all files, and is asked for each with a loop
def modules(paths: frozenset[str], folder: PurePosixPath) -> frozenset[str]:
    """The names of the modules and packages directly in a folder."""
    top = "" if str(folder) == "." else f"{folder}/"
    return frozenset(
        path.removeprefix(top).partition("/")[0].removesuffix(".py")
        for path in paths
        if path.startswith(top)
    )


def modules_around(paths: frozenset[str], folder: PurePosixPath) -> frozenset[str]:
    """The same, of the top folder with those in ``src``: they are of one kind."""
    folders = (".", "src") if str(folder) in (".", "src") else (folder,)
    return frozenset().union(*(modules(paths, PurePosixPath(e)) for e in folders))


@lru_cache(maxsize=1)
def _roots(paths: frozenset[str]) -> frozenset[PurePosixPath]:
    """The top-most folders that are named as tests are, of all files of a project."""
    return frozenset(root for path in paths if (root := root_of_tests(path)))


def among_tests(index: Index, path: str) -> PurePosixPath:
    """The top-most folder of tests in the package of a file; else the file's own.

    For tests beside the code a package ``testing`` in the top one will do, or the top
    one itself: one helper for all of them. A folder of tests in another corner
    (``shop/cart/tests`` for ``shop/till/tests``) is no home.
    """
    top = reachable(index, path)
    own = PurePosixPath(path).parents[len(top) - 1]  # the folder of the top package
    named = folder_of_tests(path)
    if named and root_of_tests(path) is None and named.is_relative_to(own):
        return named
    parent = PurePosixPath(path).parent
    roots = {
        root
        for root in _roots(index.paths)
        if root.is_relative_to(own)
        and parent.is_relative_to(root.parent)
        and package(index, f"{root}/x.py")[:1] == top[:1]
    }
    own_root = root_of_tests(path)
    if f"{own_root}/__init__.py" in index.paths:
        roots = {each for each in roots if f"{each}/__init__.py" in index.paths}
    if own_root is None:  # whose tests are in some other corner is no home
        roots = {each for each in roots if each.parent == own}
        support = own / "testing"  # what the tests beside the code share
        if not roots and f"{support}/__init__.py" in index.paths:
            return support
    elif own_root in roots and len(own_root.parts) == min(len(e.parts) for e in roots):
        return own_root
    return min(
        roots,
        key=lambda each: (len(each.parts), "test" not in each.name, str(each)),
        default=_package_folder(index, path, own),
    )


def of_container(index: Index, path: str, home: PurePosixPath) -> PurePosixPath:
    """The folder between a home and a file that a container gets, else the home.

    It is called so, and has a conftest of its own: the folders above may not be there
    where its tests run.
    """
    between = [e for e in PurePosixPath(path).parents if e.is_relative_to(home)]
    return next(
        (
            each
            for each in reversed(between[:-1])
            if f"{each}/conftest.py" in index.paths
            and _ELSEWHERE.search("/".join(each.relative_to(home).parts))
        ),
        home,
    )


def _package_folder(index: Index, path: str, top: PurePosixPath) -> PurePosixPath:
    """The top package of a file among tests, or beside code; else its own folder."""
    root = root_of_tests(path)
    among = root is not None and top.is_relative_to(root)
    return top if among or is_beside_code(index, path) else PurePosixPath(path).parent


def is_beside_code(index: Index, path: str) -> bool:
    """Whether a file in no folder of tests has modules beside it that are none."""
    folder = PurePosixPath(path).parent
    return folder_of_tests(path) is None and folder in _folders_of_code(index.paths)


@lru_cache(maxsize=1)
def _folders_of_code(paths: frozenset[str]) -> frozenset[PurePosixPath]:
    """The folders with modules that are none of tests, nor what tests share."""
    return frozenset(
        pure.parent
        for pure in map(PurePosixPath, paths)
        if not is_test_module(str(pure))
        and not is_package_file(str(pure))
        and pure.stem not in _SHARED
    )


def on_the_path(index: Index, path: str) -> PurePosixPath | None:
    """The folder from which a file in a plain folder can import by a bare name.

    With pytest's default it is the file's own or the one of a conftest above, unless
    that one is a package (then the folder above it is on the path); with
    ``import-mode=importlib`` only a folder in ``pythonpath``. None: there is none.
    """
    folder = PurePosixPath(path).parent
    pytest = of_pytest(index, path)
    if pytest.importlib:
        above = [PurePosixPath(each) for each in pytest.path]
        held = [each for each in above if folder.is_relative_to(each)]
        return max(held, key=lambda each: len(each.parts), default=None)
    root = root_of_tests(path)
    if root is None:
        return folder
    between = [each for each in (folder, *folder.parents) if each.is_relative_to(root)]
    held = [
        each
        for each in between
        if f"{each}/conftest.py" in index.paths
        and f"{each}/__init__.py" not in index.paths
    ]
    if not held or (
        knowing.knows_siblings(index, path) and not running.is_for_pytest(index, path)
    ):
        return folder  # the conftest may be of other tests
    return held[-1]


def package_beside(index: Index, path: str) -> PurePosixPath | None:
    """The package in a file's own folder that most of its imports name, if any."""
    folder, facts = PurePosixPath(path).parent, index.facts(path)
    roots = Counter(
        root
        for each in (facts.imports if facts else ())
        if (root := each.module.partition(".")[0])
        and f"{folder / root}/__init__.py" in index.paths
    )
    return folder / roots.most_common(1)[0][0] if roots else None


def is_library(index: Index, path: str) -> bool:
    """Whether a file outside of test folders is imported by others.

    It may be installed where the tests are not.
    """
    return folder_of_tests(path) is None and bool(index.importers(path))
