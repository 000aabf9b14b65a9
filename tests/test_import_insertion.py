"""A new import stands where the file itself would have it."""

from __future__ import annotations

import ast

import pytest

from testmend.compose import compose, localized, splice
from testmend.importing import insertion, removal
from testmend.model import Finding, Fix, Range, Sorting
from testmend.source import Module, parse

NEW = "from pkg.tests import waiting"


def _module(source: str) -> Module:
    return parse("tests/test_x.py", source.encode())


def _with(source: str, statement: str) -> str:
    module = _module(source)
    edits = insertion(module, statement)
    return splice(module.utf8, localized(module, edits))


PLACES = {
    "within-a-group": (
        "import os\n\nfrom pkg import a\nimport pkg.b\nimport pkg.x\n",
        f"import os\n\nfrom pkg import a\nimport pkg.b\n{NEW}\nimport pkg.x\n",
    ),
    "end-of-a-group": (
        "import os\n\nfrom pkg import a\n\n\nclass C: ...\n",
        f"import os\n\nfrom pkg import a\n{NEW}\n\n\nclass C: ...\n",
    ),
    "plain-imports-first": (
        "import pkg.z\nfrom pkg import b\nfrom pkg.unit import c\n",
        f"import pkg.z\nfrom pkg import b\n{NEW}\nfrom pkg.unit import c\n",
    ),
    "start-of-a-group": (
        "import os\n\nfrom pkg.unit import a\n",
        f"import os\n\n{NEW}\nfrom pkg.unit import a\n",
    ),
    "below-code": (
        (
            "import sys\n\nsys.path[:0] = ['.']\n\n"
            "from pkg.z import (  # noqa: E402\n    b,\n)\n"
        ),
        (
            "import sys\n\nsys.path[:0] = ['.']\n\n"
            f"{NEW}  # noqa: E402\nfrom pkg.z import (  # noqa: E402\n    b,\n)\n"
        ),
    ),
    "by-length": (
        (
            "import os\n\nfrom pkg import z\nfrom pkg.c import b\n"
            "from pkg.abcdefghi import a\n"
        ),
        (
            f"import os\n\nfrom pkg import z\nfrom pkg.c import b\n{NEW}\n"
            "from pkg.abcdefghi import a\n"
        ),
    ),
    "unsorted": (
        "import os\n\nfrom pkg.z import a\nfrom pkg.a import b\nimport ours\n",
        f"import os\n\nfrom pkg.z import a\nfrom pkg.a import b\n{NEW}\nimport ours\n",
    ),
    "names-of-one-module-apart": (
        "from pkg.z.y import b  # noqa\nfrom pkg.z.y import A\n",
        f"{NEW}\nfrom pkg.z.y import b  # noqa\nfrom pkg.z.y import A\n",
    ),
    "one-group-is-unsorted": (
        (
            "from typing import T\nfrom typing import Any\nimport re\n\n"
            "from pkg.a import c\nfrom pkg.unit import B\nfrom pkg.unit import A\n"
        ),
        (
            "from typing import T\nfrom typing import Any\nimport re\n\n"
            f"from pkg.a import c\n{NEW}\n"
            "from pkg.unit import B\nfrom pkg.unit import A\n"
        ),
    ),
    "new-group": (
        "import os\n\nimport pytest\n\n\ndef test(): ...\n",
        f"import os\n\nimport pytest\n\n{NEW}\n\n\ndef test(): ...\n",
    ),
    "new-group-no-blank": (
        "import os\nX = 1\n",
        f"import os\n\n{NEW}\nX = 1\n",
    ),
    "new-group-at-end": ("import os\n", f"import os\n\n{NEW}\n"),
    "new-group-no-newline": ("import os", f"import os\n\n{NEW}"),
    "before-relative-group": (
        "import os\n\nfrom . import a\n",
        f"import os\n\n{NEW}\n\nfrom . import a\n",
    ),
    "one-mixed-group": (
        "import os\nimport pytest\nimport zlib\n\nX = 1\n",
        f"import os\nimport pytest\nimport zlib\n{NEW}\n\nX = 1\n",
    ),
    "after-future": (
        "from __future__ import annotations\n\n\nclass C: ...\n",
        f"from __future__ import annotations\n\n{NEW}\n\n\nclass C: ...\n",
    ),
    "after-docstring": (
        '"""Doc."""\n\n\nclass C: ...\n',
        f'"""Doc."""\n\n{NEW}\n\n\nclass C: ...\n',
    ),
    "docstring-only": ('"""Doc."""', f'"""Doc."""\n\n{NEW}'),
    "no-imports": ("def test(): ...\n", f"{NEW}\n\n\ndef test(): ...\n"),
    "no-imports-licence": (
        "# Licence\n# text\n\nX = 1\n",
        f"# Licence\n# text\n\n{NEW}\n\nX = 1\n",
    ),
    "no-imports-comment": (
        "# Licence\n\n# about f\ndef f(): ...\n",
        f"# Licence\n\n{NEW}\n\n\n# about f\ndef f(): ...\n",
    ),
    "empty": ("", f"{NEW}\n"),
    "there-already": (f"import os\n{NEW}\n", f"import os\n{NEW}\n"),
    "there-among-others": (
        "from pkg.tests import a, waiting\n",
        "from pkg.tests import a, waiting\n",
    ),
    "there-renamed": (
        "from pkg.tests import waiting as w\n",
        f"from pkg.tests import waiting as w\n{NEW}\n",
    ),
    "never-in-try": (
        "import os\ntry:\n    import pkg\nexcept E:\n    x = 1\n",
        f"import os\n\n{NEW}\ntry:\n    import pkg\nexcept E:\n    x = 1\n",
    ),
    "not-below-definitions": (
        "import os\n\n\ndef f(): ...\n\n\nfrom pkg import a\n",
        f"import os\n\n{NEW}\n\n\ndef f(): ...\n\n\nfrom pkg import a\n",
    ),
    "joins": (
        "from pkg.tests import a, z\n\na, z\n",
        "from pkg.tests import a, waiting, z\n\na, z\n",
    ),
    "joins-last": (
        "from pkg.tests import a, b\n\na, b\n",
        "from pkg.tests import a, b, waiting\n\na, b\n",
    ),
    "joins-one-per-line": (
        "from pkg.tests import (\n    a,\n    z,\n)\n\na, z\n",
        "from pkg.tests import (\n    a,\n    waiting,\n    z,\n)\n\na, z\n",
    ),
    "joins-one-per-line-last": (
        "from pkg.tests import (\n    a,\n    b,\n)\n\na, b\n",
        "from pkg.tests import (\n    a,\n    b,\n    waiting,\n)\n\na, b\n",
    ),
    "joins-not": (
        "from pkg.tests import a\nfrom pkg.tests import z\n\na, z\n",
        f"from pkg.tests import a\n{NEW}\nfrom pkg.tests import z\n\na, z\n",
    ),
    "joins-only-what-stays": (
        "from pkg.tests import a, z\n\n",
        f"from pkg.tests import a, z\n{NEW}\n\n",
    ),
    "crlf": (
        "import os\r\n\r\nfrom pkg import a\r\n",
        f"import os\r\n\r\nfrom pkg import a\r\n{NEW}\r\n",
    ),
}


@pytest.mark.parametrize(("source", "expected"), PLACES.values(), ids=PLACES)
def test_a_new_import_finds_its_place(source: str, expected: str) -> None:
    assert _with(source, NEW) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "import os\n\nimport pytest\nfrom tools import x\n",
            "import os\n\nimport pytest\nimport waits\nfrom tools import x\n",
        ),
        (
            "import pytest\n\nimport tools\n",
            "import pytest\n\nimport tools\nimport waits\n",
        ),
        ("import pytest\n", "import pytest\n\nimport waits\n"),
    ],
)
def test_an_import_stands_with_those_of_the_modules_beside_it(
    source: str, expected: str
) -> None:
    module = _module(source)
    edits = insertion(module, "import waits", Sorting(frozenset({"tools"})))
    assert splice(module.utf8, localized(module, edits)) == expected


def test_an_import_may_stand_with_those_of_other_projects() -> None:
    module = _module("import os\n\nimport pytest\n\nfrom shop import carts\n")
    edits = insertion(module, "import waits", Sorting(frozenset({"shop"}), apart=True))
    after = splice(module.utf8, localized(module, edits))

    assert after == (
        "import os\n\nimport pytest\nimport waits\n\nfrom shop import carts\n"
    )


def test_a_relative_import_ends_a_block_of_all_kinds() -> None:
    source = "import asyncio\nimport pytest\nimport shop\nimport time\n"

    assert _with(source, "from . import waits") == f"{source}from . import waits\n"


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (40, "from . import carts, orders, waits\n"),
        (30, "from . import (\n    carts,\n    orders,\n    waits,\n)\n"),
    ],
)
def test_names_in_one_statement_keep_to_the_width(width: int, expected: str) -> None:
    module = _module("from . import carts, orders\nprint(carts, orders)\n")
    edits = insertion(module, "from . import waits", Sorting(width=width))
    after = splice(module.utf8, localized(module, edits))

    assert after == f"{expected}print(carts, orders)\n"


@pytest.mark.parametrize("source", [case[0] for case in PLACES.values()], ids=PLACES)
def test_a_second_time_nothing_is_inserted(source: str) -> None:
    once = _with(source, NEW)

    assert _with(once, NEW) == once


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os\n\nimport time\n\n\nclass C: ...\n", "import os\n\nNEW\n\n\nclass"),
        ("import time\n\n\nclass C: ...\n", "NEW\n\n\nclass"),
        ("import time\nimport os\n\n\nclass C: ...\n", "NEW\n\n\nclass"),
        ("import time\nimport os\n\nX = 1\n", "NEW\n\nX"),
        ("import time\n\nimport mock\n\n\nX = 1\n", "import mock\n\nNEW\n\n\nX"),
        ("import time\nimport pkg\n\n\nX = 1\n", "import pkg\nNEW\n\n\nX"),
        ("# Licence\n\nimport time\n\nX = 1\n", "# Licence\n\nNEW\n\nX = 1"),
        ("import time\n\nfrom pkg import a\n\n", "from pkg import a\nNEW\n\n"),
        ("import os\nimport time\n\n\nX = 1\n", "import os\n\nNEW\n\n\nX"),
    ],
)
def test_an_import_goes_where_another_one_leaves(source: str, expected: str) -> None:
    module = _module(source)
    fixes = [Fix(insertion(module, NEW))]
    for alias in module.nodes(ast.alias):
        leaving = removal(module, alias)
        assert leaving is not None
        if alias.name in ("time", "os") and f"import {alias.name}" not in expected:
            fixes.append(Fix((), leaving.tokens, leaving.afterwards()))
    findings = [Finding("x", Range(1, 1, 1, 1), "", fix) for fix in fixes]
    edits = compose(findings).edits

    assert splice(module.utf8, edits).startswith(expected.replace("NEW", NEW))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os\n\n\nX = 1\n", "import os\n\nNEW\n\n\nX = 1\n"),
        ("X = 1\n", "NEW\n\nX = 1\n"),
        ("import os", "import os\n\nNEW"),
        ("from pkg import a\nimport pkg.z\n", "from pkg import a\nNEW\nimport pkg.z\n"),
    ],
)
def test_two_new_imports_stand_together(source: str, expected: str) -> None:
    module = _module(source)
    statements = ["from pkg.tests import waiting", "from pkg.tests.base import Case"]
    fixes = [Fix(insertion(module, each)) for each in statements]
    findings = [Finding("x", Range(1, 1, 1, 1), "", fix) for fix in fixes]
    edits = compose(findings).edits

    assert splice(module.utf8, edits) == expected.replace("NEW", "\n".join(statements))
