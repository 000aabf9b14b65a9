"""Give hardcoded UUIDs a name.

A UUID in the middle of a test says nothing: not what it identifies, and not whether the
one ten lines below is meant to be the same. This codemod lifts such literals into
constants of the module, named after what they identify, and uses a constant that is
there already.

Before:

    from shop import test


    class TestBoot(test.TestCase):
        def test_boot(self):
            self.boot(image_uuid='155d900f-4e14-4e4c-a73d-069cbf4541e6')

After:

    from shop import test

    IMAGE_UUID = '155d900f-4e14-4e4c-a73d-069cbf4541e6'


    class TestBoot(test.TestCase):
        def test_boot(self):
            self.boot(image_uuid=IMAGE_UUID)

What is lifted:

- a value to which its place gives a name of its own (a keyword, the target of an
  assignment, a key, an attribute, the other side of an assertion), even if used once;
- a value that is used in two or more functions, with the name that at least half of its
  uses suggest, numbered if several values share it, else ``FAKE_UUID``.

The constants stand in one block after the imports, in the order of their first use, in
the file's quotes; with a leading underscore where the module has ``__all__`` or another
one imports ``*`` from it. A name that occurs anywhere in the file is not taken.

What stays, and its reason code: ``well-known``, ``identity``, ``part-of-a-string``,
``documentation``, ``under-test``, ``parameter-table``, ``table-row``, ``dict-key``,
``version``, ``pattern``, ``named``, ``defined-earlier``, ``data``, ``single-use``,
``suppressed``. A string that only looks like a UUID is wrong on purpose: it is neither
reported nor touched.

There are no unsafe fixes and no options yet.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from testmend.codemod import Codemod, Context, Options
from testmend_codemods.lifting import survey as lifting
from testmend_codemods.lifting.contexts import REASONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from testmend.model import Finding, Survey
    from testmend.source import Module

NAME = "hardcoded-uuid"


def survey(module: Module, _: Options) -> Survey | None:
    """The UUIDs of a file."""
    return lifting.survey(module, NAME, "uuid")


def resolve(
    candidates: lifting.Candidates, context: Context, _: Options
) -> Iterator[Finding]:
    """Which of them become constants."""
    return lifting.resolve(candidates, context)


CODEMOD = Codemod(
    name=NAME,
    version="1",
    summary="Hardcoded UUIDs become named constants",
    page=__doc__,
    trigger=re.compile(rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-"),
    reasons={code: text for code, text in REASONS.items() if code != "network-group"},
    survey=survey,
    resolve=resolve,
)
