"""``python -m testmend``.

Python puts the current folder first on the path then. It is often the repository under
work, which is data: a ``click.py`` in it must not run.
"""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]

    from testmend.cli import main

    main()
