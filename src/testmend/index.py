"""Cross-file knowledge: the facts of all files, and the questions codemods ask of them.

Modules are found by their path: ``a.b.c`` is any file whose path ends in ``a/b/c.py``
or ``a/b/c/__init__.py``. Where several match, the longest common folder with the asking
file wins, and questions that protect code (`users`) take all of them: too many answers
keep an import, too few would remove one that is needed.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from testmend.names import member
from testmend.pytest_settings import PytestSettings
from testmend.settled import Constants
from testmend.texts import Texts
from testmend.tooling import Tooling

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from testmend.facts import Import, ModuleFacts
    from testmend.line_length import Lines

_MANY, _MOST = 20, 0.8  # imports that tell a habit, and the share that follows it


class Index:
    """The facts of the project's files, by path relative to the root.

    ``paths`` are all Python files of the project, also those without facts (a file
    is parsed for its facts only when it may answer a question). ``tooling``: what its
    formatter and linters are told, ``pytest``: how its tests are collected; ``read``:
    the bytes of a file; ``commands``: the files in which it may keep its commands.
    """

    def __init__(  # noqa: PLR0913, PLR0917  one for each kind of knowledge
        self,
        paths: Iterable[str],
        facts: Iterable[ModuleFacts],
        tooling: Tooling | None = None,
        pytest: PytestSettings | None = None,
        read: Callable[[str], bytes] | None = None,
        signatures: Mapping[str, Iterable[tuple[str, ...]]] | None = None,
        commands: tuple[str, ...] = (),
    ) -> None:
        self.paths = frozenset(paths)
        self._facts = {each.path: each for each in facts}
        self._tooling = tooling or Tooling()
        self.pytest = pytest or PytestSettings()
        self.commands = commands
        self._texts = Texts(self.paths, read)
        self._signatures = signatures or {}
        self._parts_read: dict[str, frozenset[str]] = {}
        self._constants = Constants(self.paths, read)

    # -- files and modules -----------------------------------------------------

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a file, if they were collected."""
        return self._facts.get(path)

    def text(self, path: str) -> str | None:
        """The text of a Python file in UTF-8; None where there is none."""
        return self._texts.text(path)

    def beside(self, path: str) -> str | None:
        """The text of a file of whatever kind, in UTF-8; None where there is none."""
        return self._texts.beside(path)

    def number_of(self, *paths: str) -> int:
        """How many of some paths are Python files of the project."""
        return sum(each in self.paths for each in paths)

    def is_one_there(self, *paths: str) -> bool:
        """Whether one of some files is there, of whatever kind."""
        return self._texts.is_one_there(*paths)

    def ignores(self, path: str, *codes: str) -> bool:
        """Whether the project's linter configuration turns one of the codes off."""
        return self._tooling.ignores(path, codes)

    def lines(self, path: str) -> Lines:
        """How long the lines of a file may be, and which tool breaks them."""
        return self._tooling.lines(path)

    @cached_property
    def modules(self) -> tuple[ModuleFacts, ...]:
        """The facts of all files that have any, in order of their paths."""
        return tuple(self._facts[path] for path in sorted(self._facts))

    @cached_property
    def roots(self) -> frozenset[str]:
        """The top-level names of all modules that the files import."""
        return frozenset(
            each.module.partition(".")[0]
            for facts in self._facts.values()
            for each in facts.imports
        )

    @cached_property
    def takes_modules(self) -> bool:
        """Whether files import modules of the project, and hardly ever their contents.

        OpenStack's rules want that. As far as facts are known.
        """
        taken = Counter(
            (each.module, each.name)
            for facts in self._facts.values()
            for each in facts.imports
            if each.name not in ("", "*") and each.module[:1] != "."
        )
        own = {each: n for each, n in taken.items() if self.locate(each[0], "")}
        modules = sum(n for each, n in own.items() if self.locate(".".join(each), ""))
        return sum(own.values()) >= _MANY and modules >= _MOST * sum(own.values())

    def defining(self, constant: str) -> list[str]:
        """The files, in order, that make a string constant of that name."""
        return [each.path for each in self.modules if constant in each.constants]

    @cached_property
    def _by_tail(self) -> dict[str, list[str]]:
        tails: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.paths):
            tails[_parts(path)[-1]].append(path)
        return tails

    def package(self, path: str) -> tuple[str, ...]:
        """The packages that hold a file, outermost first; empty in a plain folder.

        A package is a folder with an ``__init__.py``.
        """
        folder = PurePosixPath(path).parent
        found: list[str] = []
        while folder.name and f"{folder}/__init__.py" in self.paths:
            found.insert(0, folder.name)
            folder = folder.parent
        return tuple(found)

    def dotted(self, path: str) -> str:
        """The name by which the project imports a file, judged by its packages."""
        pure = PurePosixPath(path)
        stem = () if pure.name == "__init__.py" else (pure.stem,)
        return ".".join((*self.package(path), *stem))

    def locate(self, module: str, asking: str) -> str | None:
        """The path of a module as the file ``asking`` would import it.

        ``module`` may be relative (leading dots). None: not a module of the project, as
        the empty name of a base class that is computed is not.
        """
        level = len(module) - len(module.lstrip("."))
        names = tuple(part for part in module.split(".") if part)
        if level:
            folder = PurePosixPath(asking)
            for _ in range(level):
                folder = folder.parent
            stem = str(folder.joinpath(*names))
            for path in (f"{stem}.py", f"{stem}/__init__.py"):
                if path in self.paths:
                    return path.removeprefix("./")
            return None
        if not names:
            return None
        matches = [p for p in self._by_tail.get(names[-1], ()) if _ends(p, names)]
        return max(matches, key=lambda path: _common(path, asking), default=None)

    def module(self, name: str, asking: str) -> ModuleFacts | None:
        """The facts of a module as the file ``asking`` would import it."""
        path = self.locate(name, asking)
        return self._facts.get(path) if path else None

    def places(self, path: str, dotted: str) -> tuple[tuple[str, str], ...]:
        """Where a class or function may be made that a file calls ``dotted``.

        The files, each with the name there, nearest first; among them files that have
        it from another one. As far as facts are known.
        """
        facts = self._facts.get(path)
        seen: dict[tuple[str, str], None] = {}
        if facts and (dotted in facts.classes or dotted in facts.functions):
            seen[path, dotted] = None
        new = {(path, dotted): None}
        while new:
            told = (place for each in new for place in self._origins(*each))
            new = {place: None for place in told if place not in seen}
            seen.update(new)
        return tuple(seen)

    def _origins(self, path: str, dotted: str) -> Iterator[tuple[str, str]]:
        """Where a file imports a name from: files, with the name there."""
        root, _, rest = dotted.partition(".")
        for each in self._facts[path].imports if path in self._facts else ():
            if each.name == "*":
                above = self.module(each.module, path)
                if above and dotted in above.classes:
                    yield above.path, dotted
            if each.bound != root:
                continue
            whole = each.dotted
            if not each.name and each.module.partition(".")[0] == root:
                whole = root  # `import a.b` binds a
            whole = member(whole, rest)
            name = whole.rpartition(".")[2]
            module = whole.removesuffix(name)
            found = self.locate(module.rstrip(".") or module, path)
            if found:
                yield found, name

    # -- who uses what ---------------------------------------------------------

    @cached_property
    def _importers(self) -> dict[str, list[tuple[str, Import]]]:
        """Last component of the imported module (or name) -> where it is imported."""
        found: dict[str, list[tuple[str, Import]]] = defaultdict(list)
        for facts in self._facts.values():
            for each in facts.imports:
                for tail in {each.module.rpartition(".")[2], each.name} - {"", "*"}:
                    found[tail].append((facts.path, each))
                if not each.module.strip("."):
                    found["."].append((facts.path, each))
        return found

    def importers(self, path: str) -> list[tuple[str, Import]]:
        """The imports that reach the module at ``path``, with the importing files.

        Imports of names from it, of the module itself, and star imports. Over-complete
        where a name is ambiguous.
        """
        parts = _parts(path)
        seen = [*self._importers.get(parts[-1], ()), *self._importers.get(".", ())]
        return [
            (other, each)
            for other, each in seen
            if other != path and self._reaches(each, other, path, parts)
        ]

    def _reaches(
        self, each: Import, other: str, path: str, parts: tuple[str, ...]
    ) -> bool:
        for name in {each.module, each.dotted}:
            if name.startswith("."):
                if self.locate(name, other) == path:
                    return True
            elif name and _ends_in(parts, tuple(name.split("."))):
                return True
        return False

    def users(self, path: str, name: str) -> list[str]:
        """The other files that may read ``name`` from the module at ``path``.

        By ``from module import name``, as an attribute of the imported module, in a
        dotted string (``patch("pkg.module.name")``) or through a star import; also by
        a fixture, of whatever module asks for it (``request.module.name``).
        """
        stem = _parts(path)[-1]
        found = {facts.path for facts in self._by_mention.get(f"{stem}.{name}", ())}
        found |= {
            facts.path
            for facts in self._by_mention.get(f"module.{name}", ())
            if any(".module." in f"{chain}." for chain in facts.attributes)
        }
        found.discard(path)
        for other, each in self.importers(path):
            if each.name in (name, "*") or self._reads(other, each.bound, name):
                found.add(other)
        return sorted(found)

    @cached_property
    def _by_mention(self) -> dict[str, list[ModuleFacts]]:
        """``tail.name`` of each pair within the dotted strings and reads of a file."""
        found: dict[str, list[ModuleFacts]] = defaultdict(list)
        for facts in self._facts.values():
            chains = facts.strings | facts.attributes
            pairs = {chain for chain in chains if chain.count(".") == 1}  # most are
            longer = chains - pairs
            pairs.update(itertools.chain.from_iterable(map(_pairs, longer)))
            for pair in pairs:
                found[pair].append(facts)
        return found

    def _reads(self, path: str, bound: str, name: str) -> bool:
        facts = self._facts.get(path)
        if facts is None:
            return False
        if path not in self._parts_read:
            chains = map(str.split, facts.attributes, itertools.repeat("."))
            self._parts_read[path] = frozenset(itertools.chain.from_iterable(chains))
        return name in self._parts_read[path] and any(
            chain.startswith(f"{bound}.") and name in chain.split(".")
            for chain in facts.attributes
        )

    def is_read_as_file(self, path: str) -> bool:
        """Whether a file is named in a string elsewhere, and imported nowhere."""
        name = PurePosixPath(path).name
        named = any(name in each.files for each in self._naming if each.path != path)
        return named and not self.importers(path)

    @cached_property
    def _naming(self) -> list[ModuleFacts]:
        return [each for each in self._facts.values() if each.files]

    # -- constants -------------------------------------------------------------

    def constants(self, path: str) -> Mapping[str, str]:
        """What looks like the string constants of a file: the value by name."""
        return self._constants.of(path)

    def settled(self, path: str, name: str) -> str:
        """The assignment of a constant that keeps its value, and that others read.

        Empty where that is not certain (see `testmend.settled`).
        """
        return self._constants.settled(path, name, stem=_parts(path)[-1])

    # -- functions -------------------------------------------------------------

    @cached_property
    def _functions(self) -> dict[str, set[tuple[str, ...]]]:
        found: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for name, known in self._signatures.items():
            found[name].update(known)
        for facts in self._facts.values():
            for name, functions in facts.functions.items():
                found[name].update(each.parameters for each in functions)
        return found

    def signatures(self, function: str) -> frozenset[tuple[str, ...]]:
        """The parameter lists of all functions of that name in the project."""
        return frozenset(self._functions.get(function, ()))


@lru_cache(65_536)
def _parts(path: str) -> tuple[str, ...]:
    pure = PurePosixPath(path)
    parts = (
        pure.parent.parts if pure.name == "__init__.py" else pure.with_suffix("").parts
    )
    return parts or ("__init__",)


@lru_cache(65_536)  # most chains stand in many files
def _pairs(chain: str) -> tuple[str, ...]:
    """``a.b`` and ``b.c`` for ``a.b.c``."""
    parts = chain.split(".")
    return tuple(f"{a}.{b}" for a, b in itertools.pairwise(parts))


def _ends(path: str, names: tuple[str, ...]) -> bool:
    return _parts(path)[-len(names) :] == names


def _ends_in(parts: tuple[str, ...], names: tuple[str, ...]) -> bool:
    """Whether one is the tail of the other (the root may stand inside a package)."""
    size = min(len(parts), len(names))
    return parts[-size:] == names[-size:]


def _common(path: str, other: str) -> int:
    pairs = zip(PurePosixPath(path).parts, PurePosixPath(other).parts, strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), 0)
