"""Real programs keep filters over ManageSieve: sieve-connect (the Python client is in tests/flows)."""

import asyncio
import os
import shutil
from pathlib import Path

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.secured import secured

pytestmark = pytest.mark.peer

LOGIN = "kim@a.example"
SCRIPT = 'require "fileinto";\nif header :contains "subject" "회의" { fileinto "Archive"; }\n'


@pytest.fixture
async def doors(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as house, secured(house, tmp_path) as opened:
        await house.person(LOGIN)
        yield opened


async def connect(doors, cwd: Path, *words: str, code: int = 0) -> str:
    """Run sieve-connect: STARTTLS with a checked certificate, the password over a pipe."""
    path = shutil.which("sieve-connect")
    assert path, "sieve-connect is not installed: apt-get install sieve-connect"
    reading, writing = os.pipe()
    os.write(writing, PASSWORD.encode() + b"\n")
    os.close(writing)
    try:
        process = await asyncio.create_subprocess_exec(
            path, "--server", "127.0.0.1", "--port", str(doors.house.ports["sieve+starttls"]), "--user", LOGIN,
            "--tlscafile", str(doors.authority.file), "--passwordfd", str(reading), *words,
            cwd=cwd, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            pass_fds=(reading,), env={"HOME": str(cwd), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        )  # fmt: skip
        output = (await asyncio.wait_for(process.communicate(), 180))[0].decode("utf-8", "replace")
    finally:
        os.close(reading)
    assert process.returncode == code, f"{process.returncode}: {output}"
    return output


async def test_sieve_connect_keeps_a_script(doors, tmp_path):
    (tmp_path / "mine.sieve").write_text(SCRIPT)
    await connect(doors, tmp_path, "--localsieve", "mine.sieve", "--remotesieve", "mine", "--upload")
    await connect(doors, tmp_path, "--remotesieve", "mine", "--activate")
    assert '"mine" ACTIVE' in await connect(doors, tmp_path, "--list")
    await connect(doors, tmp_path, "--localsieve", "back.sieve", "--remotesieve", "mine", "--download")
    assert (tmp_path / "back.sieve").read_text().replace("\r\n", "\n") == SCRIPT
    await connect(doors, tmp_path, "--deactivate")
    await connect(doors, tmp_path, "--remotesieve", "mine", "--delete")
    assert "mine" not in await connect(doors, tmp_path, "--list")


async def test_sieve_connect_is_told_of_mistakes(doors, tmp_path):
    (tmp_path / "bad.sieve").write_text("keepp;\n")
    told = await connect(doors, tmp_path, "--localsieve", "bad.sieve", "--checkscript", code=1)
    assert "1행 1열" in told
