"""Give hardcoded UUIDs a name: a constant that says what the value is.

A reader of ``image_uuid='155d900f-4e14-4e4c-a73d-069cbf4541e6'`` can't tell whether the
value matters, nor whether another test means the same image. A constant says both.

Before:

    from proj.tests import base


    class TestBoot(base.TestCase):
        def test_boot(self):
            server = self.boot(image_uuid='155d900f-4e14-4e4c-a73d-069cbf4541e6')
            self.assertEqual('155d900f-4e14-4e4c-a73d-069cbf4541e6',
                             server['image_uuid'])

After:

    from proj.tests import base

    IMAGE_UUID = '155d900f-4e14-4e4c-a73d-069cbf4541e6'


    class TestBoot(base.TestCase):
        def test_boot(self):
            server = self.boot(image_uuid=IMAGE_UUID)
            self.assertEqual(IMAGE_UUID,
                             server['image_uuid'])

What is lifted:

- a value whose uses give it a name that no other value of the file has, even when it
  is used once; a constant of the module that has the value already is used instead,
  or one of a test module that is imported already (``fakes.IMAGE_UUID``), if its name
  says the same, other files read it, too, and none sets or patches it,
- a value used in two or more functions, with the best name there is, numbered
  (``VOLUME_ID``, ``VOLUME2_ID``) or neutral (``FAKE_UUID``) if need be.

The name is found by vote of all uses: target of an assignment, keyword, dict key,
attribute, default argument, other side of ``assertEqual``, the callee's parameter.
Names that the file uses in any way are not taken. A function that has the value for
another thing (``node_id``, where most speak of a policy) keeps it. The constants stand
in one block after the imports, in order of first use, with a leading underscore where
the module has ``__all__`` or is star-imported. Each file makes its own; files of one
folder that call a value alike have one constant with ``placement = "shared"``.

A line that a name makes too long is broken behind a comma or an opening bracket, as the
lines around it are; as Black would do it where the file or the configuration shows that
it does.

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
- ``credential``: it stands under the name of a password, a token or a key; the message
  doesn't show it.
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
- ``same-list``: another value of its list, or of the rows around it, stays.
- ``class-constant``: a class attribute holds the value.
- ``named-differently``: a constant has the value, but its name says another
  thing.
- ``constant-hidden``: a constant has the value, but can't be seen from here.
- ``above-constants``: it is evaluated above the place where constants stand.
- ``line-too-long``: a line would become longer than the project's formatter and linters
  have it (79 where none says), and there is no good place to break it.
- ``star-import``: a star import below may replace the constant.

Unsafe, and only with ``placement = "sentinel"``: in a file that imports uuidsentinel
(of oslo.utils, nova, ...) ``uuids.image`` takes the place of a value, if nothing else
in the file and no other file under work knows the value. A sentinel is another UUID in
each run; what a program far away takes the old one for, nobody can see.

Options: ``min-uses`` (2) and ``min-scopes`` (2): how widely a value must be used that
has no name of its own; ``naming`` (``neutral``): the worst name that is taken then, one
of ``specific``, ``numbered``, ``neutral``; ``placement`` (``module``): constants of the
module, ``sentinel``, or ``shared``; ``class-attributes``, ``embedded`` and ``undashed``
(off).

With ``class-attributes``, ``TestBoot.IMAGE_ID`` takes the place of a value which that
constant of a class of the file holds.

With ``embedded``, plain strings of one line that hold a value which has a constant
become f-strings: ``f'/servers/{SERVER_ID}'``. Without, the message counts them. With
``undashed``, 32 hex digits that are shaped as a random UUID (version 4) are values
where a name says that they are an id; most others are hashes.

With ``placement = "shared"`` a value that several files of one folder call by the same
name goes to the module ``fixtures/constants.py`` beside them, which they import. What
that module holds already is used, what it lacks is added in its style. Where the folder
is no package, values stay constants of their own modules.
"""

from __future__ import annotations

import re

from testmend.codemod import Codemod, Later
from testmend_codemods.literals.options import UuidOptions
from testmend_codemods.literals.reasons import DECIDED, REFUSED

NAME = "hardcoded-uuid"
_KINDS = frozenset({"uuid"})
REASONS = {
    code: text
    for code, text in {**REFUSED, **DECIDED}.items()
    if code not in ("version", "same-network")
}


# From the first dash on: a pattern that begins with one byte is found ten times faster.
_TRIGGER = re.compile(rb"-[0-9a-zA-Z]{3,5}(?:-[0-9a-zA-Z]{3,5}){2}-\w{9}")
_UNDASHED = re.compile(_TRIGGER.pattern + rb"|[0-9a-fA-F]{32}")


def _trigger(options: UuidOptions) -> re.Pattern[bytes]:
    return _UNDASHED if options.undashed else _TRIGGER


CODEMOD = Codemod(
    name=NAME,
    version="1",
    summary="Give hardcoded UUIDs a name: constants that say what they are",
    page=__doc__,
    trigger=_trigger,
    reasons=REASONS,
    survey=Later("testmend_codemods.literals.survey:survey", (NAME, _KINDS)),
    resolve=Later("testmend_codemods.literals.resolve:resolve", (NAME,)),
    prove=Later("testmend_codemods.literals.proof:prove"),
    options=UuidOptions,
)
