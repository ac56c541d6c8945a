"""The import contracts see what they are for: a copy of the package gets one seeded violation for each."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tests.unit.house.tree import ROOT

# Contract → (module of the copy, line that breaks it). A new module of the copy where the path does not exist.
SEEDS = {
    "The house has one staircase": ("base/text.py", "import smartmail.formats.words"),
    "Pure core: no sockets, clocks, threads, files or databases": ("formats/words.py", "import time"),
    "Protocol engines know nothing of each other": ("proto/smtp/xtext.py", "import smartmail.proto.imap.limits"),
    "Authentication and filters do not read lines": ("proto/mailauth/tags.py", "import smartmail.proto.lineio"),
    "Pure code does not log": ("domain/ids.py", "import smartmail.base.log"),
    "Listeners do not call each other": ("edge/smtpd/errors.py", "import smartmail.edge.imapd.errors"),
    "Adapters do not call each other": ("adapters/clock/__init__.py", "import smartmail.adapters.volumes.layout"),
    "Only services (and the adapters behind them) touch the ports": (
        "edge/imapd/names.py",
        "import smartmail.ports.blobs",
    ),
    "Only the composition root names an adapter": ("service/kernel/clock.py", "import smartmail.adapters.clock"),
    "No cycles among siblings anywhere": ("domain/keywords.py", "import smartmail.domain.message"),
    "Only services ask the policy engine": ("edge/smtpd/errors.py", "import smartmail.policy"),
    "Adapters implement ports and know nothing else": (
        "adapters/clock/__init__.py",
        "import smartmail.service.kernel.clock",
    ),
    "Services lie on floors": ("service/kernel/places.py", "import smartmail.service.mailbox.quotas"),
    "Floors are made from the lowest": ("app/wiring/kernel.py", "import smartmail.app.wiring.mailbox"),
    "Services own no sockets and no drivers": ("service/kernel/rights.py", "import socket"),
    "Services speak mail, not wire": ("service/flow/routing.py", "import smartmail.proto.imap.limits"),
}


def lint_imports(root: Path) -> str:
    """Return what import-linter says about the package below `root`/src."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache", "--config", str(root / "pyproject.toml")],
        cwd=root,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(root / "src"), "COLUMNS": "200", "NO_COLOR": "1"},
    )
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    """Verdicts on a copy with all violations at once: contract → KEPT or BROKEN."""
    root = tmp_path_factory.mktemp("seeded")
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", root)
    for module, line in SEEDS.values():
        with open(root / "src" / "smartmail" / module, "a") as file:
            file.write(f"\n{line}\n")
    return dict(re.findall(r"^(.+?) (KEPT|BROKEN)", lint_imports(root), re.MULTILINE))


def contracts():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]]


def test_the_tree_keeps_all_contracts():
    told = lint_imports(ROOT)
    assert f"Contracts: {len(contracts())} kept, 0 broken." in told, told


@pytest.mark.parametrize("name", contracts())
def test_contract_sees_its_violation(seeded, name):
    assert seeded[name] == "BROKEN"


def test_a_package_without_a_layer_is_seen(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "src" / "smartmail" / "attic").mkdir()
    (tmp_path / "src" / "smartmail" / "attic" / "__init__.py").write_text("")
    assert "attic" in lint_imports(tmp_path)
