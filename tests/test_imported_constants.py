"""Constants of other test modules that stand for literals: where they do, and not."""

from __future__ import annotations

import ast

import pytest

from testmend.errors import VerificationError
from testmend.model import Changed
from testmend.testing import Project
from testmend_codemods.literals.proof import prove

A = "155d900f-4e14-4e4c-a73d-069cbf4541e6"
B = "6c0f3a52-94c7-4b0e-8d7e-0f2d6e4f7a11"
FAKES = f"IMAGE_ID = '{A}'\n"
OTHER = "from shop.tests import fakes\n\n\ndef image():\n    return fakes.IMAGE_ID\n"
BOTH = ("hardcoded-uuid", "hardcoded-ip")


def _project(head: str, files: dict[str, str], value: str = A) -> Project:
    code = f"{head}\n\n\ndef test_boot(cloud):\n    cloud.boot(image_id='{value}')\n"
    packages = ["shop", "shop/tests", "shop/tests/unit"]
    texts = {
        **{f"{each}/__init__.py": "" for each in packages},
        "shop/tests/fakes.py": FAKES,
        "shop/tests/test_other.py": OTHER,
        "shop/tests/unit/test_boot.py": code,
        **files,
    }
    return Project({path: text.encode() for path, text in texts.items()})


def _after(head: str, files: dict[str, str], value: str = A) -> str:
    """The last line of the test after a run, which a second run leaves alone."""
    project = _project(head, files, value)
    done = project.apply(project.run(BOTH))
    again = done.run(BOTH)
    assert not any(isinstance(each.outcome, Changed) for each in again.values())
    return done.files["shop/tests/unit/test_boot.py"].decode().split("\n")[-2].strip()


OWN = "cloud.boot(image_id=IMAGE_ID)"


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("from shop.tests import fakes", "fakes.IMAGE_ID"),
        ("from shop.tests import fakes as f", "f.IMAGE_ID"),
        ("from .. import fakes", "fakes.IMAGE_ID"),
        ("import shop.tests.fakes as f", "f.IMAGE_ID"),
        ("import shop.tests.fakes", "shop.tests.fakes.IMAGE_ID"),
        ("from shop.tests.fakes import IMAGE_ID", "IMAGE_ID"),
        ("from ..fakes import IMAGE_ID as ID", "ID"),
    ],
)
def test_every_form_of_import(head: str, text: str) -> None:
    assert _after(head, {}) == f"cloud.boot(image_id={text})"


HEAD = "from shop.tests import fakes"


@pytest.mark.parametrize(
    ("head", "files"),
    [
        (HEAD, {"shop/tests/test_other.py": ""}),
        (HEAD, {"shop/tests/fakes.py": f"{FAKES}IMAGE_ID += ''\n"}),
        (HEAD, {"shop/tests/fakes.py": f"def f():\n    global IMAGE_ID\n{FAKES}"}),
        (HEAD, {"shop/tests/fakes.py": f"{FAKES}from os import *\n"}),
        (HEAD, {"shop/tests/fakes.py": f"if 1:\n    {FAKES}"}),
        (HEAD, {"shop/tests/test_a.py": f"{HEAD} as f\nf.IMAGE_ID = 'x'\n"}),
        (HEAD, {"shop/tests/test_a.py": f"{HEAD}\nfor fakes.IMAGE_ID in 'x': pass\n"}),
        (HEAD, {"shop/tests/test_a.py": f"{HEAD}\nsetattr(fakes, 'IMAGE_ID', 'x')\n"}),
        (HEAD, {"shop/a.py": "p = patch('shop.tests.fakes.IMAGE_ID', 'x')\n"}),
        (HEAD, {"shop/a.py": "p = patch.multiple(fakes, IMAGE_ID='x')\n"}),
        (HEAD, {"shop/a.py": "p = patch('shop.tests.fakes')\n"}),
        (f"{HEAD}\nfakes = fakes.get()", {}),
        (f"{HEAD}\n\n\ndef stub(fakes):\n    pass", {}),
        (f"{HEAD}\nfrom shop.tests.star import *", {}),
        (f"try:\n    {HEAD}\nexcept ImportError:\n    pass", {}),
        (f"{HEAD}\np = patch.object(test_boot, 'fakes')", {}),
        (HEAD, {"shop/tests/__init__.py": "fakes = None\n"}),
        ("from shop.tests.fakes import *", {}),
        ("from shop import fakes", {"shop/fakes.py": FAKES, "shop/b.py": OTHER}),
        ("import fakes", {}),
        (
            HEAD,
            {"shop/tests/fakes.py": f"from shop.tests.unit import test_boot\n{FAKES}"},
        ),
        (HEAD, {"shop/a.py": "import sys\n\nsys.modules['fakes'] = None\n"}),
    ],
    ids=[
        "nobody-reads-it",
        "made-in-two-steps",
        "made-by-a-function",
        "star-import-there",
        "made-on-a-condition",
        "set-from-outside",
        "set-by-a-loop",
        "set-by-name",
        "patched",
        "patched-with-others",
        "module-patched",
        "name-is-bound-again",
        "name-is-a-parameter",
        "star-import-here",
        "imported-on-a-condition",
        "patched-here",
        "package-has-one-of-its-own",
        "by-star",
        "of-the-product",
        "another-module-of-that-name",
        "imports-this-file",
        "stands-for-something-else",
    ],
)
def test_what_may_be_another_value_is_not_taken(
    head: str, files: dict[str, str]
) -> None:
    line = _after(head, files)
    assert line in {OWN, f"cloud.boot(image_id='{A}')"}
    if "import *" not in head:
        assert line == OWN


@pytest.mark.parametrize(
    ("made", "line"),
    [
        ("VOLUME_ID", OWN),
        ("IMAGE_OWNER_ID", OWN),
        ("UUID1", OWN),
        ("DISABLED_IMAGE_UUID", "cloud.boot(image_id=fakes.DISABLED_IMAGE_UUID)"),
        ("FAKE_IMAGE", "cloud.boot(image_id=fakes.FAKE_IMAGE)"),
    ],
)
def test_the_name_has_to_fit(made: str, line: str) -> None:
    files = {
        "shop/tests/fakes.py": FAKES.replace("IMAGE_ID", made),
        "shop/tests/test_other.py": OTHER.replace("IMAGE_ID", made),
    }
    assert _after(HEAD, files) == line


def test_addresses_are_often_equal_by_chance() -> None:
    """Only a name that says the same makes one address stand for another."""
    files = {
        "shop/tests/fakes.py": "IP1 = '192.0.2.7'\nGATEWAY_IP = '192.0.2.1'\n",
        "shop/tests/test_other.py": OTHER.replace(
            "fakes.IMAGE_ID", "fakes.IP1, fakes.GATEWAY_IP"
        ),
    }
    code = f"""\
{HEAD}


def test_route(net):
    net.route('192.0.2.7', gateway_ip='192.0.2.1')
"""
    project = _project("", {**files, "shop/tests/test_route.py": code})
    done = project.apply(project.run(BOTH)).files["shop/tests/test_route.py"].decode()
    assert "net.route('192.0.2.7', gateway_ip=fakes.GATEWAY_IP)" in done


def test_a_name_taken_from_another_module_is_not_made_again() -> None:
    code = f"""\
{HEAD}


def test_route(net):
    net.boot(image_id='{A}')
    net.boot(image_id='{B}')
"""
    project = _project("", {"shop/tests/test_route.py": code})
    done = project.apply(project.run(BOTH)).files["shop/tests/test_route.py"].decode()
    assert "net.boot(image_id=fakes.IMAGE_ID)" in done
    assert f"net.boot(image_id='{B}')" in done


@pytest.mark.parametrize(
    ("head", "stands", "path", "holds"),
    [
        ("from t import fakes", "fakes.X", "s/t/fakes.py", True),
        ("from . import fakes as f", "f.X", "s/t/fakes.py", True),
        ("import t.fakes", "t.fakes.X", "s/t/fakes.py", True),
        ("from t.fakes import X as Y", "Y", "s/t/fakes.py", True),
        ("from t import fakes", "fakes.Y", "s/t/fakes.py", False),
        ("from u import fakes", "fakes.X", "s/t/fakes.py", False),
        ("from t import fakes\nfakes = 1", "fakes.X", "s/t/fakes.py", False),
        ("from t import fakes\ndef f(fakes): pass", "fakes.X", "s/t/fakes.py", False),
        ("import t.fakes as f, u.f as f", "f.X", "s/t/fakes.py", False),
        ("if 1: from t import fakes", "fakes.X", "s/t/fakes.py", False),
    ],
)
def test_proof_of_imported_constants(
    head: str, stands: str, path: str, *, holds: bool
) -> None:
    before = ast.parse(f"{head}\nf('{A}')\n")
    after = ast.parse(f"{head}\nf({stands})\n")
    given = {path: f"X = '{A}'\nZ = '{B}'\n"}
    if holds:
        prove(before, after, given)
        return
    with pytest.raises(VerificationError):
        prove(before, after, given)
