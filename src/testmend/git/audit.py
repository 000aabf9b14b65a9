"""Whether a repository of somebody else may be handed to git at all.

Settings on git's command line override single keys, but not keys that nobody knows
beforehand (``filter.NAME.clean`` runs under every override). So a foreign configuration
holds known harmless keys, or it is refused, before git meets it.
"""

from __future__ import annotations

import os
import re
import stat

from testmend.git.environment import Trust
from testmend.git.errors import GitFailed, Refusal
from testmend.git.names import check_url, shown
from testmend.git.runner import Git

_HARMLESS = re.compile(
    r"""
    core\.(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase
           |precomposeunicode|symlinks|autocrlf|eol|safecrlf|sparsecheckout
           |sparsecheckoutcone|untrackedcache|splitindex|abbrev|compression
           |sharedrepository|quotepath|preloadindex|commitgraph|multipackindex)
    | extensions\.(objectformat|compatobjectformat|partialclone|noop|preciousobjects)
    | remote\..+\.(url|pushurl|fetch|push|tagopt|promisor|partialclonefilter|mirror
                   |prune|skipdefaultupdate|skipfetchall)
    | branch\..+\.(remote|merge|rebase|description|pushremote)
    | user\.(name|email) | (index|pack|gc|pull|push|fetch|init|status|color|advice)\.\w+
    | submodule\.(active|.+\.(url|active)) | transfer\.\w+ | receive\.\w+
    | i18n\.\w+ | rerere\.enabled | merge\.(renames|conflictstyle) | diff\.(renames)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONFIG_MAX = 1 << 20


def audited(git_dir: bytes) -> Git:
    """A runner for the bare repository of somebody else in this folder.

    Raises `Refusal`: ``not-a-repository``, ``owner``, ``link`` (a part of it lies
    elsewhere), ``outside`` (alternates, another common folder), ``configuration``.
    """
    git_dir = os.path.abspath(git_dir)
    _check_folder(git_dir)
    for name in (b"commondir", b"gitdir", b"config.worktree"):
        if os.path.lexists(os.path.join(git_dir, name)):
            raise Refusal("outside", f"{shown(git_dir)}: has a {name.decode()} file")
    for name in (b"alternates", b"http-alternates"):
        if os.path.lexists(os.path.join(git_dir, b"objects", b"info", name)):
            raise Refusal(
                "outside", f"{shown(git_dir)}: borrows objects from elsewhere"
            )
    _check_configuration(git_dir)
    return Git(git_dir, Trust.FOREIGN, git_dir)


def _check_folder(git_dir: bytes) -> None:
    for name in (b"HEAD", b"objects", b"refs", b"config"):
        if not os.path.lexists(os.path.join(git_dir, name)):
            raise Refusal("not-a-repository", f"{shown(git_dir)} is no bare repository")
    folders = [
        git_dir,
        *(os.path.join(git_dir, each) for each in (b"objects", b"refs")),
    ]
    for folder in folders:
        for entry in (folder, *(each.path for each in os.scandir(folder))):
            status = os.lstat(entry)
            if stat.S_ISLNK(status.st_mode):
                raise Refusal("link", f"{shown(entry)} is a link")
            if status.st_uid != os.geteuid():
                raise Refusal("owner", f"{shown(entry)} belongs to another user")


def _check_configuration(git_dir: bytes) -> None:
    path = os.path.join(git_dir, b"config")
    if os.path.getsize(path) > _CONFIG_MAX:
        raise Refusal("configuration", f"{shown(path)} is too large")
    # From a folder and with a git_dir in which there is no repository: what is judged
    # must not be in force while it is read.
    reader = Git(b"/", Trust.FOREIGN, os.fsencode(os.devnull))
    try:
        listing = reader.run("config", "--file", path, "--no-includes", "-z", "--list")
    except GitFailed as error:
        raise Refusal("configuration", f"{shown(path)}: {error}") from None
    for item in listing.out.split(b"\0")[:-1]:
        key, _, value = os.fsdecode(item).partition("\n")
        if not _HARMLESS.fullmatch(key):
            raise Refusal("configuration", f"{shown(path)} sets {shown(key)}")
        if key.endswith((".url", ".pushurl")):
            check_url(value, local=True)
