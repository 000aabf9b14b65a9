"""The command line, in a process that kills itself: ``killed_command.py STEP ARG...``.

Steps are counted as in `killed_run`; their number goes to stderr at the end, last.
"""

from __future__ import annotations

import sys

from killed_run import die_at

from testmend.cli import main

if __name__ == "__main__":
    steps = die_at(sys.argv[1])
    try:
        main(sys.argv[2:])
    finally:
        sys.stderr.write(f"{steps()}\n")
