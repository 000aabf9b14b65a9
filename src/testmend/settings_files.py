"""Files of settings as tables. What several ask for is parsed once."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

Table = Mapping[str, Any]
MALFORMED = (ValueError, RecursionError, configparser.Error)
"""What is raised for a text that can't be read (nested too deep, too)."""

_KEPT = 32  # texts of each format


@lru_cache(_KEPT)
def toml(text: str) -> Table:
    """The tables of a TOML file, not to be changed. Raises one of `MALFORMED`."""
    return tomllib.loads(text)


@lru_cache(_KEPT)
def ini(text: str) -> Mapping[str, Mapping[str, str]]:
    """The sections of an INI file, not to be changed. Raises one of `MALFORMED`."""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.read_string(text)
    return {section: dict(parser[section]) for section in parser.sections()}
