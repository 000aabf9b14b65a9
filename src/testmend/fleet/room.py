"""Room on the disk: mirrors that were not used for longest go first."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from testmend.fleet.mirrors import locked
from testmend.git.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path


def evict(mirrors: Path, budget: int, keep: Collection[Path]) -> tuple[Path, ...]:
    """Remove mirrors until all together take at most ``budget`` bytes; which went.

    Those in ``keep`` (they hold commits that are nowhere else) and those that another
    process works on stay.
    """
    found = [each for each in mirrors.glob("*.git") if each.is_dir()]
    sizes = {each: _size(each) for each in found}
    total = sum(sizes.values())
    gone = []
    for each in sorted(found, key=lambda path: path.stat().st_mtime):
        if total <= budget:
            break
        if each not in keep and remove(each):
            total -= sizes[each]
            gone.append(each)
    return tuple(gone)


def remove(mirror: Path) -> bool:
    """Remove a mirror unless another process works on it."""
    with contextlib.suppress(Refusal):
        with locked(mirror.with_suffix(".lock"), 0):
            shutil.rmtree(mirror, ignore_errors=True)
        return True
    return False


def _size(folder: Path) -> int:
    return sum(_sizes(folder))


def _sizes(folder: Path) -> Iterable[int]:
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                yield os.lstat(os.path.join(place, name)).st_blocks * 512  # noqa: PTH118  many files
