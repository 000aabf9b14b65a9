"""Commits as mails that ``git am`` takes, whatever the bytes in them."""

from __future__ import annotations

import base64
import os
import re
import tempfile
from typing import TYPE_CHECKING

from testmend.git.errors import Refusal
from testmend.git.names import shown

if TYPE_CHECKING:
    from testmend.git.repository import Repository

OPTIONS = (
    *("--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--full-index"),
    *(
        "--src-prefix=a/",
        "--dst-prefix=b/",
        "--no-attach",
        "--no-thread",
        "--no-cover-letter",
    ),
    *("--no-signature", "--encode-email-headers", "--no-base", "--no-notes"),
    *("--output-indicator-new=+", "--output-indicator-old=-", "-U3", "-p", "--stat"),
)
_ENCODING = re.compile(rb"(?mi)^(?:Content-Transfer-Encoding|Content-Type): .*\n")


def write_mails(
    repository: Repository, base: str, tip: str, folder: bytes
) -> tuple[bytes, ...]:
    """One mail for each commit after ``base``, in a folder; their paths.

    Raises `Refusal` (``exists``) rather than write over a file.
    """
    with tempfile.TemporaryDirectory() as scratch:
        command = ("format-patch", "-o", scratch, *OPTIONS, f"{base}..{tip}")
        repository.git.run(*command)
        names = sorted(os.listdir(os.fsencode(scratch)))
        mails = []
        for name in names:
            with open(os.path.join(os.fsencode(scratch), name), "rb") as file:
                mails.append(portable(file.read()))
    os.makedirs(folder, exist_ok=True)
    for name in names:
        if os.path.lexists(os.path.join(folder, name)):
            raise Refusal("exists", f"{shown(os.path.join(folder, name))} exists")
    written = []
    for name, mail in zip(names, mails, strict=True):
        path = os.path.join(folder, name)
        with open(path, "xb") as file:
            file.write(mail)
        written.append(path)
    return tuple(written)


def portable(mail: bytes) -> bytes:
    """The mail with its body as base64 if a carriage return is in it.

    Mail programs, and ``git am`` without ``--keep-cr``, take those for line ends.
    """
    head, _, body = mail.partition(b"\n\n")
    if b"\r" not in body:
        return mail
    head = _ENCODING.sub(b"", head + b"\n").removesuffix(b"\n")
    if b"\nMIME-Version:" not in head:
        head += b"\nMIME-Version: 1.0"
    head += b"\nContent-Type: text/plain; charset=UTF-8"
    head += b"\nContent-Transfer-Encoding: base64"
    return head + b"\n\n" + base64.encodebytes(body)
