"""The files in which projects keep the commands that run their tests."""

_NAMES = (
    *("_test", "build", "check", "checks", "ci", "ci-cd", "cicd", "coverage"),
    *("integration", "integration-tests", "main", "nightly", "pipeline", "pr", "push"),
    *("pytest", "python", "python-package", "python-test", "python-tests"),
    *("pythonpackage", "run-tests", "test", "testing", "tests", "tox", "unit-tests"),
    *("unit_tests", "unittest", "unittests", "workflow"),
)

WORKFLOWS = tuple(
    f".github/workflows/{name}.{kind}" for name in _NAMES for kind in ("yml", "yaml")
)
"""By the names that are usual: folders are not listed."""

FILES = (
    *("tox.ini", "Makefile", "setup.cfg", "noxfile.py", "justfile"),
    *(".travis.yml", ".gitlab-ci.yml", *WORKFLOWS),
)
