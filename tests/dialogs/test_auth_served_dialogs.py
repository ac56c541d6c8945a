"""Golden logins on every door with a whole server: each file of `auth_served/` is played over TCP against a real store.

A dialog file: `#` comment · `@` act of the world (see `Player.act_…`) · `C: ` a line from the client, in which `<b64 …>`
becomes base64 (``\\0`` and ``\\x01`` are octets) and `<scram>` the next message of the SCRAM client, in base64 · `S: ` a
line the server must say · `S~ ` the same as a regular expression; its named groups are kept, and `{name}` in later lines
stands for what they held. The group `challenge` is what the SCRAM client answers. `@connect DOOR` begins a connection,
and all that the server said on the one before must have been expected.
"""

import asyncio
import base64
import re
from pathlib import Path

import pytest
from tests.flows.house import PASSWORD, House, open_house
from tests.flows.secured import Secured, make_pair, secured
from tests.unit.proto_sasl.scram_client import ScramClient

from smartmail.domain.policy import PolicyRule
from smartmail.domain.principal import Actor, Origin
from smartmail.policy.knobs import KNOBS
from smartmail.service.kernel.clock import DAY

FILES = sorted((Path(__file__).parent / "auth_served").glob("*.txt"))
LOGIN = "kim@a.example"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


class Player:
    def __init__(self, doors: Secured, directory: Path):
        self.doors = doors
        self.house: House = doors.house
        self.directory = directory
        self.kept = {"login": LOGIN, "password": PASSWORD}
        self.scram: ScramClient | None = None
        self.pair = None
        self.where = ""
        self.made = None

    async def play(self, path: Path) -> None:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            self.where = f"{path.name}:{number}: {line}"
            await self.step(line)
        await self.quiet()

    async def step(self, line: str) -> None:
        kind, text = line[:3], self.filled(line[3:])
        if line.startswith("@"):
            verb, *words = self.filled(line[1:]).split()
            await getattr(self, "act_" + verb.replace("-", "_"))(*words)
        elif kind in {"C: ", "C:"}:
            self.writer.write(self.octets(text) + b"\r\n")
        elif kind in {"S: ", "S~ "}:
            got = await self.line()
            if kind == "S: ":
                assert got == text, self.where
                return
            found = re.fullmatch(line[3:] if "(?P<" in line else text, got)
            assert found, f"{self.where}\ngot {got!r}"
            self.kept.update(found.groupdict())
        else:
            assert not line or line.startswith("#"), self.where

    async def line(self) -> str:
        octets = await asyncio.wait_for(self.reader.readline(), 60)
        assert octets.endswith(b"\r\n"), f"{self.where}\nthe connection ended: {octets!r}"
        return octets[:-2].decode()

    def filled(self, text: str) -> str:
        for name, value in self.kept.items():
            text = text.replace("{" + name + "}", value)
        return text

    def octets(self, text: str) -> bytes:
        text = re.sub(r"<b64 ?(.*?)>", lambda found: encoded(found[1]), text)
        return text.replace("<scram>", self.next_scram() if "<scram>" in text else "").encode()

    def next_scram(self) -> str:
        if "challenge" not in self.kept:
            return base64.b64encode(self.scram.first()).decode()
        return base64.b64encode(self.scram.final(base64.b64decode(self.kept["challenge"]))).decode()

    async def quiet(self) -> None:
        """Nothing may have been said that nobody expected."""
        if hasattr(self, "writer"):
            self.writer.close()
            rest = await asyncio.wait_for(self.reader.read(), 60) if not self.reader.at_eof() else b""
            assert rest == b"", f"{self.where}\nunexpected {rest!r}"

    # -- the world -------------------------------------------------------------------------------------------

    async def act_connect(self, door):
        await self.quiet()
        tls = self.doors.client(self.pair) if door in {"imaps", "pop3s", "submissions"} else None
        name = "127.0.0.1" if tls else None
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.house.ports[door], ssl=tls, server_hostname=name
        )

    async def act_handshake(self):
        await self.writer.start_tls(self.doors.client(self.pair), server_hostname="127.0.0.1")

    async def act_policy(self, knob, value, scope="system"):
        governing = self.house.services.governing
        await governing.set_knob(CLI, PolicyRule(knob, await governing.scope(scope), KNOBS[knob].kind.read(value)))

    async def act_app_password(self, *doors):
        auth = self.house.services.auth
        self.made = await auth.new_app_password(
            CLI, "phone", doors=doors, account_id=self.account, expires_at=self.house.clock.now() + DAY
        )
        self.kept["app"] = self.made.secret

    async def act_token(self, *scopes):
        self.made = await self.house.services.auth.new_token(CLI, "script", scopes=scopes, account_id=self.account)
        self.kept["token"] = self.made.secret

    async def act_certificate(self, issuer="authority"):
        self.pair = make_pair(self.directory, "kim", self.doors.authority)
        await self.house.services.auth.add_certificate(CLI, "card", self.pair.der, account_id=self.account)

    async def act_stranger(self):
        """A certificate of the authority that stands for nobody."""
        self.pair = make_pair(self.directory, "stranger", self.doors.authority)

    async def act_scram(self, secret, *options):
        binding = self.doors.end_point if "bound" in options else None
        self.kept.pop("challenge", None)
        self.scram = ScramClient(LOGIN, secret, binding=binding)

    async def act_trusted(self):
        assert self.scram.trusts(base64.b64decode(self.kept["challenge"])), self.where

    async def act_revoke(self):
        await self.house.services.auth.delete_credential(CLI, self.made.info.id, self.account)

    async def act_new_password(self, secret):
        await self.house.services.auth.set_password(self.account, secret)

    async def act_ended(self):
        """The server has closed the connection."""
        assert await asyncio.wait_for(self.reader.read(), 60) == b"", self.where

    @property
    def account(self):
        return self.house.accounts[LOGIN].id


def encoded(text: str) -> str:
    return base64.b64encode(text.replace("\\0", "\0").replace("\\x01", "\x01").encode()).decode()


@pytest.fixture
async def player(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as house, secured(house, tmp_path) as doors:
        await house.person(LOGIN)
        yield Player(doors, tmp_path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialog(player, path):
    await player.play(path)
