"""Which files can be rewritten already, while others are still resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testmend import additions

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from testmend.model import Finding

    Found = tuple[Finding, ...]  # all that was found in one file


class Sending:
    """Files with fixes, on their way to be rewritten.

    ``resolving`` has path and findings of each file, as soon as they are known, of
    ``total`` files; ``applies`` tells whether the fix of a finding is to be made.

    Fixes that bring no file along are made `at_once`; the others when all such files
    are known, since they may have to be of one piece (see `testmend.additions`).
    ``made``: the files that were rewritten while they were resolved; those whose new
    files have another text in the end have their turn `again`.
    """

    def __init__(
        self,
        resolving: Iterable[tuple[str, Found]],
        applies: Callable[[Finding], bool],
        total: int,
        made: Collection[str] = (),
    ) -> None:
        self._resolving = resolving
        self._applies = applies
        self._found: dict[str, Found] = {}
        self._made = frozenset(made)
        self._sent = set(made)
        self.total = total
        """How many files have a fix to make; before all are resolved: at most."""
        self.is_settled = False
        self.again: frozenset[str] = frozenset()
        """Files that were made, but are not what they have to be."""
        self.in_vain: frozenset[str] = frozenset()
        """Files that were sent, and that others add to: their turn is the next run."""

    def at_once(self) -> Iterator[tuple[str, Found]]:
        """The files that wait for no others, with their findings."""
        for path, findings in self._resolving:
            self._found[path] = findings
            if not is_fixable(findings, self._applies):
                self.total -= 1
            elif path not in self._sent and not _brings_files(findings):
                self._sent.add(path)
                yield path, findings

    def settle(self) -> Iterator[tuple[str, Found]]:
        """The files without a fix to make, when `at_once` is through."""
        before, self._found = self._found, additions.united(self._found)
        self.again = frozenset(
            path
            for path in self._made
            if _brings_files(before[path]) and self._found[path] != before[path]
        )
        self._sent -= self.again
        self.is_settled = True
        still = {
            path for path in self._found if is_fixable(self._found[path], self._applies)
        }
        self.in_vain = frozenset(self._sent - still)
        for path in self._found.keys() - still:
            yield path, self._found[path]

    def together(self) -> Iterator[tuple[str, Found]]:
        """The files that waited for each other."""
        for path, findings in self._found.items():
            if path not in self._sent and is_fixable(findings, self._applies):
                yield path, findings


def is_fixable(findings: Found, applies: Callable[[Finding], bool]) -> bool:
    """Whether one of the findings of a file has a fix that is to be made."""
    return any(map(applies, findings))


def _brings_files(findings: Found) -> bool:
    return any(each.fix and each.fix.files for each in findings)
