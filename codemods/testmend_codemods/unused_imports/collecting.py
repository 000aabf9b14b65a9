"""Which names a test runner collects from a module that only imports them."""

from __future__ import annotations

import re

_COLLECTED = re.compile(
    r"Test.*|.*(?:Test|Tests|TestCase|TestBase)|test_.*|test|pytest_.*|load_tests"
    r"|(?:setUp|tearDown)Module|(?:setup|teardown)_(?:module|function|package)"
    r"|setUpPackage|tearDownPackage|pytestmark|collect_ignore(?:_glob)?"
)
# What nothing collects although it looks so.
_PLAIN = frozenset(
    """
    pytest.approx pytest.deprecated_call pytest.exit pytest.fail pytest.fixture
    pytest.importorskip pytest.main pytest.mark pytest.param pytest.raises pytest.skip
    pytest.warns pytest.xfail
    unittest.SkipTest unittest.TestCase unittest.case.SkipTest unittest.case.TestCase
    django.test.SimpleTestCase django.test.TestCase django.test.TransactionTestCase
    django.test.testcases.TestCase numpy.testing.TestCase
    rest_framework.test.APITestCase testtools.TestCase
    twisted.trial.unittest.TestCase unittest2.TestCase
    """.split()  # noqa: SIM905  words
)


def looks_collected(name: str) -> bool:
    """Whether a name is one that pytest or unittest takes for a test or a hook."""
    return name != "SkipTest" and _COLLECTED.fullmatch(name) is not None


def is_plainly_known(module: str, name: str) -> bool:
    """Whether it is known that nothing collects what a module has by this name."""
    return f"{module}.{name}" in _PLAIN
