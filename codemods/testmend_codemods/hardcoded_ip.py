"""Give hardcoded IP addresses and networks a name.

An address in the middle of a test does not say whose it is. This codemod lifts such
literals into constants of the module, named after what they address, and uses a
constant that is there already.

Before:

    from shop import test


    class TestPort(test.TestCase):
        def test_port(self):
            self.port(gateway_ip='203.0.113.1')

After:

    from shop import test

    GATEWAY_IP = '203.0.113.1'


    class TestPort(test.TestCase):
        def test_port(self):
            self.port(gateway_ip=GATEWAY_IP)

What is lifted: IPv4 and IPv6 addresses and networks (``192.0.2.0/24``) to which their
place gives a name of its own, and those used three or more times in two or more
functions. The addresses of one /24 (IPv6: /64) are lifted together or not at all, for
they are read together. Names, placement and reuse are those of ``hardcoded-uuid``;
the neutral name is ``FAKE_IP``.

What stays, and its reason code: ``well-known`` (loopback, any, broadcast, masks,
link-local, multicast, the private blocks), ``identity``, ``part-of-a-string``,
``documentation``, ``under-test``, ``parameter-table``, ``table-row``, ``dict-key``,
``version``, ``pattern``, ``named``, ``defined-earlier``, ``data``, ``single-use``,
``network-group``, ``suppressed``.

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

NAME = "hardcoded-ip"


def survey(module: Module, _: Options) -> Survey | None:
    """The addresses and networks of a file."""
    return lifting.survey(module, NAME, "ip")


def resolve(
    candidates: lifting.Candidates, context: Context, _: Options
) -> Iterator[Finding]:
    """Which of them become constants."""
    return lifting.resolve(candidates, context)


CODEMOD = Codemod(
    name=NAME,
    version="1",
    summary="Hardcoded IP addresses become named constants",
    page=__doc__,
    trigger=re.compile(rb"\d\.\d{1,3}\.\d{1,3}\.\d|[0-9a-fA-F]{0,4}:[0-9a-fA-F]{0,4}:"),
    reasons=REASONS,
    survey=survey,
    resolve=resolve,
)
