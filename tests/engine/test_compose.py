"""Fixes of one file come together; edits mean the same on text and on disk."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from testmend.compose import compose, localized, on_disk, splice
from testmend.errors import SourceError
from testmend.model import Cleanup, Edit, Finding, Fix, Range, apply_bytes
from testmend.source import parse

WHERE = Range(1, 1, 1, 1)


def finding(*edits: Edit, **rest: object) -> Finding:
    return Finding("a", WHERE, "m", Fix(edits, **rest))  # type: ignore[arg-type]


def test_equal_edits_are_made_once_and_insertions_keep_their_order() -> None:
    header = Edit(4, 4, "\n", (0,))
    first, second = Edit(4, 4, "A = 1\n", (1,)), Edit(4, 4, "B = 2\n", (2,))
    made = compose([finding(header, second), finding(header, first)])
    assert made.edits == (header, first, second)
    assert len(made.fixed) == 2


def test_the_earlier_fix_wins_where_edits_overlap() -> None:
    one, other = finding(Edit(2, 6, "x")), finding(Edit(5, 8, "y"), Edit(20, 20, "z"))
    made = compose([one, other])
    assert made.edits == (Edit(2, 6, "x"),)
    assert made.refused == (other,)


def test_insertion_inside_a_replacement_overlaps_but_not_at_its_edges() -> None:
    inside = finding(Edit(3, 3, "i"))
    assert compose([finding(Edit(2, 6, "x")), inside]).refused == (inside,)
    edges = [
        finding(Edit(2, 6, "x")),
        finding(Edit(2, 2, "a")),
        finding(Edit(6, 6, "b")),
    ]
    assert not compose(edges).refused


def test_cleanup_waits_for_the_last_use() -> None:
    gone = Cleanup(frozenset({10, 20}), (Edit(0, 5, ""),))
    one = finding(Edit(10, 12, "x"), removes=frozenset({10}), cleanups=(gone,))
    other = finding(Edit(20, 22, "y"), removes=frozenset({20}), cleanups=(gone,))
    assert Edit(0, 5, "") not in compose([one]).edits
    assert Edit(0, 5, "") in compose([one, other]).edits


@st.composite
def edited(draw: st.DrawFn) -> tuple[bytes, list[Edit]]:
    """A long string in some encoding, and edits of its text."""
    encoding = draw(st.sampled_from(["utf-8", "latin-1", "shift_jis", "iso2022_jp"]))
    letters = {"latin-1": "aé\n", "utf-8": "aé☃\n"}.get(encoding, "aあ\n")
    bom = b"\xef\xbb\xbf" if encoding == "utf-8" and draw(st.booleans()) else b""
    body = draw(st.text(letters, max_size=30))
    head = f'# coding: {encoding}\nx = """'
    text = f'{head}{body}"""\n'
    bounds = sorted(draw(st.lists(st.integers(len(head), len(text) - 4), max_size=6)))
    pairs = list(zip(bounds[::2], bounds[1::2], strict=False))
    edits = [
        Edit(
            len(text[:start].encode()),
            len(text[:end].encode()),
            draw(st.text(letters, max_size=4)),
        )
        for start, end in pairs
    ]
    return bom + text.encode(encoding), edits


@given(edited())
def test_edits_on_disk_give_the_spliced_text(case: tuple[bytes, list[Edit]]) -> None:
    data, edits = case
    module = parse("test_it.py", data)
    ordered = compose([finding(edit) for edit in edits]).edits
    try:
        changes = on_disk(module, ordered)
    except SourceError:  # an encoding that keeps a state is refused with its reason
        assert module.encoding == "iso2022_jp"
        return
    after = parse("test_it.py", apply_bytes(data, changes))
    assert after.text == splice(module.utf8, ordered)
    assert after.data.startswith(b"\xef\xbb\xbf") == data.startswith(b"\xef\xbb\xbf")


def test_new_lines_take_the_line_end_of_their_neighbour() -> None:
    module = parse("test_it.py", b"a = 1\r\nb = 2\nc = 3")
    edits = [Edit(0, 0, "x\ny\n"), Edit(7, 7, "x\n"), Edit(18, 18, "\nd\n")]
    ends = [edit.text for edit in localized(module, edits)]
    assert ends == ["x\r\ny\r\n", "x\n", "\nd\n"]
