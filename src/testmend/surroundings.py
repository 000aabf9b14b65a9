"""The files around those under work: what they can answer, and no more, is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testmend.errors import SourceError
from testmend.examination import digest
from testmend.index import Index
from testmend.questions import (
    Mention,
    Signatures,
    modules_asked_for,
    modules_of_bases,
    questions,
)
from testmend.signatures import signatures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from testmend.cache.recall import Recall
    from testmend.examination import Examination
    from testmend.facts import ModuleFacts
    from testmend.stages import Stages

_Said = dict[str, Mention]

_ROUNDS = 8  # how far bases are followed from module to module


class Surroundings:
    """What is asked of the files outside the selection, and was asked before."""

    def __init__(self, stages: Stages, recall: Recall | None) -> None:
        self.stages = stages
        self.memory = stages.memory
        self.reader = stages.reader
        self.recall = recall

    def facts(
        self,
        paths: Sequence[str],
        examined: Mapping[str, Examination],
        have: Mapping[str, ModuleFacts],
    ) -> tuple[dict[str, ModuleFacts], Signatures]:
        """What the files outside the selection can answer.

        The facts of those that may use what the surveys ask about, that hold a marker
        of testmend's, or that a survey names, with the modules of their bases; and the
        parameters of functions, of all others.
        """
        others = [path for path in paths if path not in have]
        asking = {path: each for path, each in examined.items() if each.surveys}
        if not others or not asking:
            return {}, {}
        asked = questions(asking.values())
        universe = questions(self.memory.examined.values()).words | asked.words
        said = self._mentions(others, universe)
        found = self._facts([p for p, each in said.items() if asked.concern(each)])
        wanted = modules_asked_for(asking)
        index = Index(paths, ())
        for _ in range(_ROUNDS):
            located = {index.locate(name, path) for name, path in wanted}
            fresh = sorted(p for p in located if p and p not in found and p not in have)
            wanted = [
                (name, path)
                for path in located
                if path and (known := found.get(path) or have.get(path))
                for name in modules_of_bases(known)
            ]
            new = self._facts(fresh)
            found |= new
            wanted += [
                (name, path) for path in new for name in modules_of_bases(new[path])
            ]
            if not new:
                break
        parameters: Signatures = {}
        for path, each in said.items():
            functions = asked.functions_of(each)
            if functions and path not in found:
                for name, some in signatures(self.data(path), functions):
                    parameters.setdefault(name, set()).add(some)
        return found, parameters

    def _facts(self, paths: Sequence[str]) -> dict[str, ModuleFacts]:
        known = self.memory.facts
        unknown = [path for path in paths if not self._current(path, known)]
        recalled = self.recall.facts(unknown) if self.recall else {}
        known |= recalled
        unknown = [path for path in unknown if path not in recalled]
        for facts in self.stages.facts(unknown):
            path = facts.path
            known[path] = (self._digest(path), facts)
            if self.recall:
                self.recall.note_facts(path, *known[path])
        return {path: known[path][1] for path in paths if path in known}

    def _current(self, path: str, known: dict[str, tuple[bytes, ModuleFacts]]) -> bool:
        if path not in known:
            return False
        if known[path][0] == self._digest(path):
            return True
        del known[path]
        return False

    def _digest(self, path: str) -> bytes:
        data = self.data(path)
        return digest(data) if data else b""

    def data(self, path: str) -> bytes:
        """The bytes of a file; empty if it can't be read."""
        try:
            return self.reader.read(path)
        except SourceError:
            return b""

    def _mentions(self, paths: Sequence[str], universe: set[bytes]) -> _Said:
        """Which of the words of a whole universe each of the files says."""
        memory = self.memory
        if not universe <= memory.universe:
            memory.mentions.clear()
            memory.universe |= universe
        known = memory.mentions
        unknown = [path for path in paths if not self._holds(path, known)]
        for path, said in self.stages.mentions(unknown, frozenset(memory.universe)):
            known[path] = said
        return {path: known[path] for path in paths if path in known}

    def _holds(self, path: str, known: _Said) -> bool:
        return path in known and known[path].digest == self._digest(path)
