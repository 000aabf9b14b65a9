"""Give hardcoded IP addresses and networks a name: a constant that says what they are.

Before:

    from proj.tests import base


    class TestPort(base.TestCase):
        def test_fixed_ip(self):
            port = self.create_port(fixed_ip='192.0.2.7', gateway_ip='192.0.2.1')
            self.assertEqual('192.0.2.7', port['fixed_ip'])

After:

    from proj.tests import base

    FIXED_IP = '192.0.2.7'
    GATEWAY_IP = '192.0.2.1'


    class TestPort(base.TestCase):
        def test_fixed_ip(self):
            port = self.create_port(fixed_ip=FIXED_IP, gateway_ip=GATEWAY_IP)
            self.assertEqual(FIXED_IP, port['fixed_ip'])

Addresses and networks are IPv4 and IPv6 as the standard library reads them; eight
groups of two digits are none (they are names of hardware).

What is lifted:

- a value whose uses give it a name that no other value of the file has, even when it
  is used once; a constant of the module that has the value already is used instead,
  or one of a test module that is imported already (``fakes.IMAGE_UUID``), if its name
  says the same, other files read it, too, and none sets or patches it,
- a value used three times or more, in two or more functions, with a numbered name
  (``FIXED2_IP``) if need be, unless more than five would share the name,
- the addresses of one /24 (IPv6: /64) and the network itself together, or none of them:
  a reader sees that they belong together.

Names, places and order of the constants, and how lines are broken, are those of
hardcoded-uuid.

When it refuses:

- ``well-known``: the value is its own best name (loopback, netmask, nil UUID, ...).
- ``identity``: it identifies the test itself (idempotent_id and the like).
- ``docstring``: it stands alone as a string statement.
- ``literal-tested``: the literal itself is what is tested: by a validator, a parser, or
  as a piece of the output that the test compares with and nothing else of the file
  has; or a longer string of its function spells it out, and one of the two is compared
  with something (unless ``embedded`` takes longer strings, too).
- ``parameter-table``: it is a row of a table of test parameters.
- ``table-row``: it stands among four or more values in one list or tuple.
- ``dict-key``: it is the key of a dict and nothing else names it.
- ``version``: it is a version or an object identifier, not an address.
- ``marked``: a comment on its line lets it pass a scanner of secrets (``nosec``,
  ``pragma: allowlist secret``).
- ``near-value``: it only looks like a value; it may be wrong on purpose.
- ``part-of-string``: it is a piece of a longer string, or built with others.
- ``pattern``: a match pattern takes no constant without a dot.
- ``in-type``: it is part of a type: ``Literal`` takes no constants.
- ``own-lines``: the file compares the numbers of its own lines.
- ``runs-elsewhere``: its function runs in another process, without the file's
  constants.
- ``test-data``: the file is a sample or data, not a test, or it does nothing but give
  names to literals, and no file imports it, or another file keeps its output, or it is
  another project's (``third_party``, ``deps/x`` with a licence).
- ``no-test``: the file is called like a test outside of folders of tests, or lies in a
  folder ``functional`` of other code, and nothing in it is one.
- ``generated``: a program wrote the file.
- ``no-name``: nothing around it gives the value a name of its own.
- ``shared-name``: its uses name it as they name another value.
- ``name-taken``: the file has another use for the name that fits.
- ``same-network``: other addresses of its network stay as they are.
- ``same-list``: another value of its list, or of the rows around it, stays.
- ``class-constant``: a class attribute holds the value.
- ``named-differently``: a constant has the value, but its name says another
  thing.
- ``constant-hidden``: a constant has the value, but can't be seen from here.
- ``above-constants``: it is evaluated above the place where constants stand.
- ``line-too-long``: a line would become longer than the project's formatter and linters
  have it (79 where none says), and there is no good place to break it.
- ``star-import``: a star import below may replace the constant.

There are no unsafe fixes.

Options: ``min-uses`` (3) and ``min-scopes`` (2): how widely a value must be used that
has no name of its own; ``naming`` (``numbered``): the worst name that is taken then,
one of ``specific``, ``numbered``, ``neutral`` (``FAKE_IP``); ``placement``
(``module``): constants of the module, or ``shared``; ``embedded`` (off): IPv4 addresses
and networks inside plain strings, too, and ``class-attributes`` (off). All are as for
hardcoded-uuid.
"""

from __future__ import annotations

import re

from testmend.codemod import Codemod, Later
from testmend_codemods.literals.options import IpOptions
from testmend_codemods.literals.reasons import DECIDED, REFUSED

NAME = "hardcoded-ip"
_KINDS = frozenset({"ip", "cidr"})
REASONS = {
    code: text for code, text in {**REFUSED, **DECIDED}.items() if code != "credential"
}


_QUAD = rb"\d{1,4}(?:\.\d{1,4}){3}"
_TRIGGER = re.compile(
    rb"""["'](?:"""
    + _QUAD
    + rb"""|[0-9A-Fa-f:]*:[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*)(?:/\w+)?["']"""
)
_EMBEDDED = re.compile(_TRIGGER.pattern + rb"|" + _QUAD)


def _trigger(options: IpOptions) -> re.Pattern[bytes]:
    return _EMBEDDED if options.embedded else _TRIGGER


CODEMOD = Codemod(
    name=NAME,
    version="1",
    summary="Give hardcoded addresses and networks a name: constants",
    page=__doc__,
    trigger=_trigger,
    reasons=REASONS,
    survey=Later("testmend_codemods.literals.survey:survey", (NAME, _KINDS)),
    resolve=Later("testmend_codemods.literals.resolve:resolve", (NAME,)),
    prove=Later("testmend_codemods.literals.proof:prove"),
    options=IpOptions,
)
