"""Generated test modules: real shapes put together at random, in any bytes.

A module is built from pieces that the codemods know (imports, polls, values) and from
near misses of them, between statements of all kinds. `disguised` then varies the bytes:
byte order mark, encoding cookie, line ends, tabs, form feeds, the end of the file.
"""

from __future__ import annotations

import ast
import textwrap

from hypothesis import strategies as st
from pysource_codegen import generate

UUIDS = [
    "155d900f-4e14-4e4c-a73d-069cbf4541e6",
    "C3D6A2B0-1111-4222-8333-444455556666",
    "00000000-0000-0000-0000-000000000000",
    "3a7d5b0e-9c1f-4d2a-8b6e-7f0c1d2e3f4a",
]
ADDRESSES = ["203.0.113.7", "198.51.100.12", "127.0.0.1", "10.0.0.0/8", "2001:db8::17"]

IMPORTS = [
    "import time",
    "from time import sleep",
    "import time as clock",
    "import os, sys",
    "import os.path\nimport os",
    "from unittest import mock",
    "from unittest import (\n    mock,  # patches\n    TestCase as Base,\n)",
    "import asyncio",
    "import json  # noqa: F401",
    "from collections import OrderedDict, \\\n    defaultdict",
    "try:\n    import ssl\nexcept ImportError:\n    ssl = None",
    "import uuid; import re",
    "from . import helpers",
    "import pkg.sub.module",
]

STATEMENTS = [
    """for attempt in range(10):
    if api.ready():
        break
    time.sleep(0.5)
else:
    self.fail('not ready')""",
    """for i in range(5):
    value = api.get(i)
    if value:
        return value
    time.sleep(1)  # be patient
self.fail(f'last: {value}')""",
    "for _ in range(30):\n    if done():\n        break\n    sleep(0.1)",
    "for i in range(3):\n    time.sleep(1)\n    api.poke(i)",
    "for i in range(3):\n    if api.skip(i):\n        continue\n    time.sleep(1)",
    "while not server.started:\n    time.sleep(0.05)",
    "while queue.empty():\n    # wait for the worker\n    sleep(.1)",
    "while server.status != 'ACTIVE':\n    time.sleep(1)\n    server.refresh()",
    "while True:\n    if thread.done:\n        break\n    time.sleep(0.01)",
    "time.sleep(2)\nself.assertTrue(server.up)",
    "image = api.image('{uuid}')",
    "server = dict(id='{uuid}', host='{address}')",
    "self.assertEqual('{uuid}', server['id'])",
    'self.assertEqual({{"uuid": "{uuid}", "address": "{address}"}}, body)',
    "image_uuid = '{uuid}'",
    "url = f'http://{{host}}/{uuid}'",
    "assert validate('{uuid}') and parse(u'{address}') != b'{address}'",
    "fixed_ip = vif(address='{address}', gateway=\"{address}\")",
    "body = ('{uuid}'\n        '/detail')",
    "with mock.patch('time.sleep') as nap:\n    nap()",
    "data = json.dumps(OrderedDict(a=1)); print(data)",
    "x = [os.sep for os.sep in ()] or sys.argv",
    "def inner(time=None):\n    return time",
    "print('''a\n  b\\\n    c''')",
    "# a comment alone\npass",
    "if api:\n    pass\nelif re:\n    raise ValueError('{uuid}')",
    "lambda: (yield)",
    "é = 'naïve café'",
]


def _indent(text: str, levels: int) -> str:
    return textwrap.indent(text, "    " * levels)


def _statement(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(STATEMENTS))
    if "{uuid}" not in text and "{address}" not in text:
        return text
    uuid, address = draw(st.sampled_from(UUIDS)), draw(st.sampled_from(ADDRESSES))
    return text.format(uuid=uuid, address=address)


@st.composite
def modules(draw: st.DrawFn) -> str:
    """The text of a test module. It parses."""
    parts = []
    if draw(st.booleans()):
        parts.append(
            draw(st.sampled_from(['"""Tests."""', "# Licence\n", "'''Doc\n'''"]))
        )
    if draw(st.booleans()):
        parts.append("from __future__ import annotations")
    parts += draw(st.lists(st.sampled_from(IMPORTS), max_size=6))
    for number in range(draw(st.integers(1, 3))):
        kind = "async def" if draw(st.integers(0, 4)) == 0 else "def"
        body = [_statement(draw) for _ in range(draw(st.integers(1, 5)))]
        header = f"{kind} test_{number}(self, api=None):"
        text = f"{header}\n" + _indent("\n".join(body), 1)
        if draw(st.booleans()):
            text = f"class TestCase{number}(Base):\n" + _indent(text, 1)
        parts.append(draw(st.sampled_from(["\n\n", "\n", ""])) + text)
    if draw(st.booleans()):
        parts.append("if __name__ == '__main__':\n    main()")
    text = "\n".join(parts) + "\n"
    try:
        ast.parse(text)
    except SyntaxError:
        return "import time\n"
    return text


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A program over the whole grammar, with pieces that the codemods know."""
    seed = draw(st.integers(0, 2**32 - 1))
    text = generate(seed, node_limit=200, depth_limit=6)
    known = draw(modules())
    if draw(st.booleans()) and "__future__" not in known:
        return f"{known}\n{text}\n"
    return f"{text}\n"


@st.composite
def disguised(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> bytes:
    """The bytes of a module in one of the forms in which files are found."""
    text = draw(texts)
    form = draw(
        st.sampled_from(
            ["plain", "bom", "latin-1", "crlf", "mixed", "tabs", "feed", "cut", "cr"]
        )
    )
    if form == "latin-1":
        text = "# -*- coding: latin-1 -*-\n" + text
        return text.encode("latin-1", errors="replace")
    if form == "tabs":
        text = text.replace("    ", "\t")
    elif form == "feed":
        text = text.replace("\n\n", "\n\f\n", 1)
    elif form == "cut":
        text = text.rstrip("\n")
    data = text.encode()
    if form == "bom":
        return b"\xef\xbb\xbf" + data
    if form == "crlf":
        return data.replace(b"\n", b"\r\n")
    if form == "cr":
        return data.replace(b"\n", b"\r")
    if form == "mixed":
        ends = draw(st.lists(st.sampled_from([b"\n", b"\r\n"]), min_size=1, max_size=5))
        lines = data.split(b"\n")
        pairs = [line + ends[i % len(ends)] for i, line in enumerate(lines[:-1])]
        return b"".join(pairs) + lines[-1]
    return data
