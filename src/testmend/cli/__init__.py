"""The command line: one module per command, the exit codes in `testmend.cli.exits`."""

from testmend.cli.app import main

__all__ = ["main"]
