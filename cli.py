"""Run testmend from a checkout without installing it: ``python cli.py diff tests``."""

import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parent
sys.path[:0] = [str(_ROOT / "src"), str(_ROOT / "codemods")]

from testmend.cli import main  # noqa: E402  the path must be set first

if __name__ == "__main__":
    main()
