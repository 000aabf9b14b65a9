"""The codemods of hardcoded values, beyond what fixture pairs can show."""

from __future__ import annotations

import ast
import contextlib
from typing import TYPE_CHECKING

import pytest
from console import run

from testmend.errors import VerificationError
from testmend.model import Changed, Unchanged
from testmend.testing import Project
from testmend_codemods.literals.grammar import values, words
from testmend_codemods.literals.options import (
    CredentialOptions,
    UuidOptions,
    ValueOptions,
)
from testmend_codemods.literals.proof import prove

if TYPE_CHECKING:
    from pathlib import Path

A = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
B = "6c0f3a52-94c7-4b0e-8d7e-0f2d6e4f7a11"
C = "c9be40c5-5f0a-4a35-9b3e-7b1c6f6d0e22"
D = "d3f1a6b8-2c4e-4f60-8a72-9b0c1d2e3f33"
E = "1c8d3e99-2222-4333-9444-a55566667777"
BOTH = ("hardcoded-uuid", "hardcoded-ip")

MIXED = f"""\
from shop import net


def test_one():
    net.plug(port_id='{A}', fixed_ip='192.0.2.7', wait=net.wait(1,
                                                                                                 2))
    net.plug(router_id='{B}')


def test_two():
    net.route(gateway_ip='198.51.100.1', port_id='{A}')
"""


def _after(text: str, *codemods: str) -> str:
    project = Project({"test_case.py": text.encode()})
    for name in codemods:
        project = project.apply(project.run(name.split("+")))
    return project.files["test_case.py"].decode()


def test_both_kinds_give_one_block_in_any_order() -> None:
    together = _after(MIXED, "hardcoded-uuid+hardcoded-ip")
    assert together == _after(MIXED, *BOTH)
    assert together == _after(MIXED, *reversed(BOTH))
    assert together.startswith(
        f"""\
from shop import net

PORT_ID = '{A}'
FIXED_IP = '192.0.2.7'
ROUTER_ID = '{B}'
GATEWAY_IP = '198.51.100.1'


def test_one():
    net.plug(port_id=PORT_ID, fixed_ip=FIXED_IP, wait=net.wait(1,
                                                               2))
"""
    )


def test_each_fix_stands_on_its_own() -> None:
    """A block of any subset of the constants has its blank lines."""
    for number in (4, 6, 10):
        lines = MIXED.splitlines()
        lines[number] += "  # testmend: ignore"
        text = _after("\n".join(lines), "hardcoded-uuid+hardcoded-ip")
        head, _, rest = text.partition("\n\n\n")
        assert head.startswith("from shop import net\n\n")
        assert all(" = " in line for line in head.splitlines()[2:])
        assert rest.startswith("def test_one")


def test_an_import_that_goes_and_one_that_comes_keep_their_distance() -> None:
    text = f"""\
import os

import shop
import time


def test_boot():
    shop.boot(image_id='{A}')
"""
    assert (
        _after(text, "hardcoded-uuid+unused-imports")
        == f"""\
import shop

IMAGE_ID = '{A}'


def test_boot():
    shop.boot(image_id=IMAGE_ID)
"""
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (A, "uuid"),
        (A.upper(), "uuid"),
        (A.replace("-", ""), None),
        (A[:-1], None),
        ("192.0.2.1", "ip"),
        ("192.0.2.256", None),
        ("192.0.2.01", None),
        ("192.0.2", None),
        ("2001:db8::1", "ip"),
        ("2001:db8::/32", "cidr"),
        ("192.0.2.0/24", "cidr"),
        ("192.0.2.7/24", "cidr"),
        ("192.0.2.0/33", None),
        ("50:06:01:60:88:60:24:01", None),
        ("::", None),
        ("fa:16:3e:4c:2c:30", None),
        ("cafe::beef", None),
        ("12:30", None),
    ],
)
def test_grammar(text: str, kind: str | None) -> None:
    assert values.kind_of(text) == kind


@pytest.mark.parametrize(
    ("name", "kind", "constant"),
    [
        ("image_uuid", "uuid", "IMAGE_UUID"),
        ("imageRef", "uuid", "IMAGE_ID"),
        ("expected_volume_id", "uuid", "VOLUME_ID"),
        ("network", "uuid", "NETWORK_ID"),
        ("network", "cidr", "NETWORK_CIDR"),
        ("fixed_ip", "ip", "FIXED_IP"),
        ("access_ip_v4", "ip", "ACCESS_IP_V4"),
        ("accessIPv4", "ip", "ACCESS_IPV4"),
        ("gw_ip6_sec", "ip", "GW_IP6_SEC"),
        ("service_uuid_2", "uuid", "SERVICE_UUID_2"),
        ("server_id_ip", "ip", "SERVER_ID_IP"),
        ("server_id_ip", "uuid", "SERVER_ID_IP_ID"),
        ("fip", "uuid", "FIP_ID"),
        ("fip", "ip", "FIP"),
        ("server_name", "ip", "SERVER_IP"),
        ("members", "ip", "MEMBER_IP"),
        ("floating_ips", "ip", "FLOATING_IP"),
        ("qos_specs_id", "uuid", "QOS_SPECS_ID"),
        ("zfs", "uuid", "ZFS_ID"),
        ("dns", "ip", "DNS_IP"),
        ("access_addresses", "ip", "ACCESS_ADDRESS"),
    ],
)
def test_constants(name: str, kind: values.Kind, constant: str) -> None:
    assert words.constant(words.spoken(name), kind) == constant


@pytest.mark.parametrize(
    "after",
    [
        f"A = '{A}'\nf('{B}')\n",  # another value
        f"A = '{B}'\nf(A)\n",  # the constant has another value
        f"A = '{A}'\nA = '{B}'\nf(A)\n",  # made twice
        "f(A)\n",  # not made
        f"A = '{A}'\nf(A, 1)\n",  # something else changes
        f"A = '{A}'\nB = 1\nf(A)\n",  # something comes
        f"f = '{A}'\nf(f)\n",  # the name is another one's
    ],
)
def test_proof_refuses(after: str) -> None:
    with pytest.raises(VerificationError):
        prove(ast.parse(f"f('{A}')\n"), ast.parse(after))


def test_proof_accepts() -> None:
    prove(ast.parse(f"f('{A}')\n"), ast.parse(f"A = '{A}'\nf(A)\n"))


@pytest.mark.parametrize(
    ("rest", "is_free"),
    [
        (b"# A is one\r\ng(B)  # of A\r\n", True),
        (b"g(AB)\n", True),
        (b"g(A)\n", False),
        (b"# isn't A\n", False),
        (b'x = """\n# no comment """ + A\n', False),
    ],
)
def test_the_rest_of_a_file_must_not_know_a_new_name(
    rest: bytes, *, is_free: bool
) -> None:
    before, after = ast.parse(f"f('{A}')\n"), ast.parse(f"A = '{A}'\nf(A)\n")
    refused = contextlib.nullcontext() if is_free else pytest.raises(VerificationError)
    with refused:
        prove(before, after, rest=rest)


@pytest.mark.parametrize(
    ("name", "specific"),
    [
        ("arglist", False),
        ("verifylist", False),
        ("validate", False),
        ("result_ids", False),
        ("whitelist", True),
        ("host_image", True),
    ],
)
def test_some_words_name_nothing(name: str, *, specific: bool) -> None:
    assert words.is_specific(words.spoken(name)) == specific


CREDENTIALS = f"""\
from shop import client

TIMEOUT = 5


def test_login():
    client.login(password='hT7#qLz92vRw', user='hT7#qLz92vRw-user')
    client.config['api_key'] = 'ghp_A1b2C3d4E5f6G7h8I9j0'
    client.login(password='secret', admin_password='fake-password-17')
    client.show(token='{A}')
    client.assert_shown('{A}')
    client.set_override('admin_password', 'Zk29!vvQpLx1')


def connect(secret='mQ4x$9PtW2e8'):
    return client.connect(secret, keyboard='hT7xqLz92vRw')
"""


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_credentials_are_found_and_never_shown(tmp_path: Path, form: str) -> None:
    (tmp_path / "test_login.py").write_text(CREDENTIALS)
    names = "hardcoded-credential,hardcoded-uuid"
    flags = ["--isolated", "--show-refused", "--select", names, "--format", form]
    done = run("check", *flags, "-v", ".", cwd=tmp_path)
    shown = done.stdout + done.stderr
    for secret in (b"hT7#", b"ghp_", b"Zk29", b"mQ4x", A.encode()):
        assert secret not in shown
    for line in (7, 8, 10, 12, 15):
        place = {
            "text": f"test_login.py:{line}:",
            "json": f'"line": {line},',
            "sarif": f'"startLine": {line},',
            "github": f",line={line},",
        }[form]
        assert place.encode() in shown


def test_stand_ins_for_credentials_are_passed_over_unless_wanted() -> None:
    project = Project({"test_login.py": CREDENTIALS.encode()})
    results = project.run(["hardcoded-credential"])
    outcome = results["test_login.py"].outcome
    assert isinstance(outcome, Unchanged)
    assert [each.range.line for each in outcome.findings] == [7, 8, 10, 12, 15]
    options = {"hardcoded-credential": CredentialOptions(placeholders=True)}
    outcome = project.run(["hardcoded-credential"], options=options)[
        "test_login.py"
    ].outcome
    assert isinstance(outcome, Unchanged)
    assert [each.range.line for each in outcome.findings] == [7, 8, 9, 9, 10, 12, 15]


@pytest.mark.parametrize("name", ["nextPageToken", "cursor_token", "page_token2"])
def test_a_token_that_says_where_a_list_goes_on_is_no_credential(name: str) -> None:
    called = f"api.answers(token='Zk29x_7wQp41', {name}='Cg9wq7Zk_x1')"
    text = f"def test_pages(api):\n    {called}\n"
    project = Project({"test_pages.py": text.encode()})
    outcome = project.run(["hardcoded-credential"])["test_pages.py"].outcome
    assert isinstance(outcome, Unchanged)
    assert [each.message.count(name) for each in outcome.findings] == [0]


SENTINELS = f"""\
from oslo_utils.fixture import uuidsentinel as uuids

from shop import client


class TestCopies(client.TestCase):
    def test_image(self):
        client.boot(image_id='{A}',
                    server_id=uuids.server)
        self.assertEqual('{A}',
                         client.image_of('{A}', one=1))

    def test_known_elsewhere(self):
        client.boot(volume_id='{B}')

    def test_within_a_string(self):
        client.get(snapshot_id='{C}')
        client.get('/snapshots/{C}')

    def test_taken(self):
        client.get(server_id='{D}')


{"# nothing to see" + chr(10) * 15}
def test_computed_from():
    digest = 'bd6ba7d6a1c1a1b2c3d4e5f60718293a4b5c6d7e'
    assert client.digest(router_id='{E}') == digest
"""


def test_sentinels_stand_for_values_that_nobody_else_knows() -> None:
    elsewhere = f"def test_other(client):\n    client.boot('{B}')\n"
    files = {"test_copies.py": SENTINELS, "test_other.py": elsewhere}
    project = Project({path: text.encode() for path, text in files.items()})
    options = {"hardcoded-uuid": UuidOptions(placement="sentinel")}
    results = project.run(["hardcoded-uuid"], options=options, unsafe=True)
    after = project.apply(results).files["test_copies.py"].decode()
    assert "client.boot(image_id=uuids.image,\n                    server_id" in after
    assert "self.assertEqual(uuids.image,\n" in after
    assert "client.image_of(uuids.image, one=1))" in after
    assert A not in after
    assert f"\n\nVOLUME_ID = '{B}'\n" in after
    assert f"\nSNAPSHOT_ID = '{C}'\n" in after
    assert f"\nSERVER_ID = '{D}'\n" in after
    assert f"\nROUTER_ID = '{E}'\n" in after
    again = project.apply(results).run(["hardcoded-uuid"], options=options, unsafe=True)
    assert not any(isinstance(each.outcome, Changed) for each in again.values())


def test_a_sentinel_is_no_name_for_one_of_two_values() -> None:
    """Or else the other one would get it in the next run."""
    text = f"""\
from oslo_utils.fixture import uuidsentinel as uuids

from shop import client


def test_one():
    client.boot(image_id='{A}', server_id=uuids.server)
    client.boot(image_id='{B}')


def test_two():
    client.boot(image_id='{A}')
"""
    project = Project({"test_copies.py": text.encode()})
    options = {"hardcoded-uuid": UuidOptions(placement="sentinel")}
    done = project.apply(project.run(["hardcoded-uuid"], options=options, unsafe=True))
    assert f"IMAGE_ID = '{A}'\n" in done.files["test_copies.py"].decode()
    again = done.run(["hardcoded-uuid"], options=options, unsafe=True)
    assert not any(isinstance(each.outcome, Changed) for each in again.values())


def test_sentinels_are_unsafe() -> None:
    project = Project({"test_copies.py": SENTINELS.encode()})
    options = {"hardcoded-uuid": UuidOptions(placement="sentinel")}
    results = project.run(["hardcoded-uuid"], options=options)
    assert A in project.apply(results).files["test_copies.py"].decode()


@pytest.mark.parametrize(
    "after",
    [
        "f(uuids.a, uuids.b)\nuuids.c",  # two sentinels of one value
        "f(uuids.c, uuids.c)\nuuids.c",  # one that has another use
        f"f(uuids.a, '{A}')\nuuids.c",  # the value is left
        "f(other.a, other.a)\nuuids.c",  # not a sentinel
    ],
)
def test_proof_refuses_sentinels(after: str) -> None:
    head = "from oslo_utils.fixture import uuidsentinel as uuids\n"
    before = ast.parse(f"{head}f('{A}', '{A}')\nuuids.c\n")
    prove(before, ast.parse(f"{head}f(uuids.a, uuids.a)\nuuids.c\n"))
    with pytest.raises(VerificationError):
        prove(before, ast.parse(head + after))


def _proj(files: dict[str, str]) -> Project:
    packages = dict.fromkeys(["proj/__init__.py", "proj/tests/__init__.py"], "")
    return Project({path: text.encode() for path, text in (packages | files).items()})


def _with_image(value: str = A, *, head: str = "from proj import shop") -> str:
    lines = [head, "", "", "def test_boot():", f"    shop.boot(image_id='{value}')", ""]
    return "\n".join(lines)


SHARED = {"hardcoded-uuid": UuidOptions(placement="shared")}


def _shared(project: Project) -> dict[str, str]:
    done = project.apply(project.run(["hardcoded-uuid"], options=SHARED))
    again = done.run(["hardcoded-uuid"], options=SHARED)
    assert not any(isinstance(each.outcome, Changed) for each in again.values())
    return {path: data.decode() for path, data in done.files.items()}


def test_values_of_several_files_are_shared() -> None:
    alone = _with_image().replace("image", "volume").replace(A, B)
    after = _shared(
        _proj(
            {
                "proj/tests/test_a.py": _with_image() + alone[alone.index("\n\ndef") :],
                "proj/tests/test_b.py": _with_image(),
                "proj/tests/test_c.py": _with_image(C),
            }
        )
    )
    assert after["proj/tests/fixtures/__init__.py"] == ""
    assert after["proj/tests/fixtures/constants.py"].endswith(f"\n\nIMAGE_ID = '{A}'\n")
    statement = "from proj.tests.fixtures import constants\n"
    for name in "ab":
        text = after[f"proj/tests/test_{name}.py"]
        assert statement in text
        assert "    shop.boot(image_id=constants.IMAGE_ID)\n" in text
    assert f"\n\nVOLUME_ID = '{B}'\n" in after["proj/tests/test_a.py"]
    assert f"\n\nIMAGE_ID = '{C}'\n" in after["proj/tests/test_c.py"]
    assert statement not in after["proj/tests/test_c.py"]


@pytest.mark.parametrize(
    "files",
    [
        {"proj/tests/fixtures/constants.py": "PORT = (\n"},
        {"proj/tests/fixtures.py": ""},
        {"proj/tests/test_b.py": _with_image(head="from proj import shop, constants")},
        {"proj/tests/test_b.py": _with_image().replace("image", "volume")},
    ],
    ids=[
        "there-is-a-broken-one",
        "fixtures-is-a-module",
        "name-is-taken",
        "named-differently",
    ],
)
def test_what_cannot_be_shared_stays_in_its_module(files: dict[str, str]) -> None:
    own = {
        "proj/tests/test_a.py": _with_image(),
        "proj/tests/test_b.py": _with_image(),
    }
    after = _shared(_proj(own | files))
    assert f"\n\nIMAGE_ID = '{A}'\n" in after["proj/tests/test_a.py"]
    assert not any("constants.I" in text for text in after.values())


def test_a_shared_module_is_added_to() -> None:
    there = f"PORT = 1\nIMAGE_ID = 'x'\nVOLUME_ID = '{B}'\n# the end"
    one = _with_image()
    files = {
        "proj/tests/fixtures/__init__.py": "",
        "proj/tests/fixtures/constants.py": there,
        "proj/tests/test_a.py": one,
        "proj/tests/test_b.py": one,
        "proj/tests/test_c.py": one.replace("image", "volume").replace(A, B),
        "proj/tests/test_d.py": one.replace("image", "network").replace(A, B),
    }
    after = _shared(_proj(files))
    added = f"\nIMAGE2_ID = '{A}'\n"
    assert after["proj/tests/fixtures/constants.py"] == there + added
    statement = "from proj.tests.fixtures import constants\n"
    assert "image_id=constants.IMAGE2_ID)" in after["proj/tests/test_b.py"]
    assert "volume_id=constants.VOLUME_ID)" in after["proj/tests/test_c.py"]
    assert f"NETWORK_ID = '{B}'" in after["proj/tests/test_d.py"]  # another thing
    assert [path for path, text in after.items() if statement in text] == [
        f"proj/tests/test_{name}.py" for name in "abc"
    ]
    more = one.replace(A, C).replace("image", "router")
    files = {**after, "proj/tests/test_e.py": more}
    files["proj/tests/test_a.py"] += more[more.index("\n\ndef") :]
    again = _shared(_proj(files))
    assert again["proj/tests/fixtures/constants.py"] == (
        there + added + f"ROUTER_ID = '{C}'\n"
    )
    assert again["proj/tests/test_a.py"].count(statement) == 1
    assert "router_id=constants.ROUTER_ID)" in again["proj/tests/test_a.py"]
    assert "router_id=constants.ROUTER_ID)" in again["proj/tests/test_e.py"]


def test_a_shared_module_on_disk_is_added_to_whole_or_not_at_all(
    tmp_path: Path,
) -> None:
    files = {
        "proj/__init__.py": "",
        "proj/tests/__init__.py": "",
        "proj/tests/fixtures/__init__.py": "",
        "proj/tests/fixtures/constants.py": f"VOLUME_ID = '{B}'\n",
        "proj/tests/test_a.py": _with_image(),
        "proj/tests/test_b.py": _with_image(),
        "testmend.toml": '[hardcoded-uuid]\nplacement = "shared"\n',
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    select = ["--select", "hardcoded-uuid", "proj"]
    shown = run("diff", *select, cwd=tmp_path).stdout.decode()
    assert shown.count("proj/tests/fixtures/constants.py") == 4  # one diff
    assert f"\n VOLUME_ID = '{B}'\n+IMAGE_ID = '{A}'\n" in shown
    module = tmp_path / "proj/tests/fixtures/constants.py"
    module.chmod(0o444)
    done = run("apply", *select, cwd=tmp_path)
    assert (tmp_path / "proj/tests/test_a.py").read_text() == _with_image()
    module.chmod(0o644)
    done = run("apply", *select, cwd=tmp_path)
    assert done.returncode == 0
    assert module.read_text() == f"VOLUME_ID = '{B}'\nIMAGE_ID = '{A}'\n"
    assert module.stat().st_mode & 0o777 == 0o644
    assert "constants.IMAGE_ID" in (tmp_path / "proj/tests/test_b.py").read_text()
    assert run("diff", *select, cwd=tmp_path).stdout == b""
    assert run("undo", cwd=tmp_path).returncode == 0
    assert {name: (tmp_path / name).read_text() for name in files} == files


@pytest.mark.parametrize(
    ("after", "text"),
    [
        ("from t import constants\nf(constants.X)", f"X = '{B}'"),  # another value
        ("from t import constants\nf(constants.X)", ""),  # not there
        ("f(constants.X)", f"X = '{A}'"),  # not imported
        ("from t import constants, other\nf(constants.X)", f"X = '{A}'"),
    ],
)
def test_proof_refuses_shared_constants(after: str, text: str) -> None:
    before = ast.parse(f"from u import constants as const\nf('{A}')")
    head = "from u import constants as const\n"
    good = ast.parse(f"{head}from t import constants\nf(constants.X)")
    prove(before, good, {"t/constants.py": f"X = '{A}'"})
    after = head + after
    with pytest.raises(VerificationError):
        prove(before, ast.parse(after), {"t/constants.py": text})


@pytest.mark.parametrize(
    ("name", "text", "longest"),
    [
        ("README.md", "", 79),
        (".flake8", "[flake8]\nmax-line-length = 100\n", 100),
        ("tox.ini", "[flake8]\nmax-line-length = 90\n", 90),
        ("setup.cfg", "[metadata]\nline-length = 100\n", 79),
        ("pyproject.toml", "[tool.black]\n", 88),
        ("pyproject.toml", "[tool.ruff]\nline-length = 120\n", 120),
        ("pyproject.toml", "[tool.ruff]\nline-length = 99\n[tool.black]\n", 88),
        ("ruff.toml", "line-length = 110\n", 110),
        ("pyproject.toml", "[tool.ruff\n", 79),
        (".pre-commit-config.yaml", "repos:\n- hooks:\n  - id: black\n", 88),
        (".pre-commit-config.yaml", "repos:\n- hooks:\n  - id: flake8\n", 79),
        (
            ".pre-commit-config.yaml",
            "repos:\n- hooks:\n  - id: ruff-format\n    args: [--line-length=100]\n",
            100,
        ),
        ("pants.toml", '[black]\nargs = ["--line-length=90", "--quiet"]\n', 90),
        ("tox.ini", "[testenv]\ncommands = black --check -l 100 shop\n", 100),
        ("tox.ini", "[testenv]\ndeps =\n  black\ncommands =\n  black shop\n", 88),
        ("tox.ini", "[testenv]\ndeps =\n  black ==24.1\n  black\n", 79),
    ],
)
def test_lines_are_as_long_as_the_project_has_them(
    name: str, text: str, longest: int
) -> None:
    def after(length: int) -> str:
        head = "    assert shop."
        line = f"{head}{'x' * (length - len(head) - 25)}.gateway_ip == '9.8.7.6'"
        code = f"from shop import shop\n\n\ndef test_route():\n{line}\n"
        code += "    shop.route(gateway_ip='9.8.7.6')\n"
        files = {"tests/test_a.py": code.encode(), name: text.encode()}
        project = Project(files)
        done = project.apply(project.run(["hardcoded-ip"]))
        return done.files["tests/test_a.py"].decode()

    grown = max(len(line) for line in after(longest).splitlines())
    assert "gateway_ip == GATEWAY_IP\n" in after(longest)
    assert grown == longest
    assert "gateway_ip == '9.8.7.6'\n" in after(longest + 1)


NESTED = {
    "own": ({"shop/ruff.toml": "line-length = 110\n"}, 110),
    "of-another": ({"other/ruff.toml": "line-length = 110\n"}, 79),
    "instead": (
        {"ruff.toml": "line-length = 90\n", "shop/ruff.toml": "line-length = 110\n"},
        110,
    ),
    "of-the-root": (
        {"ruff.toml": "line-length = 90\n", "shop/pyproject.toml": "[project]\n"},
        90,
    ),
    "extended": (
        {
            "pyproject.toml": "[tool.ruff]\nline-length = 95\n",
            "shop/ruff.toml": 'extend = "../pyproject.toml"\n',
        },
        95,
    ),
    "two-tools": (
        {"tox.ini": "[flake8]\nmax-line-length = 95\n", "shop/ruff.toml": ""},
        88,
    ),
    "hook-with-own-length": (
        {
            ".pre-commit-config.yaml": "repos:\n- hooks:\n  - id: ruff-format\n",
            "shop/ruff.toml": "line-length = 100\n",
        },
        100,
    ),
}


@pytest.mark.parametrize(("settings", "longest"), NESTED.values(), ids=NESTED)
@pytest.mark.parametrize("root", [".", "shop"])
def test_each_tool_is_told_by_the_nearest_settings(
    root: str, settings: dict[str, str], longest: int, tmp_path: Path
) -> None:
    head = "    assert shop."
    for name, most in (("fits", longest), ("too_long", longest + 1)):
        line = f"{head}{'x' * (most - len(head) - 25)}.gateway_ip == '9.8.7.6'"
        code = f"from shop import shop\n\n\ndef test_route():\n{line}\n"
        code += "    shop.route(gateway_ip='9.8.7.6')\n"
        settings = {**settings, f"shop/tests/test_{name}.py": code}
    settings.setdefault("shop/setup.cfg", "[metadata]\n")  # the nearest root
    (tmp_path / ".git").mkdir()
    for path, text in settings.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    run("apply", "--select", "hardcoded-ip", ".", cwd=tmp_path / root)
    tests = tmp_path / "shop/tests"
    assert "gateway_ip == GATEWAY_IP\n" in (tests / "test_fits.py").read_text()
    kept = (tests / "test_too_long.py").read_text()
    assert "gateway_ip == '9.8.7.6'\n" in kept


@pytest.mark.parametrize(
    ("settings", "broken"),
    [
        ("", "shop.route(gateway_ip=GATEWAY_IP,\n               {})"),
        ("[tool.black]\n", "shop.route(\n        gateway_ip=GATEWAY_IP, {}\n    )"),
        (
            "[tool.ruff.format]\n",
            "shop.route(\n        gateway_ip=GATEWAY_IP, {}\n    )",
        ),
    ],
    ids=["nothing", "black", "ruff"],
)
def test_lines_are_broken_as_the_formatter_has_it(settings: str, broken: str) -> None:
    longest = 88 if settings else 79
    name = f"name='{'x' * (longest - 45)}'"
    line = f"    shop.route(gateway_ip='9.8.7.6', {name})\n"
    assert len(line) == longest + 1
    code = f"from shop import shop\n\n\ndef test_route():\n{line}"
    files = {"tests/test_a.py": code.encode(), "pyproject.toml": settings.encode()}
    project = Project(files)
    done = project.apply(project.run(["hardcoded-ip"]))
    assert broken.format(name) in done.files["tests/test_a.py"].decode()


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ("ip = 'x'", "kinds: 'ip' can't be a kind"),
        ("host = 'x'", "kinds: 'host' can't be a kind"),
        ("MAC = 'x'", "kinds: 'MAC' can't be a kind"),
        ("mac = '(x'", "kinds.mac: missing ), unterminated subpattern"),
        ("mac = 'x*'", "kinds.mac: it matches an empty string"),
        ("mac = 1", "hardcoded-value.kinds[...]: Expected str"),
    ],
)
def test_kinds_are_checked(tmp_path: Path, kinds: str, said: str) -> None:
    (tmp_path / "testmend.toml").write_text(f"[hardcoded-value.kinds]\n{kinds}\n")
    (tmp_path / "test_a.py").write_text("")
    done = run("check", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr.decode()
    assert "testmend.toml: hardcoded-value" in done.stderr.decode()


def test_constants_of_all_codemods_have_names_of_their_own() -> None:
    """No two of them want one name for two values, whatever the code calls these."""
    text = f"""\
from shop import net


def test_all():
    net.plug(port_mac_id='{A}', account_id='{B}', hostname_id='{C}')
    net.plug(port_mac='192.0.2.7', account='198.51.100.7', hostname='203.0.113.9')
    net.plug(port_mac='fa:16:3e:4c:2c:30', account='123456789012', hostname='a.b.c')


def test_again():
    net.plug(port_mac_id='{A}', account_id='{B}', hostname_id='{C}')
    net.plug(port_mac='192.0.2.7', account='198.51.100.7', hostname='203.0.113.9')
    net.plug(port_mac='fa:16:3e:4c:2c:30', account='123456789012', hostname='a.b.c')
"""
    kinds = {
        "mac": "[0-9a-f]{2}(:[0-9a-f]{2}){5}",
        "account": "[0-9]{12}",
        "hostname": r"[a-z](\.[a-z])+",
    }
    options = {"hardcoded-value": ValueOptions(kinds=kinds)}
    project = Project({"test_case.py": text.encode()})
    names = [*BOTH, "hardcoded-value"]
    results = project.run(names, options=options)
    after = project.apply(results).files["test_case.py"].decode()
    made = [line.split(" = ")[0] for line in after.splitlines() if " = '" in line]
    assert len(set(made)) == len(made) == 9
    assert {"PORT_MAC", "ACCOUNT", "HOSTNAME"} <= set(made)


def test_copies_in_longer_strings_are_told() -> None:
    text = f"""\
def test_boot(shop):
    shop.boot(image_id='{A}')
    shop.get('/images/{A}')
    shop.get('/images/{A}/files')
"""
    project = Project({"test_case.py": text.encode()})
    for embedded, said in ((False, "(2 longer strings hold it, too)"), (True, "")):
        options = {"hardcoded-uuid": UuidOptions(embedded=embedded)}
        results = project.run(["hardcoded-uuid"], options=options)
        outcome = results["test_case.py"].outcome
        assert isinstance(outcome, Changed)
        assert outcome.fixed[0].message.endswith(f"says what it is {said}".rstrip())


@pytest.mark.parametrize(
    "after",
    [
        "f(f'/x/{A}')",  # another text
        "f(f'/y/{A!r}')",
        "f(f'/y/{A:>40}')",
        "f(f'/y/{B}')",
    ],
)
def test_proof_refuses_strings_that_are_not_the_same(after: str) -> None:
    before = ast.parse(f"f('/y/{A}')\n")
    head = f"A = '{A}'\n"
    prove(before, ast.parse(f"{head}f(f'/y/{{A}}')\n"))
    with pytest.raises(VerificationError):
        prove(before, ast.parse(head + after))


CLASS = f"""\
class Base:
    ID = '{A}'

class Test:
    ID2 = '{B}'
    X = ['{B}']

    def test(self, x='{B}'):
        f('{A}', '{B}')
"""


@pytest.mark.parametrize(
    ("old", "new", "holds"),
    [
        (f"f('{A}'", "f(Base.ID", True),
        (f"'{A}', '{B}'", f"'{A}', Test.ID2", True),
        (f"x='{B}'", "x=Test.ID2", False),  # there is no such class yet
        (f"['{B}']", "[Test.ID2]", False),
        (f"ID2 = '{B}'", "ID2 = Test.ID2", False),
        (f"f('{A}'", "f(Test.ID2", False),  # another value
        (f"f('{A}'", "f(self.ID", False),
    ],
)
def test_proof_of_class_attributes(old: str, new: str, *, holds: bool) -> None:
    before, after = ast.parse(CLASS), ast.parse(CLASS.replace(old, new))
    if holds:
        prove(before, after)
        prove(before, after, {}, b"")
        return
    with pytest.raises(VerificationError):
        prove(before, after)


@pytest.mark.parametrize(
    "more",
    [
        "Base.ID = 1",
        "setattr(Base, 'ID', 1)",
        "class Base: pass",
        "ID = 1",
        "def f(Base): pass",
        "from x import Base",
    ],
)
def test_proof_refuses_class_attributes_that_change(more: str) -> None:
    before = ast.parse(f"{CLASS}\n{more}\n")
    after = CLASS.replace(f"f('{A}'", "f(Base.ID")
    with pytest.raises(VerificationError):
        prove(before, ast.parse(f"{after}\n{more}\n"))
    with pytest.raises(VerificationError):  # what else the file holds is not known
        prove(ast.parse(CLASS), ast.parse(after), {}, b"Base.ID = 1")
