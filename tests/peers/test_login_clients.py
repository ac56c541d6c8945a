"""Real programs log in over TLS with every mechanism that they know: curl, mpop, msmtp."""

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
    assert path, f"{words[0]} is not installed: apt-get install curl mpop msmtp"
    process = await asyncio.create_subprocess_exec(
        path, *words[1:], cwd=cwd, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT, env={"HOME": str(cwd), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )  # fmt: skip
    output = (await asyncio.wait_for(process.communicate(given), 180))[0].decode("utf-8", "replace")
    assert process.returncode in codes, f"{process.returncode}: {output}"
    return output


def private(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o600)
    return path.name


def program(doors, tmp_path, name, door, lines) -> str:
    """Write the settings of mpop or msmtp; return the file's name."""
    return private(
        tmp_path / f"{name}rc",
        f"account house\nhost 127.0.0.1\nport {doors.house.ports[door]}\nuser {LOGIN}\ntls on\ntls_starttls off\n"
        f"tls_trust_file {doors.authority.file}\n{lines}",
    )


async def mpop(doors, tmp_path, lines):
    mailbox.Maildir(tmp_path / "box", create=True)
    lines += f"received_header off\ndelivery maildir {tmp_path}/box\nuidls_file {tmp_path}/uidls\n"
    return await run("mpop", "-C", program(doors, tmp_path, "mpop", "pop3s", lines), "-d", "house", cwd=tmp_path)


async def msmtp(doors, tmp_path, lines):
    rc = program(doors, tmp_path, "msmtp", "submissions", f"from {LOGIN}\n{lines}")
    return await run("msmtp", "-d", "-C", rc, "-a", "house", LOGIN, cwd=tmp_path, given=MAIL.replace(b"\r\n", b"\n"))


PROGRAMS = {"mpop": mpop, "msmtp": msmtp}


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize(("method", "said"), [("plain", "AUTH PLAIN"), ("on", "AUTH SCRAM-SHA-256-PLUS")])
async def test_app_passwords(doors, tmp_path, name, method, said):
    """Left to themselves both choose the mechanism that is bound to the connection, and it is bound to the same octets."""
    secret = await app_password(doors)
    told = await PROGRAMS[name](doors, tmp_path, f"password {secret}\nauth {method}\n")
    assert f"--> {said}" in told
    assert await last_login(doors) == ("app", "ok")


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("method", ["oauthbearer", "xoauth2"])
async def test_tokens(doors, tmp_path, name, method):
    made = await doors.house.services.auth.new_token(CLI, "program", account_id=doors.house.accounts[LOGIN].id)
    await PROGRAMS[name](doors, tmp_path, f"password {made.secret}\nauth {method}\n")
    assert await last_login(doors) == ("token", "ok")


@pytest.fixture
async def card(doors, tmp_path):
    pair = make_pair(tmp_path, "kim", doors.authority)
    account_id = doors.house.accounts[LOGIN].id
    await doors.house.services.auth.add_certificate(CLI, "card", pair.der, account_id=account_id)
    return pair


@pytest.mark.parametrize("name", PROGRAMS)
async def test_client_certificates(doors, tmp_path, card, name):
    lines = f"auth external\ntls_cert_file {card.file}\ntls_key_file {card.key_file}\n"
    await PROGRAMS[name](doors, tmp_path, lines)
    assert await last_login(doors) == ("certificate", "ok")


@pytest.mark.parametrize("door", SCHEMES)
@pytest.mark.parametrize("method", ["PLAIN", "OAUTHBEARER", "XOAUTH2", "EXTERNAL"])
async def test_curl(doors, tmp_path, card, door, method):
    url = f"{SCHEMES[door]}://127.0.0.1:{doors.house.ports[door]}/"
    words = ["curl", "-sS", "--cacert", str(doors.authority.file), "--login-options", f"AUTH={method}"]
    if method == "PLAIN":
        kind, words = "password", [*words, "--user", f"{LOGIN}:{PASSWORD}"]
    elif method == "EXTERNAL":
        kind = "certificate"
        words += ["--user", f"{LOGIN}:", "--cert", str(card.file), "--key", str(card.key_file)]
    else:
        account_id = doors.house.accounts[LOGIN].id
        made = await doors.house.services.auth.new_token(CLI, "curl", account_id=account_id)
        kind, words = "token", [*words, "--user", LOGIN, "--oauth2-bearer", made.secret]
    if door == "submissions":
        words += ["--mail-from", LOGIN, "--mail-rcpt", LOGIN, "--upload-file", "-"]
    await run(*words, url, cwd=tmp_path, given=MAIL)
    assert await last_login(doors) == (kind, "ok")


async def test_a_program_whose_password_was_revoked_is_refused(doors, tmp_path):
    secret = await app_password(doors)
    auth, account_id = doors.house.services.auth, doors.house.accounts[LOGIN].id
    [made] = [one for one in await auth.credentials(CLI, account_id) if one.kind == "app"]
    await auth.delete_credential(CLI, made.id, account_id)
    words = ["curl", "-sS", "--cacert", str(doors.authority.file), "--user", f"{LOGIN}:{secret}"]
    told = await run(*words, f"imaps://127.0.0.1:{doors.house.ports['imaps']}/", cwd=tmp_path, codes=(67,))
    assert "denied" in told.lower()
    assert await last_login(doors) == ("", "wrong_secret")
