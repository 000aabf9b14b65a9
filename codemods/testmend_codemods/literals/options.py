"""The options of both codemods."""

from __future__ import annotations

from typing import Literal

from testmend.codemod import Options

Placement = Literal["module", "shared", "sentinel"]
Naming = Literal["specific", "numbered", "neutral"]


class LiteralOptions(Options, frozen=True):
    """What the options of both have in common."""

    min_uses: int = 2
    min_scopes: int = 2
    naming: Naming = "neutral"


class UuidOptions(LiteralOptions, frozen=True):
    """``[tool.testmend.hardcoded-uuid]``.

    A value without a name of its own is lifted when ``min-uses`` literals of it stand
    in ``min-scopes`` functions. ``naming`` is the worst name that is taken then:
    ``specific`` (``VOLUME_ID``), ``numbered`` (``VOLUME2_ID``), ``neutral``
    (``FAKE_UUID``). ``placement``: ``module`` (constants), ``sentinel`` (where a file
    imports uuidsentinel, and where that can be: ``uuids.volume``; an unsafe fix),
    ``shared`` (values of several files of a folder in its ``fixtures/constants.py``).
    """

    placement: Placement = "module"


class IpOptions(LiteralOptions, frozen=True):
    """``[tool.testmend.hardcoded-ip]``; see `UuidOptions`."""

    min_uses: int = 3
    naming: Naming = "numbered"
