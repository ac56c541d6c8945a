"""An update of a running node and the way back, with real processes: mail of the meantime stays; what does not come up is
taken back by itself.
"""

import asyncio
import base64
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.peers.served import ROOT, served, until

from smartmail.app.papers.updating import make_bundle

KEY = Ed25519PrivateKey.from_private_bytes(b"v" * 32)
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
MINUTES_5 = 300
RCPT = "u1@bench.test"


def command(node, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "smartmail.app.cli", *words, "--data", str(node.directory)],
        capture_output=True, text=True, cwd=node.directory.parent, timeout=300,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


def versions(node) -> dict[str, dict]:
    told = command(node, "update", "list", "--json")
    assert told.returncode == 0, told.stderr
    return {one["id"]: one for one in json.loads(told.stdout)["items"]}


def running(node) -> str | None:
    """Return the version that the supervisor is of."""
    pid = node.supervisor()
    if not pid:
        return None
    try:
        words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    return next((word[18:].decode() for word in words if word.startswith(b"SMARTMAIL_VERSION=")), None)


def tree_of(tmp_path: Path, name: str) -> Path:
    """Return a copy of what a bundle is made of, to be changed."""
    root = tmp_path / name
    for part in ("src/smartmail", "tools/launcher"):
        shutil.copytree(ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("smartmail", "requirements.lock", "pyproject.toml", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / part, root / part)
    (root / "web" / "dist").mkdir(parents=True)
    (root / "web" / "dist" / "mark").write_text(name)
    return root


def bundle(tmp_path: Path, name: str, change=None) -> Path:
    root, path = tree_of(tmp_path, name), tmp_path / f"{name}.bundle"
    if change is not None:
        change(root)
    make_bundle(path, KEY, version_id=name, version=name, made_at=int(time.time() * 1000), root=root)
    return path


def deliver(node, subject: str) -> None:
    async def work() -> None:
        session = await node.smtp()
        await session.send("x@far.example", [RCPT], f"Subject: {subject}\r\n\r\nhello\r\n".encode())

    asyncio.run(work())


def subjects(node) -> int:
    async def work() -> int:
        session = await node.imap(RCPT)
        return (await session.status("INBOX", "MESSAGES"))["MESSAGES"]

    return asyncio.run(work())


@pytest.fixture
def node(tmp_path):
    with served(tmp_path / "data", "--bench") as one:
        assert command(one, "update", "trust", PUBLIC).returncode == 0
        yield one


def test_an_update_and_the_way_back_keep_the_mail_of_the_meantime(node, tmp_path):
    deliver(node, "before")
    path = bundle(tmp_path, "2.0.0")
    tampered = tmp_path / "tampered.bundle"
    octets = bytearray(path.read_bytes())
    octets[-100] ^= 1
    tampered.write_bytes(octets)
    refused = command(node, "update", "apply", str(tampered))
    assert refused.returncode == 1 and "changed" in refused.stderr
    assert set(versions(node)) == {"installed"}
    readies = node.readies
    done = command(node, "update", "apply", str(path))
    assert done.returncode == 0, done.stderr
    node.wait_ready(readies)
    assert running(node) == "2.0.0"
    until(lambda: versions(node)["2.0.0"]["healthy"], 120)
    deliver(node, "meantime")
    readies, begun = node.readies, time.monotonic()
    assert command(node, "update", "back").returncode == 0
    node.wait_ready(readies)
    assert running(node) == "" and time.monotonic() - begun < MINUTES_5
    deliver(node, "after")
    assert subjects(node) == 3


def test_a_version_that_does_not_come_up_is_taken_back_by_itself(node, tmp_path):
    def spoil(root: Path) -> None:
        (root / "src" / "smartmail" / "app" / "serving" / "bootstrap.py").write_text("raise RuntimeError('no')\n")

    path = bundle(tmp_path, "3.0.0", spoil)
    readies = node.readies
    assert command(node, "update", "apply", str(path)).returncode == 0
    node.wait_ready(readies)
    assert running(node) == ""
    state = versions(node)
    assert state["3.0.0"]["failed"] and state["installed"]["chosen"]
    deliver(node, "still")
    assert subjects(node) == 1
