"""What the processes of a node may: read from /proc of a real one, started by whoever runs this test."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.peers.served import DOMAIN, ROOT, Served, free_port_base, put_node_file, served

from smartmail.adapters import confinement
from smartmail.app.children import parsing_child
from smartmail.app.process_tree import rights
from smartmail.app.settings import NodeFile, Settings

LOGIN = f"u1@{DOMAIN}"
NONE = "0" * 16
OTHER = pwd.getpwnam("nobody")


def status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def tree(node: Served) -> list[int]:
    """The supervisor with all below it; the guard above it parses nothing, and binds nothing."""
    return node.everyone()[1:]


def require_confined(pid: int) -> None:
    try:
        found = status(pid)
    except FileNotFoundError:
        return  # it has just ended
    assert (found["NoNewPrivs"], found["Seccomp"]) == ("1", "2"), found["Name"]
    assert (found["CapEff"], found["CapPrm"], found["CapInh"], found["CapAmb"]) == (NONE,) * 4, found["Name"]


async def test_every_process_has_given_its_rights_up(tmp_path: Path):
    with served(tmp_path / "data", "--bench") as node:
        assert len(tree(node)) >= 4
        for pid in tree(node):
            require_confined(pid)
        if os.geteuid() == 0:
            assert {status(pid)["CapBnd"] for pid in (node.supervisor(), *node.workers().values())} == {NONE}
        # Who is killed comes back with no more.
        node.kill(node.workers()["edge-1"])
        node.wait_ready(0)
        session = await node.imap(LOGIN)
        session.close()
        for pid in tree(node):
            require_confined(pid)
        assert node.stop() == 0


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory of another account, which that account can reach."""
    folder = Path(tempfile.mkdtemp())
    if os.geteuid() == 0:
        os.chown(folder, OTHER.pw_uid, OTHER.pw_gid)
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def account_reads_program() -> bool:
    """Whether who runs this test may become another, who reads the program. (A checkout in /root is for root alone.)"""
    account = confinement.Account(OTHER.pw_uid, OTHER.pw_gid, OTHER.pw_name)
    return rights._unreachable(account, rights._program()) is None  # noqa: SLF001


def owners(folder: Path) -> set[int]:
    return {
        one.stat(follow_symlinks=False).st_uid for one in folder.rglob("*") if one.name not in {"node.toml", "versions"}
    }


async def test_a_node_of_root_runs_as_its_account(home: Path):
    if os.geteuid():
        return  # such a node has no account to become: test_every_process_has_given_its_rights_up
    data = home / "data"
    put_node_file(data, f'user = "{OTHER.pw_name}"\n')
    if not account_reads_program():
        with served(data, "--bench", start=False) as node:
            node.start(wait=False)
            assert (node.ended(), b"may not read" in node.stderr) == (78, True)
        return
    with served(data, "--bench") as node:
        assert f"It runs as {OTHER.pw_name}.".encode() in node.stdout
        for pid in tree(node):
            require_confined(pid)
        for pid in (node.supervisor(), node.template(), *node.workers().values()):
            assert set(status(pid)["Uid"].split()) == {str(OTHER.pw_uid)}
            assert set(status(pid)["Gid"].split()) == {str(OTHER.pw_gid)}
        session = await node.imap(LOGIN)
        await session.append("INBOX", b"Subject: as another\r\n\r\nx\r\n")
        session.close()
        # What root does beside it stays within reach.
        for words in (["account", "list", "--json"], ["check-store", "--json"]):
            assert command(data, *words).returncode == 0
        assert owners(data) == {OTHER.pw_uid}
        assert Path(f"{data}.key").stat().st_uid == OTHER.pw_uid
        assert (data / "node.toml").stat().st_uid == 0, "what root believes is root's"
        # Ports are bound again by the guard's next supervisor.
        before = node.readies
        node.kill(node.supervisor())
        node.wait_ready(before)
        assert status(node.supervisor())["Uid"].split()[0] == str(OTHER.pw_uid)
        assert node.stop() == 0


async def test_what_a_node_of_root_has_left_is_handed_over(home: Path):
    data = home / "data"
    if os.geteuid() or not account_reads_program():
        return
    with served(data, "--bench") as node:
        node.stop()
    outside = home / "root-only"
    outside.write_text("secret")
    outside.chmod(0o600)
    os.chown(data, 0, 0)
    for one in data.rglob("*"):
        os.chown(one, 0, 0, follow_symlinks=False)
    os.link(outside, data / "second-name")
    (data / "link").symlink_to(outside)
    put_node_file(data, f'user = "{OTHER.pw_name}"\n')
    with served(data, "--bench") as node:
        assert status(node.supervisor())["Uid"].split()[0] == str(OTHER.pw_uid)
        assert node.stop() == 0
    assert (outside.stat().st_uid, outside.read_text()) == (0, "secret"), "what has a second name stays root's"


async def test_a_node_file_that_the_account_has_written_chooses_nothing(home: Path):
    data = home / "data"
    if os.geteuid() or not account_reads_program():
        return
    put_node_file(data, 'user = "root"\n')
    for one in (data, data / "node.toml"):
        os.chown(one, OTHER.pw_uid, OTHER.pw_gid)
    with served(data, "--bench") as node:
        assert status(node.supervisor())["Uid"].split()[0] == str(OTHER.pw_uid)
        assert node.stop() == 0


def command(data: Path, *words: str) -> "subprocess.CompletedProcess[bytes]":
    line = [sys.executable, "-m", "smartmail.app.cli", *words, "--data", str(data)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(line, capture_output=True, env=environment, timeout=120, check=False)


def test_an_account_that_is_not_there_is_named(tmp_path: Path):
    if os.geteuid():
        return
    put_node_file(tmp_path / "data", 'user = "no-such-account"\n')
    with free_port_base() as base:
        done = command(tmp_path / "data", "serve", "--port-base", str(base))
    assert (done.returncode, b"useradd --system no-such-account" in done.stderr) == (78, True)


def test_who_parses_hostile_files_can_do_nothing_else(tmp_path: Path):
    (tmp_path / "file").write_text("x")
    done = subprocess.run(
        [sys.executable, "-c", _TRIES, str(tmp_path / "file")], capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    said = json.loads(done.stdout)
    assert said["did"] == []
    assert said["status"] == ["1", "2", NONE]


def test_a_parsing_child_is_confined_before_it_hears_anything():
    child = subprocess.Popen(
        parsing_child.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=parsing_child.environment()
    )
    assert child.stdout is not None
    try:
        assert child.stdout.read(4)
        require_confined(child.pid)
    finally:
        child.communicate()


_TRIES = """
import json, os, re, socket, sys
from smartmail.adapters import confinement

status = os.open("/proc/self/status", os.O_RDONLY)
ours, theirs = socket.socketpair()
confinement.confine_parser()
tries = {
    "read": lambda: os.open(sys.argv[1], os.O_RDONLY),
    "list": lambda: os.listdir("/"),
    "write": lambda: os.open(sys.argv[1] + "2", os.O_WRONLY | os.O_CREAT),
    "remove": lambda: os.unlink(sys.argv[1]),
    "socket": lambda: socket.socket(),
    "run": lambda: os.execv("/bin/true", ["true"]),
}
did = []
for name, attempt in tries.items():
    try:
        attempt()
        did.append(name)
    except OSError:
        pass
text = os.read(status, 65536).decode()
found = [re.search(rf"^{one}:\\s*(\\S+)", text, re.M)[1] for one in ("NoNewPrivs", "Seccomp", "CapEff")]
print(json.dumps({"did": did, "status": found}))
"""


def test_an_update_that_root_has_just_applied_may_be_read_by_the_account(home: Path, monkeypatch: pytest.MonkeyPatch):
    """Else the first start of an update would stay root, over files of the account."""
    if os.geteuid():
        return
    data = home / "data"
    version = data / "versions" / "2.0.0"
    version.mkdir(parents=True)
    for one in (version, version.parent):
        one.chmod(0o700)
    os.chown(data, OTHER.pw_uid, OTHER.pw_gid)
    monkeypatch.setattr(rights, "_program", lambda: [rights.Need(str(version), rights._ENTER)])  # noqa: SLF001
    account = confinement.Account(OTHER.pw_uid, OTHER.pw_gid, OTHER.pw_name)
    settings = Settings(directory=str(data), key_file=f"{data}.key", config_file=None, roles=(), file=NodeFile())
    assert rights._hindrance(settings, account) == ""  # noqa: SLF001
    assert version.stat().st_uid == 0, "what root has put there stays root's"
