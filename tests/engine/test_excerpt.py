"""What an excerpt proves holds of the whole file."""

from __future__ import annotations

import ast
from itertools import pairwise

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sources import modules, programs

from testmend.compose import splice
from testmend.errors import SourceError, VerificationError
from testmend.excerpt import excerpt
from testmend.model import Edit
from testmend.outline import outline
from testmend.source import Module, parse
from testmend.verify import compiles, verify

PIECES = [
    *("", "\n", " ", "pass\n", "    pass\n", "X = 1\n", "\nX = 1\n", "        x()\n"),
    *(
        "@x\n",
        "    @x\n",
        "(",
        ")",
        "'''",
        '"',
        "\\\n",
        "#",
        "# x\n",
        ":",
        "x",
        "1",
        ",",
    ),
    *("if x:\n", "    if x:\n", "else:\n", "class X:\n", "def x():\n", "import x\n"),
    *("return\n", "    return\n", "; x = 1", "'doc'\n", "from __future__ import x\n"),
]


@st.composite
def edits(draw: st.DrawFn, text: str) -> list[Edit]:
    """Edits at random places, most of them at the ends of lines and words."""
    size = len(text.encode())
    places = {0, size}
    at = 0
    for line in text.encode().splitlines(keepends=True):
        body = line.rstrip(b"\r\n")
        places |= {at, at + len(body) - len(body.lstrip()), at + len(body)}
        at += len(line)
    place = st.sampled_from(sorted(places)) | st.integers(0, size)
    count = draw(st.integers(1, 3)) * 2
    cuts = sorted(draw(st.lists(place, min_size=count, max_size=count)))
    made = []
    for (start, end), number in zip(pairwise(cuts), range(count - 1), strict=True):
        if number % 2 == 0:
            stop = start if draw(st.booleans()) else min(end, start + 40)
            made.append(Edit(start, stop, draw(st.sampled_from(PIECES))))
    return made


def proves(before: Module, made: list[Edit]) -> bool:
    """Whether the excerpt for these edits can be made, and proves them."""
    try:
        part = excerpt(before, outline(before), made)
        part.after.tree  # noqa: B018  parses
    except (VerificationError, SourceError):
        return False
    return compiles(part.before.tree) and holds(
        part.before, part.after, list(part.edits)
    )


def holds(before: Module, after: Module, made: list[Edit]) -> bool:
    try:
        verify(before, after, made)
    except (VerificationError, SourceError):
        return False
    return True


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=modules() | programs(), data=st.data())
def test_what_an_excerpt_proves_holds_of_the_file(
    text: str, data: st.DataObject
) -> None:
    assume(text.isascii())
    before = parse("test_it.py", text.encode())
    made = data.draw(edits(text))
    if not proves(before, made):
        return
    after = Module("test_it.py", b"", splice(before.utf8, made), "utf-8")
    assert holds(before, after, made), after.text


def test_a_line_that_goes_on_past_the_end_of_the_file_is_not_proven() -> None:
    text = "def test_it():\n    assert True\n"
    module = parse("test_it.py", text.encode())
    assert proves(module, [Edit(len(text), len(text), "X = 1\n")])
    assert not proves(module, [Edit(len(text), len(text), "\\\n")])


def test_a_string_that_becomes_the_docstring_is_not_proven() -> None:
    module = parse("test_it.py", b"import os\n'text'\nX = 1\n")
    assert not proves(module, [Edit(0, len("import os"), "")])
    assert not proves(module, [Edit(0, len("import os\n"), "")])


def test_excerpt_is_small() -> None:
    text = '"""Doc."""\nimport a\n\n\nclass T:\n'
    text += "".join(
        f"    def test_{i}(self):\n        f('x{i}')\n\n" for i in range(500)
    )
    module = parse("test_it.py", text.encode())
    at = text.index("'x250'")
    part = excerpt(module, outline(module), [Edit(at, at + 6, "X")])
    assert len(part.before.utf8) < 200
    assert "f(X)" in ast.unparse(part.after.tree)
    assert b"x250" not in part.rest
    assert b"x249" in part.rest
