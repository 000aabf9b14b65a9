"""What the files of a project that are none of Python's say: settings and commands."""
