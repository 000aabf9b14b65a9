r"""Give values of kinds that you name a constant: MAC addresses, host names, accounts.

Off until its configuration names a kind:

    [tool.testmend.hardcoded-value.kinds]
    mac = '[0-9a-f]{2}(:[0-9a-f]{2}){5}'
    account = '\d{12}'

The regular expression is for a whole string; names of constants end in the word before
it. With these kinds, before:

    from proj.tests import base


    class TestPort(base.TestCase):
        def test_plug(self):
            port = self.plug(port_mac='fa:16:3e:4c:2c:30')
            self.assertEqual('fa:16:3e:4c:2c:30', port['mac'])

After:

    from proj.tests import base

    PORT_MAC = 'fa:16:3e:4c:2c:30'


    class TestPort(base.TestCase):
        def test_plug(self):
            port = self.plug(port_mac=PORT_MAC)
            self.assertEqual(PORT_MAC, port['mac'])

What is lifted, how names are found, and where constants stand is as for hardcoded-uuid.

When it refuses:

- ``identity``: it identifies the test itself (idempotent_id and the like).
- ``docstring``: it stands alone as a string statement.
- ``literal-tested``: the literal itself is what is tested: by a validator, a parser, or
  as output that the test compares with and nothing else of the file has.
- ``parameter-table``: it is a row of a table of test parameters.
- ``table-row``: it stands among four or more values in one list or tuple.
- ``dict-key``: it is the key of a dict and nothing else names it.
- ``credential``: it stands under the name of a password, a token or a key; the message
  doesn't show it.
- ``version``: it is a version.
- ``marked``: a comment on its line lets it pass a scanner of secrets (``nosec``,
  ``pragma: allowlist secret``).
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

Options: ``kinds``, a table: regular expressions by the word in which the constants end;
``min-uses`` (2), ``min-scopes`` (2), ``naming`` (``numbered``) and ``class-attributes``
(off) as for hardcoded-uuid.
"""

from __future__ import annotations

import re

from testmend.codemod import Codemod, Later
from testmend_codemods.literals.options import ValueOptions
from testmend_codemods.literals.reasons import DECIDED, REFUSED

NAME = "hardcoded-value"
REASONS = {
    code: text
    for code, text in {**REFUSED, **DECIDED}.items()
    if code not in ("well-known", "near-value", "same-network")
}
_NEVER = re.compile(rb"\A(?!)")
_ANY_STRING = re.compile(rb"[\"']")


def _trigger(options: ValueOptions) -> re.Pattern[bytes]:
    return _ANY_STRING if options.kinds else _NEVER


CODEMOD = Codemod(
    name=NAME,
    version="1",
    summary="Give values of kinds that you name a constant: MAC addresses, accounts",
    page=__doc__,
    trigger=_trigger,
    reasons=REASONS,
    survey=Later("testmend_codemods.literals.survey:survey_own"),
    resolve=Later("testmend_codemods.literals.resolve:resolve", (NAME,)),
    prove=Later("testmend_codemods.literals.proof:prove"),
    options=ValueOptions,
)
