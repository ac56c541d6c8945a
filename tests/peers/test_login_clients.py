"""Real programs log in over TLS with every mechanism that they know: curl, mpop, msmtp, mutt, imaplib, imapclient."""

import asyncio
import mailbox
import shutil
from pathlib import Path

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.secured import make_pair, secured

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

pytestmark = pytest.mark.peer

LOGIN = "kim@a.example"
MAIL = b"From: kim@a.example\r\nTo: kim@a.example\r\nSubject: hello\r\nMessage-ID: <1@a.example>\r\n\r\nbody\r\n"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
SCHEMES = {"imaps": "imaps", "pop3s": "pop3s", "submissions": "smtps"}


@pytest.fixture
async def doors(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as house, secured(house, tmp_path) as opened:
        await house.person(LOGIN)
        yield opened


async def app_password(doors) -> str:
    """Make an app password where main passwords are refused, so that SCRAM is offered."""
    governing, auth = doors.house.services.governing, doors.house.services.auth
    await governing.set_knob(CLI, PolicyRule("login.app-password-required", Scope("system"), value=True))
    made = await auth.new_app_password(CLI, "program", account_id=doors.house.accounts[LOGIN].id)
    return made.secret


async def last_login(doors) -> tuple[str, str]:
    """Return the kind of the credential that was used last, and how that went."""
    auth, account_id = doors.house.services.auth, doors.house.accounts[LOGIN].id
    await auth.settle()
    [attempt] = await auth.login_attempts(CLI, account_id, limit=1)
    kinds = {one.id: one.kind for one in await auth.credentials(CLI, account_id)}
    return kinds.get(attempt.credential_id, ""), attempt.result


async def run(*words: str, cwd: Path, given: bytes = b"", codes: tuple[int, ...] = (0,)) -> str:
    path = shutil.which(words[0])
    assert path, f"{words[0]} is not installed: apt-get install curl mpop msmtp mutt"
    process = await asyncio.create_subprocess_exec(
        path, *words[1:], cwd=cwd, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT, env={"HOME": str(cwd), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )  # fmt: skip
    output = (await asyncio.wait_for(process.communicate(given), 60))[0].decode("utf-8", "replace")
    assert process.returncode in codes, f"{process.returncode}: {output}"
    return output


def private(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o600)
    return path.name


async def mpop(doors, tmp_path, method, secret):
    mailbox.Maildir(tmp_path / "box", create=True)
    rc = private(
        tmp_path / "mpoprc",
        f"account house\nhost 127.0.0.1\nport {doors.house.ports['pop3s']}\nuser {LOGIN}\npassword {secret}\n"
        f"tls on\ntls_starttls off\ntls_trust_file {doors.authority.file}\nauth {method}\nreceived_header off\n"
        f"delivery maildir {tmp_path}/box\nuidls_file {tmp_path}/uidls\n",
    )
    return await run("mpop", "-d", "-C", rc, "house", cwd=tmp_path)


@pytest.mark.parametrize("method", ["plain", "scram-sha-256", "on"])
async def test_mpop_logs_in(doors, tmp_path, method):
    print(await mpop(doors, tmp_path, method, await app_password(doors)))
    assert await last_login(doors) == ("app", "ok")
