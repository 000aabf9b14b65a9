"""What a project's pytest configuration says of how its tests are found and imported.

Read as data from the files at the root, in pytest's own order, and from the commands of
the project; nothing of them is run.
"""

from __future__ import annotations

import re
from contextlib import suppress
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from testmend import settings_files
from testmend.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import PurePosixPath

FILES = {
    "pytest.ini": "pytest",
    ".pytest.ini": "pytest",
    "pyproject.toml": "",
    "tox.ini": "pytest",
    "setup.cfg": "tool:pytest",
}
_TIMEOUT = re.compile(r"--timeout(?:=|\s+)(\d+(?:\.\d+)?)(?!\S)")
_MODE = re.compile(r"--import-mode(?:=|\s+)[\"']?(\w+)")
_IMPORTLIB = re.compile(r"\bpytest\b[^\n#]*--import-mode[=\s\"',]+importlib\b")
_ENDED = re.compile(r"\bpy\.?test\b[^\n#]*--timeout[= ](\d+(?:\.\d+)?)(?=\s)")


class PytestSettings(Struct, frozen=True):
    """How pytest imports tests.

    ``importlib``: without putting their folders on the path. ``path``: the folders that
    it puts there, relative to the root ("" is the root). ``files``: the patterns of the
    names of files with tests, ``skipped`` those of folders that it does not look into
    (``norecursedirs``). ``timeout``: the seconds after which its plugin ends a test (0:
    never; of several commands' the least). ``are_there``: the project has such settings
    at all. ``folder``: where they are, relative to the project.
    """

    importlib: bool = False
    path: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    timeout: float = 0
    skipped: tuple[str, ...] = ()
    are_there: bool = False
    folder: str = ""

    def collects(self, name: str) -> bool:
        """Whether a file of this name is taken for one with tests by ``python_files``.

        Only patterns without a folder are looked at.
        """
        return any(fnmatch(name, each) for each in self.files)

    def skips(self, folder: PurePosixPath) -> bool:
        """Whether nothing below a folder is collected, by one of the names above it.

        Of those below the settings. Only patterns without a folder are looked at.
        """
        parts = folder.relative_to(self.folder).parts
        return any(fnmatch(part, each) for part in parts for each in self.skipped)


def read(
    reader: Callable[[str], bytes], commands: Iterable[str] = ()
) -> PytestSettings:
    """The settings at the root, and what the files with ``commands`` say.

    ``reader`` raises `SourceError` for a missing file.
    """
    found = configured(reader)
    texts = list(_texts(reader, commands))
    if not found.importlib and any(map(_IMPORTLIB.search, texts)):
        found = replace(found, importlib=True)
    if not found.timeout:
        limits = (float(each) for text in texts for each in _ENDED.findall(text))
        found = replace(found, timeout=min(limits, default=0))
    return found


def _texts(reader: Callable[[str], bytes], names: Iterable[str]) -> Iterator[str]:
    for name in names:
        with suppress(SourceError, ValueError):
            yield reader(name).decode()


def configured(reader: Callable[[str], bytes]) -> PytestSettings:
    """What the files of settings alone say. ``reader`` as that of `read`."""
    for name, section in FILES.items():
        with suppress(SourceError, *settings_files.MALFORMED):
            found = _options(reader(name).decode(), section)
            if found is not None:
                return _settings(found)
    return PytestSettings()


def _options(text: str, section: str) -> Mapping[str, Any] | None:
    """The options of one file; None where it has no section of pytest's."""
    if not section:
        tool = settings_files.toml(text).get("tool", {}).get("pytest", {})
        table = tool.get("ini_options", tool) if isinstance(tool, dict) else {}
        return table if isinstance(table, dict) and table else None
    return settings_files.ini(text).get(section)


def _settings(options: Mapping[str, Any]) -> PytestSettings:
    added = " ".join(_words(options.get("addopts", "")))
    mode = _MODE.search(added)
    own = options.get("import_mode", "")  # the native table of later versions
    folders = (each.strip("./") for each in _words(options.get("pythonpath", "")))
    importlib = "importlib" in (own, mode[1] if mode else "")
    files = _words(options.get("python_files", ""))
    limit = _TIMEOUT.search(f"{added} --timeout={options.get('timeout', '')}")
    return PytestSettings(
        importlib=importlib,
        path=tuple(folders),
        files=tuple(files),
        skipped=tuple(_words(options.get("norecursedirs", ""))),
        timeout=float(limit[1]) if limit else 0,
        are_there=True,
    )


def _words(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(each) for each in value]
    return str(value).split()
