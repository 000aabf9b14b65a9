"""One module of constants for a folder: its style, both codemods, and all commands."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import checkouts
import pytest
from campaigns import Fleet
from console import run

from testmend.model import Changed
from testmend.testing import Project
from testmend_codemods.literals.options import IpOptions, UuidOptions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from testmend.model import FileResult, NewFile

A = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
B = "6c0f3a52-94c7-4b0e-8d7e-0f2d6e4f7a11"
C = "c9be40c5-5f0a-4a35-9b3e-7b1c6f6d0e22"
BOTH = ("hardcoded-uuid", "hardcoded-ip")
OPTIONS = {
    "hardcoded-uuid": UuidOptions(placement="shared"),
    "hardcoded-ip": IpOptions(placement="shared"),
}
MODULE = "proj/tests/fixtures/constants.py"
STATEMENT = "from proj.tests.fixtures import constants\n"
BOOT = f"""\
from proj import shop


def test_boot():
    shop.boot(image_id='{A}')
    shop.on(gateway_ip='192.0.2.1', subnet_cidr='192.0.2.0/24')
"""
PACKAGES = {"proj/__init__.py": "", "proj/tests/__init__.py": ""}
FILES = {**PACKAGES, "proj/tests/test_a.py": BOOT, "proj/tests/test_b.py": BOOT}
SPLIT = f"""\
NODE_ID = ('{B}'
           )  # two lines
{{}}PORT = 1


class Node:
    pass
"""
SETTINGS = """\
select = ["hardcoded-uuid", "hardcoded-ip"]
[hardcoded-uuid]
placement = "shared"
[hardcoded-ip]
placement = "shared"
"""
THERE = {
    **FILES,
    "proj/tests/fixtures/__init__.py": "",
    MODULE: f"NODE_ID = '{B}'\n",
    "testmend.toml": SETTINGS,
}


def _run(files: dict[str, str], *selected: str) -> dict[str, str]:
    """The files after a run, which a second run leaves alone."""
    project = Project({path: text.encode() for path, text in files.items()})
    done = project.apply(project.run(selected or BOTH, options=OPTIONS))
    again = done.run(selected or BOTH, options=OPTIONS)
    assert not any(isinstance(each.outcome, Changed) for each in again.values())
    return {path: data.decode() for path, data in done.files.items()}


def test_a_tree_with_a_longer_name_imports_by_its_dots() -> None:
    """``ansible_collections.cloud`` is not seen from its packages."""
    own = BOOT.replace("from proj", "from collections_of.cloud.tests.unit")
    folder = "cloud/tests"
    packages = {f"{folder}/__init__.py": "", f"{folder}/unit/__init__.py": ""}
    names = [f"{folder}/unit/test_{each}.py" for each in "ab"]
    after = _run({**packages, **dict.fromkeys(names, own)})
    assert "from .fixtures import constants\n" in after[names[0]]
    assert f"IMAGE_ID = '{A}'" in after[f"{folder}/unit/fixtures/constants.py"]


def test_uuids_and_addresses_share_one_module() -> None:
    together = _run(FILES)
    assert together[MODULE] == (
        '"""Values that several tests beside this folder know."""\n\n'
        f"IMAGE_ID = '{A}'\nGATEWAY_IP = '192.0.2.1'\nSUBNET_CIDR = '192.0.2.0/24'\n"
    )
    for name in "ab":
        assert together[f"proj/tests/test_{name}.py"] == (
            f"from proj import shop\n{STATEMENT}\n\ndef test_boot():\n"
            "    shop.boot(image_id=constants.IMAGE_ID)\n"
            "    shop.on(gateway_ip=constants.GATEWAY_IP,"
            " subnet_cidr=constants.SUBNET_CIDR)\n"
        )
    assert together == _run(_run(FILES, "hardcoded-uuid"), "hardcoded-ip")


def test_the_module_is_one_also_where_each_file_has_one_kind() -> None:
    uuid, ip = (
        "\n".join(line for line in BOOT.splitlines() if part not in line) + "\n"
        for part in ("gateway", "image")
    )
    names = dict(zip("abcd", (uuid, uuid, ip, ip), strict=True))
    files = {f"proj/tests/test_{name}.py": text for name, text in names.items()}
    after = _run({**PACKAGES, **files})
    assert after[MODULE].count(" = ") == 3
    assert "constants.IMAGE_ID" in after["proj/tests/test_b.py"]
    assert "constants.GATEWAY_IP" in after["proj/tests/test_d.py"]


def test_addresses_of_one_network_are_shared_together_or_not_at_all() -> None:
    other = BOOT.replace(", subnet_cidr='192.0.2.0/24'", "")
    after = _run({**FILES, "proj/tests/test_b.py": other})
    assert after[MODULE].count(" = ") == 1
    assert "\n\nGATEWAY_IP = '192.0.2.1'\n" in after["proj/tests/test_a.py"]
    assert "\n\nGATEWAY_IP = '192.0.2.1'\n" in after["proj/tests/test_b.py"]


@pytest.mark.parametrize(
    ("there", "after"),
    [
        (f'OTHER_ID = "{B}"\n', f'OTHER_ID = "{B}"\nIMAGE_ID = "{A}"\n'),
        (f"OTHER_ID = '{B}'\n", f"OTHER_ID = '{B}'\nIMAGE_ID = '{A}'\n"),
        ("", f"IMAGE_ID = '{A}'\n"),
        ("# none yet", f"# none yet\nIMAGE_ID = '{A}'\n"),
        (
            f"FAKE_NODE_ID = '{B}'\nFAKE_PORT_ID = '{C}'\n",
            f"FAKE_NODE_ID = '{B}'\nFAKE_PORT_ID = '{C}'\nFAKE_IMAGE_ID = '{A}'\n",
        ),
        (
            f"FAKE_NODE_ID = '{B}'\nPORT_ID = '{C}'\n",
            f"FAKE_NODE_ID = '{B}'\nPORT_ID = '{C}'\nIMAGE_ID = '{A}'\n",
        ),
        (
            f"IMAGE_ID = '{B}'\nIMAGE_ID_2 = '{C}'\n",
            f"IMAGE_ID = '{B}'\nIMAGE_ID_2 = '{C}'\nIMAGE_ID_3 = '{A}'\n",
        ),
        (
            f"IMAGE_ID = '{B}'\nIMAGE_ID2 = '{C}'\n",
            f"IMAGE_ID = '{B}'\nIMAGE_ID2 = '{C}'\nIMAGE_ID3 = '{A}'\n",
        ),
        (
            f"IMAGE_ID = '{B}'\nIPV4 = '192.0.2.77'\n",
            f"IMAGE_ID = '{B}'\nIPV4 = '192.0.2.77'\nIMAGE2_ID = '{A}'\n",
        ),
        (
            f"NODE_ID = '{B}'\n\n\ndef node():\n    return NODE_ID\n",
            f"NODE_ID = '{B}'\nIMAGE_ID = '{A}'\n\n\ndef node():\n    return NODE_ID\n",
        ),
        (SPLIT.format(""), SPLIT.format(f"IMAGE_ID = '{A}'\n")),
    ],
    ids=[
        "double-quotes",
        "single-quotes",
        "empty",
        "no-constants-and-no-end-of-line",
        "all-are-fakes",
        "half-are-fakes",
        "numbers-behind-underscore",
        "numbers-at-the-end",
        "no-numbers",
        "functions-follow",
        "of-several-lines",
    ],
)
def test_new_constants_follow_the_style_of_the_module(there: str, after: str) -> None:
    files = {**FILES, MODULE: there, "proj/tests/fixtures/__init__.py": ""}
    assert _run(files, "hardcoded-uuid")[MODULE] == after


def test_both_codemods_add_to_a_module_that_is_there() -> None:
    there = f"NODE_ID = '{B}'\n\n\ndef node():\n    return NODE_ID"
    files = {**FILES, MODULE: there, "proj/tests/fixtures/__init__.py": ""}
    assert _run(files)[MODULE] == (
        f"NODE_ID = '{B}'\nIMAGE_ID = '{A}'\nGATEWAY_IP = '192.0.2.1'\n"
        "SUBNET_CIDR = '192.0.2.0/24'\n\n\ndef node():\n    return NODE_ID\n"
    )


def test_a_module_that_has_fixes_of_its_own_gets_them_in_the_next_run(
    tmp_path: Path,
) -> None:
    own = f"import os\n\nNODE_ID = '{B}'\n"
    for name, text in {**THERE, MODULE: own}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    select = ["--select", "hardcoded-uuid,unused-imports"]
    done = run("apply", *select, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    module = tmp_path / MODULE
    assert module.read_text() == f"{own}IMAGE_ID = '{A}'\n"
    assert run("apply", *select, cwd=tmp_path).returncode == 0
    assert module.read_text() == f"NODE_ID = '{B}'\nIMAGE_ID = '{A}'\n"
    assert run("diff", *select, cwd=tmp_path).stdout == b""


def test_what_the_module_has_is_used_while_it_changes(tmp_path: Path) -> None:
    own = f"import os\n\nIMAGE_ID = '{A}'\n"
    for name, text in {**THERE, MODULE: own}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    done = run("apply", "--select", "hardcoded-uuid,unused-imports", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / MODULE).read_text() == f"IMAGE_ID = '{A}'\n"
    assert "constants.IMAGE_ID" in (tmp_path / "proj/tests/test_a.py").read_text()


@pytest.fixture
def _no_git_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    for name, value in checkouts.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def _checkout(path: Path, files: dict[str, str]) -> checkouts.Checkout:
    checkout = checkouts.new(path)
    for name, text in files.items():
        checkout.write(name, text.encode())
    checkout.commit_all()
    return checkout


@pytest.mark.usefixtures("_no_git_settings")
@pytest.mark.parametrize("files", [THERE, {**FILES, "testmend.toml": SETTINGS}])
def test_commits_hold_the_module_as_it_is_at_each(
    tmp_path: Path, files: dict[str, str]
) -> None:
    checkout = _checkout(tmp_path, files)
    done = run("commit", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    first = checkout.git("show", f"HEAD~1:{MODULE}").decode()
    last = checkout.git("show", f"HEAD:{MODULE}").decode()
    assert f"IMAGE_ID = '{A}'\n" in first
    assert "GATEWAY" not in first
    assert last == f"{first}GATEWAY_IP = '192.0.2.1'\nSUBNET_CIDR = '192.0.2.0/24'\n"
    assert checkout.git("status", "--porcelain") == b""
    assert run("commit", cwd=tmp_path).stdout == b""
    assert len(checkout.log()) == 3
    assert run("undo", cwd=tmp_path).returncode == 0
    assert checkout.git("status", "--porcelain") == b""
    assert checkout.log() == ["base"]
    assert {name: (tmp_path / name).read_text() for name in files} == files
    assert (tmp_path / MODULE).exists() == (MODULE in files)


@pytest.mark.usefixtures("_no_git_settings")
def test_a_module_that_the_user_is_changing_is_left_alone(tmp_path: Path) -> None:
    checkout = _checkout(tmp_path, THERE)
    checkout.write(MODULE, f"NODE_ID = '{B}'\nMINE = 1\n".encode())
    done = run("commit", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert checkout.log() == ["base"]
    assert MODULE.encode() in done.stderr
    assert checkout.read(MODULE) == f"NODE_ID = '{B}'\nMINE = 1\n".encode()


@pytest.mark.usefixtures("_no_git_settings")
def test_a_commit_relies_on_no_change_that_the_user_has_not_committed(
    tmp_path: Path,
) -> None:
    fakes = "proj/tests/fakes.py"
    head = "from proj.tests import fakes\n"
    files = {
        **PACKAGES,
        fakes: "PORT = 1\n",
        "proj/tests/test_a.py": f"{head}\n\ndef test_boot(shop):\n"
        f"    shop.boot(fakes.PORT, image_id='{A}')\n",
    }
    checkout = _checkout(tmp_path, files)
    checkout.write(fakes, f"PORT = 1\nIMAGE_ID = '{A}'\n".encode())
    checkout.write("proj/tests/test_b.py", f"{head}assert fakes.IMAGE_ID\n".encode())
    done = run("commit", "--select", "hardcoded-uuid", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert checkout.log() == ["base"]
    checkout.commit_all("mine")
    done = run("commit", "--select", "hardcoded-uuid", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(checkout.log()) == 3
    assert b"image_id=fakes.IMAGE_ID" in checkout.git("show", "HEAD")


def test_the_page_shows_what_the_module_gets(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    for name, text in THERE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    page = tmp_path / "page.html"
    done = run("diff", "--html", str(page), cwd=folder)
    assert done.returncode == 1, done.stderr
    text = page.read_text()
    assert MODULE in text
    for name in ("IMAGE_ID", "GATEWAY_IP", "SUBNET_CIDR"):
        assert name in text
    shown = run("diff", cwd=folder).stdout.decode()
    assert shown.count(f"+++ b/{MODULE}") == 1
    assert f" NODE_ID = '{B}'\n+IMAGE_ID = '{A}'\n+GATEWAY_IP" in shown


@pytest.mark.usefixtures("_no_git_settings")
def test_bulk_makes_the_same_commits(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path)
    server = fleet.repository(
        "alpha", {name: text.encode() for name, text in THERE.items()}
    )
    fleet.manifest()
    done = fleet.bulk("run")
    assert done.returncode == 0, done.stderr
    clone = checkouts.Checkout(fleet.path / "clone")
    fleet.work("alpha").git("clone", "-q", server.path, clone.path)
    assert run("commit", cwd=clone.path).returncode == 0
    (mirror,) = (fleet.path / "mirrors").glob("*.git")
    trees = checkouts.Checkout(mirror).git("log", "--format=%T %s", fleet.tip("alpha"))
    assert trees == clone.git("log", "--format=%T %s")
    assert clone.log()[2] == "base"
    assert b"as it was" in fleet.bulk("run").stderr


def test_it_is_the_same_module_where_workers_resolve() -> None:
    texts = [BOOT, BOOT.replace(A, C), BOOT.replace("192.0.2.", "198.51.100.")]
    files = {f"proj/tests/test_{n}.py": texts[n % 3] for n in range(36)}
    files |= PACKAGES
    project = Project({path: text.encode() for path, text in files.items()})
    alone = project.run(BOTH, options=OPTIONS)
    assert project.run(BOTH, options=OPTIONS, jobs=2) == alone
    (text,) = {each.text for each in _new(alone) if each.path == MODULE}
    assert all(value in text for value in (A, C, "192.0.2.1", "198.51.100.1"))


def _new(results: dict[str, FileResult]) -> Iterator[NewFile]:
    for each in results.values():
        if isinstance(each.outcome, Changed):
            yield from each.outcome.files
