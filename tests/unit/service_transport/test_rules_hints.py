"""What an administrator says about TLS is obeyed by other processes on a hint, and after a while without one."""

import pytest
from tests.house.bus import LocalBus
from tests.house.clock import FrozenClock
from tests.unit.service_transport.test_terms import NOW, Everybody

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.transport import TlsException
from smartmail.service.flow.transport import TransportRules
from smartmail.service.flow.transport.rules import SETTINGS_TTL

ADMIN = Actor(AccountId(1), OrganizationId(1), "admin@a.example", is_admin=True, origin=Origin("cli"))
COPIER = TlsException("192.0.2.9", 465, NOW + 86_400_000)


class SharedStore:
    """The settings that two processes share."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def settings(self, _scope: str) -> dict[str, str]:
        return dict(self.kept)

    async def put_setting(self, _scope: str, name: str, value: str | None, audit: object = None) -> None:
        self.kept.pop(name, None)
        if value is not None:
            self.kept[name] = value


@pytest.mark.parametrize("deaf", [False, True])
async def test_another_process_obeys_a_new_exception(deaf: bool) -> None:
    store, bus, clock = SharedStore(), LocalBus(), FrozenClock(NOW)
    here, there = (TransportRules(store, clock, Everybody(), bus) for _ in range(2))
    told: list[str] = []
    end = there.on_change(lambda: told.append("change"))
    assert await there.inward() == []
    bus.deaf = deaf
    await here.set_inward(ADMIN, COPIER)
    assert told == ([] if deaf else ["change"])
    assert (await there.inward() == []) is deaf
    clock.at += SETTINGS_TTL + 1
    assert [one.host for one in await there.inward()] == ["192.0.2.9/32"]
    end()
    await here.drop_inward(ADMIN, "192.0.2.9", 465)
    assert told == ([] if deaf else ["change"])


async def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    store, bus, clock = SharedStore(), LocalBus(), FrozenClock(NOW)
    here, there = (TransportRules(store, clock, Everybody(), bus) for _ in range(2))

    async def slow(_scope: str) -> dict[str, str]:
        before = dict(store.kept)
        store.settings = quick  # type: ignore[method-assign]
        await here.set_inward(ADMIN, COPIER)
        return before

    quick, store.settings = store.settings, slow  # type: ignore[method-assign]
    assert await there.inward() == []
    assert len(await there.inward()) == 1
