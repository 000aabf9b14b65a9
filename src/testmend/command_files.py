"""The files in which projects keep the commands that run their tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testmend.memory import Reader

FILES = (
    *("tox.ini", "Makefile", "setup.cfg", "noxfile.py", "justfile"),
    *("pyproject.toml", "hatch.toml", "Taskfile.yml", "package.json", "Jenkinsfile"),
    *(".travis.yml", ".gitlab-ci.yml", ".circleci/config.yml", "azure-pipelines.yml"),
)
_WORKFLOWS = ".github/workflows"
_MANY = 100  # workflows


def is_workflow(path: str) -> bool:
    """Whether a file, by its path from the root, is a workflow of GitHub's."""
    folder, _, name = path.rpartition("/")
    return folder == _WORKFLOWS and name.endswith((".yml", ".yaml"))


def found(reader: Reader) -> tuple[str, ...]:
    """The paths of those that a project may have; workflows only if they are there."""
    names = (f"{_WORKFLOWS}/{name}" for name in reader.listed(_WORKFLOWS))
    return (*FILES, *sorted(filter(is_workflow, names))[:_MANY])
