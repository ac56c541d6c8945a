"""The guide's way back after the loss of everything, run word for word; and a restore that was killed before its end."""

import asyncio
import hashlib
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.peers.served import DOMAIN, ROOT, Served, free_port_base, put_node_file, served, until

GUIDE = ROOT / "docs/guide-admin"
LOGIN = f"u1@{DOMAIN}"
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str, heading: int) -> list[tuple[str, str]]:
    """Return (language, text) of the blocks below a heading of the page, by its number."""
    section = re.split(r"^## ", (GUIDE / language / "backup.md").read_text(), flags=re.MULTILINE)[heading]
    return [(one[1], one[2]) for one in _BLOCK.finditer(section)]


def commands(language: str, heading: int) -> list[list[str]]:
    """Return the commands of each block below a heading, without remarks."""
    return [
        [line.partition("#")[0].strip() for line in text.splitlines() if line.partition("#")[0].strip()]
        for kind, text in blocks(language, heading)
        if not kind
    ]


SET_UP, TRUST, LOSS = 1, 2, 4


class Machine:
    """A machine of an administrator: what the guide calls /mnt and /media lies in a folder, DIR is ./data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"
        for name in ("mnt/scratch", "media/safe"):
            (folder / name).mkdir(parents=True)
        program = folder / "smartmail"
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{ROOT / "src"}" exec "{sys.executable}" -m smartmail.app.cli "$@"\n'
        )
        program.chmod(0o755)

    def here(self, text: str) -> str:
        """Return a text of the guide for this machine."""
        return re.sub(r"/(?=mnt/|media/)", f"{self.folder}/", text).replace("DIR", "data")

    def start(self, command: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            ["/bin/sh", "-c", f"exec {self.here(command)}"], cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    async def run(self, command: str) -> tuple[int, str]:
        process = self.start(command)
        out, err = await asyncio.to_thread(process.communicate, None, 300)
        return process.returncode, (out + err).decode()

    def prints(self) -> dict[str, str]:
        """Return name → hash of the node file and the certificates."""
        files = [self.data / "node.toml", *sorted((self.data / "tls").iterdir())]
        return {str(one.relative_to(self.data)): hashlib.sha256(one.read_bytes()).hexdigest() for one in files}


def test_both_languages_tell_the_same_commands():
    for heading in (TRUST, LOSS):
        assert commands("en", heading) == commands("ko", heading)
        assert commands("en", heading)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def set_up(machine: Machine, base: int) -> None:
    backup = next(text for kind, text in blocks("en", SET_UP) if kind == "toml")
    put_node_file(machine.data, f"[listen]\nport_base = {base}\n{machine.here(backup)}")


async def mail(node: Served) -> list[tuple[bytes, list[bytes]]]:
    """Return (UID and size, octets) of all mail of a person."""
    session = await node.imap(LOGIN, tls=True)
    await session.select("INBOX", examine=True)
    found = [(one.text, one.literals) for one in await session.ok("UID FETCH 1:* (UID BODY.PEEK[])")]
    session.close()
    return found


async def append(node: Served, count: int) -> None:
    session = await node.imap(LOGIN, tls=True)
    for number in range(count):
        await session.append("INBOX", f"Subject: drill {number}\r\n\r\n{number}\r\n".encode())
    session.close()


async def test_the_drill_of_the_guide_brings_everything_back(machine: Machine):
    with free_port_base() as base:
        set_up(machine, base)
        with served(machine.data, "--bench", base=base) as node:
            await append(node, 3)
            before = await mail(node)
            assert sum(b"drill" in octets for _uid, [octets] in before) == 3
            for command in (one for block in commands("en", TRUST) for one in block):
                code, said = await machine.run(command)
                assert code == 0, f"{command}: {said}"
            assert node.stop() == 0
        files = machine.prints()
        assert len(files) > 3
        shutil.move(f"{machine.data}.key", machine.folder / "media/safe/smartmail.key")
        shutil.rmtree(machine.data)

        until_served, while_served = commands("en", LOSS)
        for command in until_served[:-1]:
            code, said = await machine.run(command)
            assert code == 0, f"{command}: {said}"
        assert machine.prints() == files
        server = machine.start(until_served[-1])
        assert server.stdout is not None
        try:
            await asyncio.to_thread(_ready, server)
            assert await mail(Served(machine.data, base)) == before
            for command in while_served:
                code, said = await machine.run(command)
                assert code == 0, f"{command}: {said}"
        finally:
            server.terminate()
            await asyncio.to_thread(server.communicate)
        assert server.returncode == 0


def _ready(server: "subprocess.Popen[bytes]") -> None:
    assert server.stdout is not None
    assert any(line == b"READY\n" for line in server.stdout), server.stderr.read() if server.stderr else ""


async def killed_at_work(machine: Machine) -> bool:
    """Kill a restore that has begun; say whether it was still at work: it may end before a busy machine looks again."""
    journal = machine.data / "restore.journal"
    restore = machine.start("./smartmail backup restore --data DIR --place /mnt/backup/smartmail")
    until(lambda: journal.exists() or restore.poll() is not None, 120, "the journal")
    restore.kill()
    said = await asyncio.to_thread(restore.communicate)
    assert restore.returncode in {0, -signal.SIGKILL}, said
    return journal.exists()


async def test_a_restore_that_was_killed_is_no_empty_company_and_goes_on(machine: Machine):
    with free_port_base() as base:
        set_up(machine, base)
        with served(machine.data, "--bench", base=base) as node:
            await append(node, 2)
            before = await mail(node)
            assert (await machine.run("./smartmail backup take --wait"))[0] == 0
            code, said = await machine.run("./smartmail backup restore --data DIR")
            assert code != 0, "a server runs here"
            assert node.stop() == 0
        code, said = await machine.run("./smartmail backup restore --data DIR")
        assert (code, (machine.data / "restore.journal").exists()) == (1, False), said
        shutil.rmtree(machine.data)

        while not await killed_at_work(machine):
            shutil.rmtree(machine.data)
        if not (machine.data / "smartmail.db").exists():
            for command in ("serve", "account list"):
                code, said = await machine.run(f"./smartmail {command} --data DIR")
                assert (code, "backup restore --data" in said) == (78, True), said
            assert not (machine.data / "smartmail.db").exists()
        code, said = await machine.run("./smartmail backup restore --data DIR --place /mnt/backup/smartmail")
        assert code == 0, said
        with served(machine.data, base=base) as node:
            assert await mail(node) == before
            assert node.stop() == 0
