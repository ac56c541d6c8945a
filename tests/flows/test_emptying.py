"""The trash empties itself after the days that policy says, counted from when a message came into it."""

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.governance.emptying import EmptyingService
from smartmail.service.kernel.clock import DAY

LOGIN = "kim@a.example"
GOVERNOR = Actor(0, 0, "system", is_admin=True, origin=Origin("cli"))


class Later:
    """A clock some days ahead."""

    def __init__(self, clock, days):
        self._clock, self._ahead = clock, days * DAY

    def now(self):
        return self._clock.now() + self._ahead


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        yield opened


def emptying(house, days):
    services = house.services
    return EmptyingService(
        house.store,
        services.policy,
        services.mailboxes,
        services.messages,
        Later(house.clock, days),
        services.emptying._notices,
    )


async def test_the_trash_empties_itself_by_policy_and_what_went_lies_in_the_vault(house):
    client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    old = '"01-Jan-2020 00:00:00 +0000"'
    await client.cmd(f"APPEND INBOX {old} {{}} {old} {{}}", b"Subject: a\r\n\r\n.\r\n", b"Subject: b\r\n\r\n.\r\n")
    await client.cmd("SELECT INBOX")
    await client.cmd("MOVE 1 Trash")
    assert await emptying(house, 400).empty() == 0, "off unless a policy says so"
    await house.services.governing.set_knob(GOVERNOR, PolicyRule("trash.days", Scope("system"), 30))
    assert await emptying(house, 29).empty() == 0, "counted from the move, not from 2020"
    assert await emptying(house, 31).empty() == 1
    assert (await client.cmd("STATUS Trash (MESSAGES)")).lines == [b"STATUS Trash (MESSAGES 0)"]
    assert (await client.cmd("STATUS INBOX (MESSAGES)")).lines == [b"STATUS INBOX (MESSAGES 1)"]
    account = house.accounts[LOGIN]
    actor = Actor(account.id, account.organization_id, LOGIN, is_admin=False, origin=Origin("web"))
    assert [one.summary.subject for one in (await house.services.vault.list(actor, account.id))[0]] == ["a"]
    await client.close()
