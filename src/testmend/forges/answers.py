"""What a forge's refusals mean: the reason, the words, and how long to wait."""

from __future__ import annotations

import email.utils
import json
import math
import time
from typing import TYPE_CHECKING, Any

from testmend.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Mapping

_REASONS = {401: "credentials", 403: "credentials", 404: "not-found", 410: "not-found"}
_FORBIDDEN, _TOO_MANY = 403, 429
_BUSY = frozenset({408, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
_LIMITED = 60.0
"""Seconds to wait where a limit is named and no time (GitHub's advice for these)."""


def error(status: int, headers: Mapping[str, str], body: object) -> ForgeError:
    """The error for an answer that is none of the good ones.

    ``body`` is what came, JSON already read where it was JSON.
    """
    known = {key.lower(): str(value) for key, value in headers.items()}
    words = " ".join(_words(body))[:500] or "it does not say why"
    text = f"the forge answers {status}: {words}"
    limited = status == _TOO_MANY or (  # GitHub says 403, too
        status == _FORBIDDEN
        and (
            "retry-after" in known
            or known.get("x-ratelimit-remaining") == "0"
            or "rate limit" in words.lower()
        )
    )
    if limited or status in _BUSY:
        wait = _wait(known)
        return ForgeError("unreachable", text, wait or (_LIMITED if limited else 0.0))
    return ForgeError(_REASONS.get(status, "rejected"), text)


def lost(reason: Exception) -> ForgeError:
    """The error for no answer at all; it may have been done all the same."""
    return ForgeError("unreachable", f"no answer: {type(reason).__name__}")


def decoded(body: bytes) -> object:
    """JSON, or text where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")


def _wait(known: Mapping[str, str]) -> float:
    """Seconds, from ``Retry-After`` (seconds or a date) or the end of a limit."""
    said = known.get("retry-after", "")
    if said:
        try:
            seconds = float(said)
        except ValueError:
            pass
        else:
            return seconds if 0.0 <= seconds < math.inf else 0.0
        try:
            then = email.utils.parsedate_to_datetime(said)
            return max(then.timestamp() - time.time(), 0.0)
        except (ValueError, OverflowError):
            return 0.0
    for kind in ("x-ratelimit", "ratelimit"):
        end = known.get(f"{kind}-reset", "")
        if known.get(f"{kind}-remaining") == "0" and end.isascii() and end.isdigit():
            return max(float(end) - time.time(), 0.0)
    return 0.0


def _words(body: Any) -> list[str]:
    """What a body says in words: ``message`` and ``errors``, however they nest."""
    if isinstance(body, str):
        return [" ".join(body.split())] if not body.lstrip().startswith("<") else []
    if isinstance(body, dict):
        keys = ("message", "error", "error_description", "errors", "code", "field")
        if any(key in body for key in keys):
            return [word for key in keys for word in _words(body.get(key))]
        return [f"{key}: {' '.join(_words(body[key]))}" for key in body]
    if isinstance(body, list):
        return [word for each in body for word in _words(each)]
    return []
