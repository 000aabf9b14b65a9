"""What a project and a user ask for: ``[tool.testmend]`` and ``testmend.toml``.

Configuration is TOML and nothing else: no code of the project is run to read it.
"""

from testmend.config.loading import load
from testmend.config.settings import TEST_CODE, Overrides, Settings

__all__ = ["TEST_CODE", "Overrides", "Settings", "load"]
