"""What several tests share: projects in memory, and the runner over them."""

from __future__ import annotations

import sys
from pathlib import Path

# Helper modules of the tests stand beside this file.
sys.path.insert(0, str(Path(__file__).parent))
