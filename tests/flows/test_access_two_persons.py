"""Access rules as acts that need two persons, and nobody is shut out by one that was agreed to."""

import pytest
from tests.flows.administrators import CLI, open_company

from smartmail.domain.access import AccessRule
from smartmail.domain.account import LoginAttempt
from smartmail.domain.errors import Forbidden, Invalid
from smartmail.service.kernel.clock import DAY

WHY = "해외 접속 차단 규정"


@pytest.fixture
async def ours(tmp_path):
    async with open_company(tmp_path / "one") as (made, _):
        yield made


def deny(ours, *channels: str) -> AccessRule:
    return AccessRule(ours.whole, "deny", channels=channels or ("pop3",))


async def rules(ours) -> list[AccessRule]:
    return [one for one in (await ours.house.store.access_rules())[1] if one.scope == ours.whole]


async def test_a_second_person_agrees_to_a_rule_and_to_its_end(ours):
    access, proposals = ours.services.access, ours.services.proposals
    await ours.knob("admin.two-person", ("policy",))
    boss, deputy = ours.as_("boss"), ours.as_("deputy")
    with pytest.raises(Forbidden, match="propose"):
        await access.rules.new(boss, deny(ours))
    with pytest.raises(Invalid):  # why?
        await access.proposing.new(boss, deny(ours), "")
    outcome = await access.proposing.new(boss, deny(ours), WHY)
    assert outcome.waits and await rules(ours) == []
    with pytest.raises(Forbidden):
        await proposals.confirm(boss, outcome.proposal.row.id)
    ended = await proposals.confirm(deputy, outcome.proposal.row.id)
    [rule] = await rules(ours)
    assert (ended.row.state, ended.result) == ("done", f"access-rule:{rule.id}")
    assert (rule.action, rule.channels) == ("deny", ("pop3",))
    with pytest.raises(Forbidden, match="propose"):
        await access.rules.end(boss, rule.id)
    outcome = await access.proposing.end(boss, rule.id, WHY)
    assert (await proposals.confirm(deputy, outcome.proposal.row.id)).row.state == "done"
    assert await rules(ours) == []


async def test_without_the_knob_it_is_done_at_once(ours):
    outcome = await ours.services.access.proposing.new(ours.as_("boss"), deny(ours), "")
    [rule] = await rules(ours)
    assert (outcome.waits, outcome.result) == (False, f"access-rule:{rule.id}")
    assert not (await ours.services.access.proposing.end(ours.as_("boss"), rule.id, "")).waits


async def came_in(ours, name: str, address: str, days: int = 1) -> None:
    at = ours.house.clock.now() - days * DAY
    await ours.house.store.note_logins([LoginAttempt(at, ours.people[name].id, None, "admin", address, "ok")])


async def test_the_last_administrator_is_not_shut_out(ours):
    access = ours.services.access
    await ours.appoint("park", "security")
    park = ours.as_("park")
    await came_in(ours, "boss", "198.51.100.7")
    await came_in(ours, "deputy", "203.0.113.7")
    await came_in(ours, "deputy", "192.0.2.200", days=40)  # long ago
    only = AccessRule(ours.whole, "deny", channels=("admin",), networks=("192.0.2.0/24",))
    with pytest.raises(Invalid, match="every administrator"):
        await access.rules.new(park, only)
    made = await access.rules.new(park, AccessRule(
        ours.whole, "deny", channels=("admin",), networks=("192.0.2.0/24", "198.51.100.0/24"),
    ))  # fmt: skip
    # What lets the last one in does not end either.
    leave = await access.rules.new(park, AccessRule(
        ours.whole, "allow", channels=("admin",), networks=("203.0.113.0/24",), valid_until=ours.house.clock.now() + DAY,
    ))  # fmt: skip
    await ours.services.administration.close(CLI, ours.people["boss"].id)
    assert made and leave
    with pytest.raises(Invalid, match="every administrator"):
        await access.rules.end(park, leave.id)


async def test_its_author_is_not_shut_out_either(ours):
    with pytest.raises(Invalid, match="shut you out"):
        await ours.services.access.rules.new(ours.as_("boss"), deny(ours, "admin"))
