"""An administrator does not release the own mail that was held; another one does."""

import pytest
from tests.flows.test_trace import FAR, KIM, LEE, house, send

from smartmail.domain.errors import Forbidden
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.queue import QueueFilter
from smartmail.service.flow.queue_control import Marks

__all__ = ["house"]
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


async def boss(house, login):  # noqa: F811 -- the fixture's value
    account = await house.store.account(house.accounts[login].id)
    await house.services.roles.mark(CLI, account.id, administrator=True)
    return Actor(account.id, account.organization_id, login, is_admin=True, origin=Origin("admin"), by="session")


async def test_own_held_mail_waits_for_somebody_else(house):  # noqa: F811
    kim, lee, control = await boss(house, KIM), await boss(house, LEE), house.services.queue_control
    own, other = await send(house, KIM, [FAR], login=KIM), await send(house, LEE, [FAR], login=LEE)
    both = Marks(QueueFilter(entries=(own, other)))
    mine = Marks(QueueFilter(entries=(own,)))
    assert (await control.act(CLI, "hold", both)).recipients == 2
    for act, to in (("release", ""), ("reroute", "elsewhere.example")):
        for dry_run in (False, True):
            with pytest.raises(Forbidden, match="another administrator"):
                await control.act(kim, act, mine, to=to, dry_run=dry_run)
    assert (await control.act(kim, "release", both)).entries == 1
    [(_, recipients)] = await house.store.find_queue(QueueFilter(entries=(own,)), now=0, after=0, limit=10)
    assert [one.state for one in recipients] == ["held"]
    assert (await control.act(lee, "release", mine)).entries == 1
