"""Golden answers to MAIL and RCPT with a whole server: each file of `rcpt_served/` is played over TCP against a real store.

A dialog file: `#` comment · `@ door` begins a connection (smtp, submission, lmtp) · `C: ` a line from the client · `S: ` a
line the server must say, whole. The world is `world` below; answers to EHLO are passed over.
"""

import asyncio
import base64
from pathlib import Path

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.test_mail_out import TableResolver

from smartmail.domain.addressing import ListText, RelayText, System
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

FILES = sorted((Path(__file__).parent / "rcpt_served").glob("*.txt"))
CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


async def world(house):
    """Two people; an alias of each kind, lists, a relayed and a shared domain, limits."""
    for login in ("kim@a.example", "lee@a.example", "erp@a.example"):
        await house.person(login, is_admin=login.startswith("lee"))
    parts = house.services.addressing
    for alias, targets in (
        ("sales@a.example", ["kim@a.example", "out@x.example"]), ("dead@a.example", ["gone@a.example"]),
        ("old@a.example", ["kim@a.example"]), ("@c.example", ["kim@a.example"]),
    ):  # fmt: skip
        await parts.stand_ins.put_alias(CLI, alias, targets)
    await parts.stand_ins.retire(CLI, "old@a.example", "alias")
    await parts.systems.set_alias(CLI, "b.example", "a.example")
    for name, post in (("open", "anyone"), ("staff", "inside"), ("club", "members")):
        await parts.lists.create(CLI, f"{name}@a.example", ListText(name, ("kim@a.example",), post=post))
    nowhere = System(hosts=(("127.0.0.1", 1, 10),), verify="list", networks=("127.0.0.0/8",))
    await parts.systems.set_relay(CLI, "r.example", nowhere)
    await parts.systems.set_other(CLI, "s.example", nowhere)
    await parts.stand_ins.put_known(CLI, ["park@r.example"])
    await house.services.governing.set_knob(CLI, PolicyRule("message.max-outside", Scope("system"), 1))


async def register(house):
    text = RelayText("ERP", ("erp@a.example",))
    await house.services.addressing.relays.register(
        CLI,
        house.accounts["erp@a.example"],
        text,
        ("127.0.0.1",),
        hourly=1,
        ends_at=house.clock.now() + 10**7,
        cleartext=True,
    )


class Player:
    def __init__(self, house, path):
        self.house, self.path = house, path
        self.writer = None

    async def play(self):
        for number, line in enumerate(self.path.read_text("utf-8").splitlines(), 1):
            self.where = f"{self.path.name}:{number}: {line}"
            kind, text = line[:3], line[3:]
            if line.startswith("@ "):
                await self.begin(line[2:].strip())
            elif kind == "C: ":
                login = base64.b64encode(b"\0kim@a.example\0" + PASSWORD.encode()).decode()
                self.writer.write(text.replace("<login>", login).encode() + b"\r\n")
                if text.startswith(("EHLO", "LHLO")):
                    while (await self.line())[3] == "-":
                        pass
            elif kind == "S: ":
                assert await self.line() == text, self.where
            else:
                assert not line or line.startswith("#"), self.where
        self.writer.close()

    async def begin(self, door):
        if door == "register":
            await register(self.house)
            return
        if self.writer is not None:
            self.writer.close()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.house.ports[door])
        assert (await self.line()).startswith("220 ")

    async def line(self):
        octets = await asyncio.wait_for(self.reader.readline(), 60)
        assert octets.endswith(b"\r\n"), f"{self.where}\nthe connection ended: {octets!r}"
        return octets[:-2].decode()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
async def test_dialog(path, tmp_path):
    domains = ("a.example", "b.example", "c.example", "r.example", "s.example")
    async with open_house(tmp_path, domains=domains, resolver=TableResolver({})) as house:
        await world(house)
        await Player(house, path).play()
