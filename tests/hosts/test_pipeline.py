"""Guests in the pipeline: reasons, suppression, composition, whole repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from hosts import guests

from testmend.errors import ConfigError
from testmend.hosts import spec
from testmend.model import Changed, Unchanged

if TYPE_CHECKING:
    from pathlib import Path

UNUSED = "unused=" + guests.UNUSED
TWO = b"import os\n\nx = 1\n\nimport sys\n"


def write(folder: Path, text: str) -> Path:
    (folder / "guest.py").write_text(text, "utf-8")
    return folder


COMMAND = """
import libcst as cst
from libcst.codemod import CodemodCommand, SkipFile
from libcst.metadata import FullyQualifiedNameProvider, BaseMetadataProvider


class Mine(CodemodCommand):
    {extra}

    def transform_module_impl(self, tree):
        {act}
        return cst.parse_module(tree.code.replace("old", "new"))
"""


@pytest.mark.parametrize(
    ("act", "data", "reason", "message"),
    [
        ("raise SkipFile('not this one')", b"old = 1\n", "skipped", "not this one"),
        ("pass", b"old = 1  # @generated\n", "generated", "@generated"),
        ("pass", b"old = 1\n\n    \\\n\n", "no-round-trip", "does not give"),
        ("self.warn('look here')", b"unchanged = 1\n", "warning", "look here"),
    ],
    ids=["skip-file", "generated", "round-trip", "warning"],
)
def test_what_libcst_leaves_alone_is_said(
    tmp_path: Path, act: str, data: bytes, reason: str, message: str
) -> None:
    base = write(tmp_path, COMMAND.format(act=act, extra=""))
    outcome = guests.run(["libcst:guest.py"], {"test_a.py": data}, base)["test_a.py"]
    assert isinstance(outcome.outcome, Unchanged)
    (finding,) = outcome.outcome.findings
    assert (finding.codemod, finding.reason) == ("guest", reason)
    assert message in finding.message


@pytest.mark.parametrize(
    "data",
    [
        b"match x:\n    case 1:\n        pass\n",
        b"def f(a, /):\n    pass\n",
        b"try:\n    pass\nexcept* ValueError:\n    pass\n",
    ],
)
def test_what_bowler_cannot_read_is_said(tmp_path: Path, data: bytes) -> None:
    script = "from bowler import Query\nQuery('.').select_var('x').rename('y').diff()\n"
    base = write(tmp_path, script)
    result = guests.run(["bowler:guest.py"], {"test_a.py": data}, base)["test_a.py"]
    assert guests.reasons(result) == ["could-not-read"]


RULE = """
import libcst as cst
from fixit import LintRule


class Grow(LintRule):
    def visit_Name(self, node):
        if node.value.startswith("grow"):
            more = node.with_changes(value=node.value + "_")
            self.report(node, "it grows", replacement=more)
        if node.value == "odd":
            self.report(node, "odd name")
"""


def test_a_rule_that_never_ends_is_said(tmp_path: Path) -> None:
    files = {"test_a.py": b"grow = 1\n"}
    result = guests.run(["fixit:guest.py"], files, write(tmp_path, RULE))["test_a.py"]
    assert guests.reasons(result) == ["not-stable"]


def test_a_report_without_replacement_stands_at_its_place(tmp_path: Path) -> None:
    files = {"test_a.py": b"x = 1\ny = odd + 1\n"}
    result = guests.run(["fixit:guest.py"], files, write(tmp_path, RULE))["test_a.py"]
    assert isinstance(result.outcome, Unchanged)
    (finding,) = result.outcome.findings
    assert finding.reason == "no-autofix"
    assert finding.message == "Grow: odd name"
    assert (finding.range.line, finding.range.column) == (2, 5)


def test_hunks_together_are_all_or_none() -> None:
    data = TWO.replace(b"sys", b"sys  # testmend: ignore[unused]")
    result = guests.run([UNUSED], {"test_a.py": data})["test_a.py"]
    assert guests.after(result, data) == data
    assert result.suppressed == {"unused": 2}


def test_hunks_apart_stand_on_their_own() -> None:
    data = TWO.replace(b"sys", b"sys  # testmend: ignore[unused]")
    apart = [
        msgspec.structs.replace(each, hunks="apart") for each in guests.specs([UNUSED])
    ]
    result = guests.run_specs(apart, {"test_a.py": data})["test_a.py"]
    assert guests.after(result, data) == data.removeprefix(b"import os\n")
    assert result.suppressed == {"unused": 1}


def test_one_finding_for_each_hunk() -> None:
    outcome = guests.run([UNUSED], {"test_a.py": TWO})["test_a.py"].outcome
    assert isinstance(outcome, Changed)
    assert outcome.after == b"\nx = 1\n"
    assert [each.range.line for each in outcome.fixed] == [1, 4]


def test_guests_may_rebuild_what_stands_around(tmp_path: Path) -> None:
    """The proof for our own codemods would not let such an edit through."""
    command = """
from libcst.codemod import CodemodCommand
import libcst as cst


class Wrap(CodemodCommand):
    def transform_module_impl(self, tree):
        code = "".join(f"    {line}\\n" for line in tree.code.splitlines())
        return cst.parse_module("if True:\\n" + code) if "if" not in code else tree
"""
    base = write(tmp_path, command)
    assert guests.one("libcst:guest.py", b"a = 1\nb = [\n  2]\n", base) == (
        b"if True:\n    a = 1\n    b = [\n      2]\n"
    )


def test_together_with_our_own() -> None:
    """In one selection, each with its own proof; where both edit, the first wins."""
    rename = "rename=libcst:rename.RenameCommand --old_name a.old --new_name a.new"
    data = b"import os\nfrom a import old\n\nprint(old())\n"
    specs = guests.specs([rename])
    results = guests.run_specs(specs, {"test_a.py": data}, also=["unused-imports"])
    outcome = results["test_a.py"].outcome
    assert isinstance(outcome, Changed)
    assert {each.codemod for each in outcome.fixed} == {"rename", "unused-imports"}
    assert outcome.after == b"from a import new\n\nprint(new())\n"


def test_none_takes_away_what_another_one_needs(tmp_path: Path) -> None:
    """Each sees the original: an unused import, which the guest begins to use."""
    command = """
from libcst.codemod import CodemodCommand
import libcst as cst


class Here(CodemodCommand):
    def transform_module_impl(self, tree):
        return cst.parse_module(tree.code.replace("HERE", "os.getcwd()"))
"""
    data = b"import os\n\nx = HERE\n"
    specs = guests.specs(["here=libcst:guest.py"], write(tmp_path, command))
    results = guests.run_specs(specs, {"test_a.py": data}, also=["unused-imports"])
    outcome = results["test_a.py"].outcome
    assert isinstance(outcome, Changed)
    assert outcome.after == b"import os\n\nx = os.getcwd()\n"
    assert [each.reason for each in outcome.findings] == ["not-proven"]


def test_several_workers_give_the_same() -> None:
    files = {f"test_{n}.py": TWO + b"y = %d\n" % n for n in range(40)}
    specs = guests.specs([UNUSED])
    alone = guests.run_specs(specs, files, jobs=1)
    assert guests.run_specs(specs, files, jobs=2) == alone


WHOLE = COMMAND.format(
    extra="METADATA_DEPENDENCIES = (FullyQualifiedNameProvider,)",
    act="""
        name, = self.get_metadata(FullyQualifiedNameProvider, tree)
        return tree.with_changes(header=[cst.EmptyLine(
            comment=cst.Comment(f"# {name.name}"))])
""",
)
PROVIDER = """
import libcst as cst
from libcst.codemod import CodemodCommand
from libcst.metadata import VisitorMetadataProvider


class Count(VisitorMetadataProvider):
    @classmethod
    def gen_cache(cls, root_path, paths, **kwargs):
        return {path: len(paths) for path in paths}

    def __init__(self, cache):
        super().__init__(cache)
        self.count = cache

    def visit_Module(self, node):
        self.set_metadata(node, self.count)


class Mine(CodemodCommand):
    METADATA_DEPENDENCIES = (Count,)

    def transform_module_impl(self, tree):
        count = self.get_metadata(Count, tree)
        return tree.with_changes(header=[cst.EmptyLine(
            comment=cst.Comment(f"# one of {count}"))])
"""


@pytest.mark.parametrize(
    ("script", "expected"),
    [(WHOLE, b"# pkg.test_a\na = 1\n"), (PROVIDER, b"# one of 2\na = 1\n")],
    ids=["qualified-names", "own-provider"],
)
def test_metadata_of_the_whole_repository(
    tmp_path: Path, script: str, expected: bytes
) -> None:
    data = b"a = 1\n"
    files = {"pkg/test_a.py": data, "pkg/test_b.py": data}
    result = guests.run(["libcst:guest.py"], files, write(tmp_path, script))
    assert guests.after(result["pkg/test_a.py"], data) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("libcst:rename.RenameCommand", "rename-command"),
        ("fixit:fixit.rules:UseAssertIn", "use-assert-in"),
        ("bowler:tools/do_it.py", "do-it"),
        ("libcst:tools/x.py:Drop", "drop"),
        ("my-own=libcst:a.B", "my-own"),
    ],
)
def test_a_guest_has_a_name(text: str, name: str) -> None:
    assert spec.from_text(text, "/").name == name


@pytest.mark.parametrize(
    "text", ["rename.RenameCommand", "ruff:x", "libcst:'", "A=libcst:a.B"]
)
def test_a_wrong_guest_is_a_configuration_error(text: str) -> None:
    with pytest.raises(ConfigError, match="guest"):
        spec.from_text(text, "/")


def test_arguments_are_split_as_a_shell_does() -> None:
    found = spec.from_text("bowler:x.py --to 'a b'", "/")
    assert found.args == ("--to", "a b")


PROCESSED = """
from bowler import Query


def only_first(filename, hunk):
    return "-a" in "".join(hunk)


Query(".").select_var("old").rename("new").process(only_first).diff()
"""


def test_processors_of_a_script_choose_hunks(tmp_path: Path) -> None:
    gap = b"".join(b"x%d = 1\n" % n for n in range(9))
    data = b"a = old\n" + gap + b"b = old\n"
    base = write(tmp_path, PROCESSED)
    expected = b"a = new\n" + gap + b"b = old\n"
    assert guests.one("bowler:guest.py", data, base) == expected
