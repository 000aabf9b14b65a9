"""The first of many files go ahead of the others: nobody can tell by the results."""

from __future__ import annotations

from testmend.errors import SourceError
from testmend.memory import Memory
from testmend.model import Changed, FileResult, Finding, Unchanged
from testmend.runner import run
from testmend.selection import Selection
from testmend.tooling import Above

SELECTION = Selection(("hardcoded-uuid", "unused-imports"))
UUID = "3a7d5b0e-9c1f-4d2a-8b6e-7f0c1d2e3f{:02x}"


class Files:
    """A project in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def read(self, path: str) -> bytes:
        """Its bytes."""
        if path not in self.files:
            raise SourceError("unreadable", path)
        return self.files[path]

    @staticmethod
    def listed(_folder: str) -> tuple[str, ...]:
        """Nothing: there is no such folder."""
        return ()

    @staticmethod
    def above() -> Above:
        """Nothing: the root is the top."""
        return Above()


def project() -> Files:
    """A hundred test modules; the last ones use names of the first ones."""
    filler = b"# what the test is about\n" * 400
    files = {
        f"tests/test_{number:02}.py": b"import json\nimport os\n\n\n"
        b"def test_it(api):\n    assert os.sep\n    api.show('%s')\n\n\n%s"
        % (UUID.format(number).encode(), filler)
        for number in range(100)
    }
    files["tests/test_98.py"] += b"from tests.test_00 import json\n\nprint(json)\n"
    files["tests/test_99.py"] += b"import tests.test_01 as one\n\nprint(one.json)\n"
    files["src/api.py"] = b"def show(image_id):\n    return image_id\n"
    return Files(files)


def findings(result: FileResult) -> tuple[Finding, ...]:
    """All findings of a file, fixed or not."""
    assert isinstance(result.outcome, Changed | Unchanged)
    return result.outcome.findings


def test_a_few_are_done_before_the_others_are_looked_at() -> None:
    files, memory = project(), Memory(SELECTION)
    paths = [path for path in files.files if path.startswith("tests")]
    results = run(
        files, paths, files.files, SELECTION, jobs=1, memory=memory, soon=True
    )
    assert next(results).path == "tests/test_00.py"
    assert 0 < len(memory.examined) < 20
    assert len(list(results)) == 99
    assert len(memory.examined) == 100


def test_each_file_gets_the_result_that_it_gets_alone() -> None:
    files = project()
    paths = [path for path in files.files if path.startswith("tests")]
    results = list(run(files, paths, files.files, SELECTION, jobs=1, soon=True))
    assert [each.path for each in results] == sorted(paths)
    for each in results[:3] + results[-3:]:
        (alone,) = run(files, [each.path], files.files, SELECTION, jobs=1)
        assert alone == each
    reasons = [{one.reason for one in findings(each)} for each in results[:3]]
    assert "used-elsewhere" in reasons[0]
    assert "used-elsewhere" in reasons[1]
    assert "used-elsewhere" not in reasons[2]
