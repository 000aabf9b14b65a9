"""The files that fixes need, each told of once, checked against what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from testmend.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from testmend.model import Changed, NewFile


class Created(Struct):
    """What a run has created, or would create, so far: text by path."""

    read: Callable[[str], bytes]
    texts: dict[str, str] = field(default_factory=dict)

    def fresh(self, changed: Changed) -> Iterator[NewFile]:
        """The files of a change that neither this run nor an earlier one wrote.

        Raises `SourceError` (``exists``) when something else stands in the place.
        """
        for file in changed.files:
            if file.path in self.texts:
                present = self.texts[file.path].encode()
            else:
                try:
                    present = self.read(file.path)
                except SourceError as error:
                    if error.reason != "unreadable" or not file.is_new:
                        raise
                    self.texts[file.path] = file.text
                    yield file
                    continue
            if present == file.text.encode():
                continue
            if present == file.original and file.path not in self.texts:
                self.texts[file.path] = file.text
                yield file
            else:
                raise SourceError(
                    "exists", f"{file.path} stands where a new file is needed"
                )
