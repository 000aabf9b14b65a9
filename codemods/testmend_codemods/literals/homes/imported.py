"""Constants of other test modules that a file imports already: ``fakes.IMAGE_ID``.

Taken where they have the value of a literal, mean the same thing by their names, and
keep the value for good: made once, set or patched nowhere, read by other files, too.
Only test code is asked: a value that stands in a test and in the product is there to
be compared.
"""

from __future__ import annotations

import ast
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from msgspec import Struct

from testmend.errors import SourceError
from testmend.source import parse
from testmend_codemods.knowledge.testcode import is_test_code
from testmend_codemods.literals.grammar import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from testmend.codemod import Context
    from testmend.index import Index
    from testmend.source import Module
    from testmend_codemods.literals.grammar.words import Words
    from testmend_codemods.literals.model import Use
    from testmend_codemods.literals.naming import Ballot


class Imported(Struct, frozen=True):
    """A constant of another module: what stands for it here, where it is made."""

    text: str
    name: str
    path: str
    bound: str
    statement: str = ""


def imported(
    values: Mapping[str, Sequence[Use]],
    ballots: Mapping[str, Ballot],
    context: Context,
    but: str = "",
) -> dict[str, Imported]:
    """The imported constant of each value that one can stand for.

    ``ballots``: what the uses of each value call it; ``but``: the path of a module
    whose constants are not taken.
    """
    found: dict[str, list[Imported]] = {}
    for each, value in _constants(context.index, context.path) if values else ():
        if each.path == but or value not in values:
            continue
        if _fits(each.name, values[value], ballots[value]):
            found.setdefault(value, []).append(each)
    if not found:
        return {}
    module = _parsed(context)
    taken: dict[str, Imported] = {}
    for value, several in found.items():
        said = set(words.stem(words.split(ballots[value].name)))
        several.sort(key=lambda each: -len(said & set(_stem(each.name))))
        for each in several:
            if not _is_ready(context.index, each.path, context.path):
                continue
            statement = context.index.settled(each.path, each.name)
            if statement and module and _is_bound(module, each, values[value]):
                taken[value] = Imported(
                    each.text, each.name, each.path, each.bound, statement
                )
                break
    if module:
        module.release()
    return taken


def _constants(index: Index, path: str) -> Iterator[tuple[Imported, str]]:
    """The constants that the imports of a file reach, with their values."""
    facts = index.facts(path)
    for each in dict.fromkeys(facts.imports) if facts else ():
        if module := _located(index, each.dotted, path):
            text = each.bound
            if not each.name and each.bound == each.module.partition(".")[0]:
                text = each.module
            for name, value in index.constants(module).items():
                yield Imported(f"{text}.{name}", name, module, each.bound), value
        elif each.name.isupper() and (module := _located(index, each.module, path)):
            known = index.constants(module)
            if each.name in known:
                yield (
                    Imported(each.bound, each.name, module, each.bound),
                    known[each.name],
                )


def _located(index: Index, name: str, asking: str) -> str:
    """The path of a module of test code, if an import surely means it; else empty."""
    absolute = not name.startswith(".")
    if absolute and not is_test_code(name.replace(".", "/")):
        above = asking[: asking.rfind("/") + 1]
        if f"{above}{name}.py" not in index.paths:
            return ""
    path = index.locate(name, asking)
    if path is None or not is_test_code(path) or path == asking:
        return ""
    if absolute and index.dotted(path) != name:
        return ""
    return path


def _is_ready(index: Index, path: str, asking: str) -> bool:
    """Whether a module is what its import gives, and does not wait for who asks.

    Its package may have something else of that name; and a module that imports the file
    which asks may not have made its constants yet.
    """
    pure = PurePosixPath(path)
    own = pure.parent if pure.name == "__init__.py" else pure.with_suffix("")
    package = index.text(f"{own.parent}/__init__.py") or ""
    if own.name in package or "import *" in package:
        return False
    return PurePosixPath(asking).stem not in (index.text(path) or "")


def _fits(name: str, uses: Sequence[Use], ballot: Ballot) -> bool:
    """Whether a constant means what the uses of a value speak of.

    The things have to be the same, one of them maybe said more closely
    (``ENABLED_IMAGE_UUID`` for an image). A UUID that nothing names takes a constant
    without a thing in its name (``UUID1``).
    """
    own, said = _stem(name), words.stem(words.split(ballot.name))
    if not own or not said:
        nameless = not ballot.name and not ballot.common
        return not own and nameless and uses[0].kind == "uuid"
    return own[-1] == said[-1] and (set(own) <= set(said) or set(said) <= set(own))


def _stem(name: str) -> Words:
    return words.stem(words.split(name))


def _parsed(context: Context) -> Module | None:
    text = context.index.text(context.path)
    try:
        return parse(context.path, text.encode()) if text else None
    except SourceError:
        return None


def _is_bound(module: Module, each: Imported, uses: Sequence[Use]) -> bool:
    """Whether the import at the top of a file gives a name its only meaning there."""
    bindings = module.scopes.all_bindings(each.bound)
    node = bindings[0].node if len(bindings) == 1 else None
    above = module.parent(node) if isinstance(node, ast.alias) else None
    if not isinstance(above, ast.Import | ast.ImportFrom):
        return False
    dotted = each.text.rpartition(".")[0]
    plain = isinstance(above, ast.Import)
    if above not in module.tree.body or (
        plain and isinstance(node, ast.alias) and dotted != (node.asname or node.name)
    ):
        return False
    stem = PurePosixPath(each.path).stem
    if any(text.rpartition(".")[2] in (each.bound, stem) for text in module.strings):
        return False  # it may be patched
    starred = any(alias.name == "*" for alias in module.nodes(ast.alias))
    end = module.end(above)
    return not starred and all(use.start > end and not use.early for use in uses)
