"""What was found out about one file before the others are known."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from testmend.facts import ModuleFacts
    from testmend.model import Survey
    from testmend.outline import Outline
    from testmend.suppress import Suppressions


class Examination(Struct, frozen=True):
    """What one parsed file has to say: facts for the index, surveys by codemod.

    ``outline`` is that of a file with surveys; others don't need it.
    """

    path: str
    digest: bytes
    facts: ModuleFacts
    surveys: Mapping[str, Survey]
    suppressions: Suppressions
    outline: Outline | None = None


def digest(data: bytes) -> bytes:
    """The fingerprint by which a file is known not to have changed."""
    return hashlib.blake2b(data, digest_size=20).digest()


def narrowed(examination: Examination, codemods: Iterable[str]) -> Examination:
    """The examination as it would be for these codemods alone, in their order."""
    seen = examination.surveys
    surveys = {name: seen[name] for name in codemods if name in seen}
    return replace(examination, surveys=surveys)
