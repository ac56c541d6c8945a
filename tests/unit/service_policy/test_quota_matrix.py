"""What a full mailbox means by policy (BR-18): refused, put off, days of grace, sending only; notices at 80 and 95 %."""

import pytest
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.domain.errors import OverQuota
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.quota import QuotaStanding
from smartmail.service.flow.outgoing.limits import MailboxFull, SenderIsFull
from smartmail.service.kernel.clock import DAY, MINUTE

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
SYSTEM = Scope("system")
MEBIBYTE = 1 << 20


class Letters:
    """Notices, kept instead of sent."""

    def __init__(self):
        self.sent = []

    async def send(self, reader, subject, text):
        self.sent.append((reader.login, subject, text))


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        await opened.person("kim@a.example")
        await set_knob(opened, "quota.octets", MEBIBYTE)
        opened.letters = Letters()
        opened.services.quotas._notices = opened.letters
        await opened.services.quotas.apply()
        yield opened
        await opened.services.auth.settle()


async def set_knob(house, knob, value):
    await house.services.governing.set_knob(CLI, PolicyRule(knob, SYSTEM, value))


async def fill(house, octets):
    """Let the account have so many octets."""
    kim = house.accounts["kim@a.example"].id
    account = await house.store.account(kim)
    await house.store._db.change(
        kim, lambda session: session.run("update account set used = $2 where id = $1", kim, octets)
    )
    assert account.id == kim


async def receives(house):
    """Say what a sender hears: None for taken."""
    kim = await house.store.account(house.accounts["kim@a.example"].id)
    desk = house.services.delivery.desk
    desk._recipients.clear()
    try:
        await desk.recipient("kim@a.example")
    except OverQuota as error:
        return type(error)
    assert kim.quota == MEBIBYTE
    return None


async def sends(house):
    kim = house.accounts["kim@a.example"]
    try:
        await house.services.delivery.desk.limits.of(
            Actor(kim.id, kim.organization_id, kim.login, is_admin=False, origin=Origin("smtp"))
        )
    except SenderIsFull:
        return False
    return True


@pytest.mark.parametrize(
    ("over", "at_first", "after_days", "may_send"),
    [
        ("bounce", MailboxFull, MailboxFull, True), ("defer", OverQuota, OverQuota, True),
        ("grace", None, OverQuota, True), ("receive", None, None, False),
    ],
)  # fmt: skip
async def test_a_full_mailbox_does_what_policy_says(house, over, at_first, after_days, may_send):
    quotas = house.services.quotas
    await set_knob(house, "quota.over", over)
    await set_knob(house, "quota.grace-days", 3)
    await quotas.apply()
    assert (await receives(house), await sends(house)) == (None, True), "not full"
    await fill(house, MEBIBYTE + 1)
    await quotas.watch()
    assert (await receives(house), await sends(house)) == (at_first, may_send)
    house.clock.ahead += 3 * DAY - MINUTE
    await quotas.watch()
    assert await receives(house) == at_first, "the last minute of the grace"
    house.clock.ahead += 2 * MINUTE
    await quotas.watch()
    assert (await receives(house), await sends(house)) == (after_days, may_send)
    await fill(house, MEBIBYTE // 4)
    await quotas.watch()
    assert (await receives(house), await sends(house)) == (None, True)
    await fill(house, MEBIBYTE + 1)
    await quotas.watch()
    assert await receives(house) == at_first, "a grace begins anew"


async def test_a_person_is_told_once_at_each_step_and_again_after_room_was_made(house):
    quotas, letters = house.services.quotas, house.letters.sent
    for octets, count in ((0.7, 0), (0.81, 1), (0.85, 1), (0.96, 2), (1.2, 3), (1.3, 3), (0.1, 3), (0.9, 4)):
        await fill(house, int(MEBIBYTE * octets))
        await quotas.watch()
        assert len(letters) == count, octets
    assert {login for login, _, _ in letters} == {"kim@a.example"}
    assert "80%" in letters[0][1]
    await fill(house, 0)
    await quotas.watch()
    assert await house.store.quota_standings(50) == []


async def test_the_administrator_sees_who_is_nearly_full(house):
    await fill(house, int(MEBIBYTE * 0.9))
    [one] = await house.services.quotas.near(80)
    assert (one.account.login, one.percent) == ("kim@a.example", 89)
    assert await house.services.quotas.near(95) == []


async def test_a_new_account_is_lenient_from_the_start(house):
    await set_knob(house, "quota.over", "grace")
    await house.person("lee@a.example")
    lee = house.accounts["lee@a.example"].id
    assert await house.store.is_lenient(lee)
    assert QuotaStanding(lee, 100, 133, None, 0, lenient=True).percent == 133
