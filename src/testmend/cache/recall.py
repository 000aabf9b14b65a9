"""What the runner asks of the cache: results and facts of files as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from testmend.cache import entries
from testmend.cache.asked import Answers
from testmend.errors import SourceError
from testmend.examination import Examination, digest
from testmend.model import Survey
from testmend.texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from testmend.cache.asked import Trace
    from testmend.cache.entries import Entry
    from testmend.cache.store import Store
    from testmend.facts import ModuleFacts
    from testmend.model import FileResult, Outcome
    from testmend.selection import Selection

    Read = Callable[[str], bytes]

_OF_TEXTS = ("beside", "is_one_there")


class Recalled(Struct, frozen=True):
    """What is known of a file: its result, if the index still answers as then.

    ``examination`` has the facts, and what the survey asked for, but no candidates; it
    is read when it is asked for. A file that can't be read as Python has none, and
    there are none before `Recall.with_facts`.
    """

    entry: Entry
    outcome: Outcome
    digest: bytes
    facts: bytes | None = None

    @property
    def examination(self) -> Examination | None:
        """What is left of the examination."""
        facts = entries.facts_from(self.facts)
        return _examination(self.entry, facts, self.digest) if facts else None


class Recall:
    """The cache as one run sees it. Values are written at the end, by `keep`."""

    def __init__(self, store: Store, selection: Selection, read: Read) -> None:
        self._store = store
        self._keys = entries.Keys(selection)
        self._read = read
        self._used: set[bytes] = set()
        self._fresh: dict[bytes, bytes] = {}
        self._digests: dict[str, bytes] = {}
        self._results: dict[str, bytes] = {}  # by path: the digest of what is kept
        self._traces: dict[str, Trace] = {}

    def results(self, paths: Iterable[str]) -> dict[str, Recalled]:
        """What is known of files, by path."""
        read = {path: data for path in paths if (data := self._data(path)) is not None}
        digests = {path: digest(data) for path, data in read.items()}
        self._digests |= digests
        keys = {p: self._keys.result(p, each) for p, each in digests.items()}
        known = self._get(keys.values())
        found: dict[str, Recalled] = {}
        for path, data in read.items():
            raw = known.get(keys[path])
            entry = entries.entry_from(raw)
            if raw is None or entry is None:
                continue
            found[path] = Recalled(entry, entry.outcome(data), digests[path])
            self._results[path] = digest(raw)
            self._traces[path] = entry.trace
        return found

    def with_facts(self, recalled: Mapping[str, Recalled]) -> dict[str, Recalled]:
        """Those of which the facts are known, too, which answer for other files."""
        keys = {p: self._keys.facts(p, each.digest) for p, each in recalled.items()}
        known = self._get(keys.values())
        return {
            path: replace(each, facts=known.get(keys[path]))
            for path, each in recalled.items()
            if each.entry.refusal or keys[path] in known
        }

    def facts(self, paths: Iterable[str]) -> dict[str, tuple[bytes, ModuleFacts]]:
        """The facts that are known of files, by path, with the files' digests."""
        digests = {
            path: digest(data)
            for path in paths
            if (data := self._data(path)) is not None
        }
        keys = {path: self._keys.facts(path, each) for path, each in digests.items()}
        known = self._get(keys.values())
        return {
            path: (digests[path], facts)
            for path, key in keys.items()
            if (facts := entries.facts_from(known.get(key)))
        }

    def project(
        self, paths: Sequence[str], selected: Sequence[str], *rest: object
    ) -> bytes:
        """The key of a whole project as it is now: all files, and what else counts."""
        digests = {path: self._digest(path) for path in paths}
        results = [self._keys.result(path, digests[path]) for path in selected]
        facts = [self._keys.facts(path, each) for path, each in digests.items()]
        parts = [repr(rest).encode("utf-8", "surrogateescape"), *results, *facts]
        return self._keys.project(*parts)

    def holds(self, project: bytes, paths: Sequence[str]) -> bool:
        """Whether the results are the ones that were right in this same project.

        Files that are not Python's count as far as they were asked for.
        """
        if self._get([project]).get(project) != self._together():
            return False
        answers = Answers(Texts(frozenset(paths), self._read))
        return all(
            answers.hold(each for each in trace if each[0] in _OF_TEXTS)
            for trace in self._traces.values()
        )

    def _together(self) -> bytes:
        """The fingerprint of all results: one may have been replaced since."""
        return digest(b"".join(self._results[path] for path in sorted(self._results)))

    def note_facts(self, path: str, of: bytes, facts: ModuleFacts) -> None:
        """Remember the facts of a file with this digest."""
        self._note(self._keys.facts(path, of), entries.packed(facts))

    def note(
        self, examined: Examination, result: FileResult, trace: Trace | None
    ) -> bool:
        """Remember the result of a file. False if that can't be done."""
        self.note_facts(examined.path, examined.digest, examined.facts)
        if trace is None:
            return False
        entry = entries.entry_of(
            result.outcome,
            dict(result.suppressed),
            trace,
            surveys=examined.surveys.values(),
        )
        return self._note_entry(examined.path, examined.digest, entry)

    def note_refusal(self, path: str, outcome: Outcome) -> bool:
        """Remember that a file can't be read as Python. False for other outcomes."""
        entry = entries.refusal_of(outcome)
        return self._note_entry(path, self._digest(path), entry)

    def _note_entry(self, path: str, of: bytes, entry: Entry | None) -> bool:
        data = entries.packed(entry) if entry else None
        if data is None:
            return False
        self._results[path] = digest(data)
        return self._note(self._keys.result(path, of), data)

    def keep(self, project: bytes | None) -> None:
        """Write what was remembered; with the project, if every result was."""
        if project is not None:
            self._fresh[project] = self._together()
        self._store.put(self._fresh, self._used)

    def _note(self, key: bytes, data: bytes | None) -> bool:
        if data is None:
            return False
        self._fresh[key] = data
        return True

    def _get(self, keys: Iterable[bytes]) -> Mapping[bytes, bytes]:
        found = self._store.get(keys)
        self._used.update(found)
        return found

    def _digest(self, path: str) -> bytes:
        if path not in self._digests:
            data = self._data(path)
            self._digests[path] = b"" if data is None else digest(data)
        return self._digests[path]

    def _data(self, path: str) -> bytes | None:
        try:
            return self._read(path)
        except SourceError:
            return None


def _examination(entry: Entry, facts: ModuleFacts, of: bytes) -> Examination:
    names = None if entry.names is None else frozenset(entry.names)
    from testmend.suppress import Suppressions  # noqa: PLC0415  if a file changed

    asked = Survey(None, frozenset(entry.modules), names, frozenset(entry.functions))
    surveys = {"": asked} if entry.surveyed else {}
    return Examination(facts.path, of, facts, surveys, Suppressions())
