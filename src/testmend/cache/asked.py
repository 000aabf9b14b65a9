"""Which questions a result put to the index, and whether the answers still hold.

A codemod sees other files through the index only. So a result of an earlier run stands
as long as the index gives the same answers to the questions that led to it, whatever
else changed in the project. (Verifying traces: Mokhov, Mitchell, Peyton Jones, "Build
systems a la carte", 2018.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from testmend.index import Index
    from testmend.texts import Texts

Question = tuple[str, tuple[str, ...]]
"""The name of a method or attribute of the index, and the arguments."""

Trace = tuple[tuple[str, tuple[str, ...], bytes], ...]
"""Questions, each with the fingerprint of its answer."""

_encoder = msgspec.msgpack.Encoder(order="deterministic")


class Asked:
    """Stands in for an `Index` and writes down what it is asked.

    ``traceable`` becomes false with a question that can't be written down, ``of_peers``
    true with one about the candidates of other files (see `Watched`).
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self.questions: set[Question] = set()
        self.traceable = True
        self.of_peers = False

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._index, name)
        if not callable(value):
            self.questions.add((name, ()))
            return value

        def ask(*arguments: Any, **named: Any) -> Any:
            if named or not all(isinstance(each, str) for each in arguments):
                self.traceable = False
            else:
                self.questions.add((name, arguments))
            return value(*arguments, **named)

        return ask


class Watched(Mapping[str, Any]):
    """The candidates of the files under work (`Context.peers`), if anyone looks.

    They are not kept between runs, so a result that depends on them is not either.
    """

    def __init__(self, peers: Mapping[str, Any], asked: Asked) -> None:
        self._peers = peers
        self._asked = asked

    def _looked_at(self) -> Mapping[str, Any]:
        self._asked.of_peers = True
        self._asked.traceable = False
        return self._peers

    def __getitem__(self, path: str) -> Any:
        return self._looked_at()[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._looked_at())

    def __len__(self) -> int:
        return len(self._looked_at())


class Answers:
    """The fingerprints of an index's answers; each question is put to it once.

    Of some questions its `Texts` will do.
    """

    def __init__(self, index: Index | Texts) -> None:
        self._index = index
        self._known: dict[Question, bytes] = {}

    def trace(self, asked: Asked) -> Trace | None:
        """The questions with their answers; None if it can't be told."""
        if not asked.traceable:
            return None
        try:
            return tuple(
                (*each, self._answer(each)) for each in sorted(asked.questions)
            )
        except (TypeError, ValueError):  # an answer that has no form in bytes
            return None

    def hold(self, trace: Iterable[tuple[str, tuple[str, ...], bytes]]) -> bool:
        """Whether all answers are what they were."""
        try:
            return all(self._answer((name, args)) == was for name, args, was in trace)
        except (AttributeError, TypeError, ValueError):
            return False

    def _answer(self, question: Question) -> bytes:
        known = self._known.get(question)
        if known is None:
            name, arguments = question
            value = getattr(self._index, name)
            value = value(*arguments) if callable(value) else value
            value = tuple(value) if isinstance(value, Iterator) else value
            data = _encoder.encode(value)
            known = hashlib.blake2b(data, digest_size=16).digest()
            self._known[question] = known
        return known
