"""Names that come from outside: paths, refs and addresses; checked, and shown.

Paths are bytes. Nothing here asks git: these are rules on values.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import defaultdict
from typing import TYPE_CHECKING

from testmend.git.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_DEPTH = 64

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")
_USERINFO = re.compile(r"(?<=://)[^\s/@]*@")
_QUERY_SECRET = re.compile(
    r"((?:token|password|passwd|secret|key|auth|signature)=)[^&\s]+", re.IGNORECASE
)
_BEARER = re.compile(r"((?:bearer|basic|token)\s+)[\w.~+/=-]{8,}", re.IGNORECASE)
_KNOWN_TOKEN = re.compile(r"\b(?:gh[pousr]_|github_pat_|glpat-)[\w-]{8,}")
_BAD_REF = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(?:/|$)")
_SCP_LIKE = re.compile(r"(?:[\w.+-]+@)?[\w.-]+:(?!/?/)(?!-)[\w./~+-]+")
_URL = re.compile(
    r"(?P<scheme>https|ssh|file)://(?P<user>[^\s/@]+@)?"
    r"(?P<host>[\w.-]*|\[[\da-fA-F:.]+\])(?P<port>:\d+)?(?P<path>/[^\s?#\x00-\x1f]*)"
)
_HFS_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
_NTFS_GIT = re.compile(r"(?:\.git|git~1)[. ]*(?::.*)?", re.IGNORECASE)


def shown(name: bytes | str) -> str:
    r"""A path or message of any bytes as one line that no terminal acts on.

    What is not UTF-8, control characters and those that change the direction of text
    come out escaped (``\\x1b``).
    """
    text = name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
    text = re.sub("[\udc80-\udcff]", lambda m: f"\\x{ord(m[0]) - 0xDC00:02x}", text)
    return _CONTROL.sub(lambda m: m[0].encode("unicode_escape").decode(), text)


def redacted(text: str) -> str:
    """A message without what looks like a credential."""
    text = _USERINFO.sub("***@", text)
    text = _QUERY_SECRET.sub(r"\1***", text)
    text = _BEARER.sub(r"\1***", text)
    return _KNOWN_TOKEN.sub("***", text)


def check_path(path: bytes) -> None:
    """Refuse a path that git, or a file system, could take to lie elsewhere.

    Raises `Refusal` with the reason ``path``.
    """
    parts = path.split(b"/")
    if len(parts) > MAX_DEPTH:
        raise Refusal("path", f"{shown(path[:80])}...: deeper than {MAX_DEPTH} folders")
    for part in parts:
        text = _HFS_IGNORED.sub("", os.fsdecode(part))
        if part in (b"", b".", b"..") or b"\0" in part or _NTFS_GIT.fullmatch(text):
            raise Refusal("path", f"{shown(path)}: {shown(part)!r} can't be in a path")


def check_ref(ref: str) -> str:
    """A full ref name (``refs/...``), or `Refusal` with the reason ``ref``."""
    parts = ref.split("/")
    if (
        not ref.startswith("refs/")
        or _BAD_REF.search(ref)
        or ref.endswith(("/", "."))
        or any(part.startswith("-") for part in parts)
        or "@" in parts
    ):
        raise Refusal("ref", f"{shown(ref)!r} is not the full name of a ref")
    return ref


def branch_ref(branch: str) -> str:
    """The ref of a branch name, or `Refusal` with the reason ``ref``."""
    if branch.startswith("refs/") or branch == "HEAD":
        raise Refusal("ref", f"{shown(branch)!r} is not a name for a branch")
    return check_ref(f"refs/heads/{branch}")


def check_url(url: str, *, local: bool = False) -> str:
    """An address to fetch from: https or ssh; a file only if the user wrote it.

    Raises `Refusal` with the reason ``url`` for other transports, options in disguise
    and credentials in the address.
    """
    if url.startswith("-") or _CONTROL.search(url):
        raise Refusal("url", "an address can't begin with '-' or hold control codes")
    match = _URL.fullmatch(url)
    if match is None:
        if _SCP_LIKE.fullmatch(url) and "::" not in url and "@-" not in url:
            return url
        if local and url.startswith("/"):
            return url
        raise Refusal("url", f"{redacted(shown(url))}: only https and ssh are fetched")
    if match["scheme"] == "file":
        if local and not match["host"] and not match["user"]:
            return url
        raise Refusal("url", "file addresses are for the user to write")
    if match["host"].startswith("-") or not match["host"]:
        raise Refusal("url", f"{redacted(shown(url))}: no host")
    user = match["user"] or ""
    if match["path"].startswith("/-") or user.startswith("-"):
        raise Refusal("url", f"{redacted(shown(url))}: an option in disguise")
    if user and (match["scheme"] == "https" or ":" in user):
        raise Refusal("url", "an address can't carry credentials")
    return url


def collisions(paths: Iterable[bytes]) -> tuple[tuple[bytes, ...], ...]:
    """Groups of paths that some file systems take for one (case, normalisation)."""
    groups: defaultdict[str, set[bytes]] = defaultdict(set)
    for path in paths:
        groups[folded(path)].add(path)
    return tuple(tuple(sorted(each)) for each in groups.values() if len(each) > 1)


def folded(path: bytes) -> str:
    """What a file system that ignores case and normalisation sees."""
    text = unicodedata.normalize("NFC", os.fsdecode(path))
    return unicodedata.normalize("NFC", text.casefold())
