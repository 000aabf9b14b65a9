"""Processes that a test started through testmend."""

from __future__ import annotations

import os
import select

SECONDS = 20


def ends(pid: int) -> bool:
    """Whether a process is gone, or is about to be: the kernel takes a moment."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], SECONDS)[0])
    finally:
        os.close(descriptor)
