"""Every reason for which a value stays, with one sentence for the user."""

from __future__ import annotations

REFUSED = {
    "well-known": "The value is its own best name (loopback, netmask, nil UUID, ...).",
    "identity": "It identifies the test itself (idempotent_id and the like).",
    "docstring": "It stands alone as a string statement.",
    "literal-tested": "The literal itself is what is tested: an input or an output.",
    "parameter-table": "It is a row of a table of test parameters.",
    "table-row": "It stands among four or more values in one list or tuple.",
    "dict-key": "It is the key of a dict and nothing else names it.",
    "credential": "It stands under the name of a password, a token or a key.",
    "marked": "A comment on its line lets it pass a scanner of secrets.",
    "version": "It is a version or an object identifier, not an address.",
    "near-value": "It only looks like a value; it may be wrong on purpose.",
    "part-of-string": "It is a piece of a longer string, or built with others.",
    "pattern": "A match pattern takes no constant without a dot.",
    "in-type": "It is part of a type: Literal takes no constants.",
    "own-lines": "The file compares the numbers of its own lines.",
    "runs-elsewhere": "Its function runs in another process, without these constants.",
    "test-data": "The file is a sample, data or another project's, not a test.",
    "no-test": "The file or its folder is called like a test, but is none.",
    "generated": "A program wrote the file.",
}
DECIDED = {
    "no-name": "Nothing around it gives the value a name of its own.",
    "shared-name": "Its uses name it as they name another value.",
    "name-taken": "The file has another use for the name that fits.",
    "same-network": "Other addresses of its network stay as they are.",
    "same-list": "Another value of its list, or of the rows around it, stays as it is.",
    "class-constant": "A class attribute holds the value.",
    "named-differently": "A constant has the value, but its name says another thing.",
    "constant-hidden": "A constant has the value, but can't be seen from here.",
    "above-constants": "It is evaluated above the place where constants stand.",
    "line-too-long": "A line would become too long.",
    "star-import": "A star import below may replace the constant.",
}
