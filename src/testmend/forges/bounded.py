"""Answers that end: a forge that sends for ever, or more and more, is given up."""

from __future__ import annotations

import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter

BYTES = 64 << 20
"""The most that one answer may hold; a page of change requests is less than 1 MiB."""
_CHUNK = 1 << 13


class Bounded(HTTPAdapter):
    """Reads each answer itself: so many bytes at most, in so many seconds.

    Raises `requests.ConnectionError` for one that is larger or takes longer.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        super().__init__()

    def send(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> requests.Response:
        """Send a request, and read what comes back."""
        deadline = time.monotonic() + self._seconds
        answer = super().send(request, *args, **(options | {"stream": True}))
        read = bytearray()
        for part in answer.iter_content(_CHUNK):
            read += part
            if len(read) > BYTES or time.monotonic() > deadline:
                answer.close()
                raise requests.ConnectionError("the answer does not end")
        answer._content = bytes(read)  # noqa: SLF001  as requests itself keeps it
        return answer
