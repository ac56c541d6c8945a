"""Answers are remembered for a while, bounded; one message asks only so much and so long."""

import asyncio

import pytest
from tests.house.clock import FrozenClock

from smartmail.ports.dns import DnsFailure, MxHost
from smartmail.proto.mailauth.asking import TemporaryLookupError
from smartmail.service.flow.authentication import names as module
from smartmail.service.flow.authentication.names import EMPTY_MS, FAILED_MS, FOUND_MS, NameService, Questioner


class Resolver:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.failing = False
        self.hanging = False

    async def _note(self, name: str) -> None:
        self.asked.append(name)
        if self.hanging:
            await asyncio.Event().wait()
        if self.failing:
            raise DnsFailure(name)

    async def txt(self, name: str) -> list[bytes]:
        await self._note(name)
        return [] if name.startswith("none") else [b"\xff text", b"y" * (9000 if name.startswith("big") else 1)]

    async def mx(self, name: str) -> list[MxHost]:
        await self._note(name)
        return [MxHost(20, "b.test"), MxHost(10, "a.test"), MxHost(0, "")]

    async def addresses(self, host: str) -> list[str]:
        await self._note(host)
        return ["2001:db8::1", "192.0.2.1"]

    async def names(self, address: str) -> list[str]:
        await self._note(address)
        return ["host.test"]


@pytest.fixture
def resolver() -> Resolver:
    return Resolver()


@pytest.fixture
def service(resolver) -> NameService:
    return NameService(resolver, FrozenClock(1_000_000))


async def test_kinds_of_answers(service) -> None:
    assert await service.ask("a.test", "TXT") == ("\ufffd text", "y")
    assert await service.ask("a.test", "MX") == ("a.test", "b.test")
    assert await service.ask("a.test", "A") == ("192.0.2.1",)
    assert await service.ask("a.test", "AAAA") == ("2001:db8::1",)
    assert await service.ask("192.0.2.1", "PTR") == ("host.test",)


@pytest.mark.parametrize("name", ["", "a..b", "x" * 64 + ".test", "한국.test", "a." * 130])
async def test_what_is_no_name_is_not_asked_for(service, resolver, name) -> None:
    assert not await service.ask(name, "TXT")
    assert resolver.asked == []


@pytest.mark.parametrize(("name", "duration"), [("a.test", FOUND_MS), ("none.test", EMPTY_MS)])
async def test_answers_are_remembered_for_a_while(service, resolver, name, duration) -> None:
    clock = service._clock  # noqa: SLF001
    first = await service.ask(name, "TXT")
    clock.at += duration - 1
    assert await service.ask(name.upper() + ".", "TXT") == first
    assert len(resolver.asked) == 1
    clock.at += 1
    await service.ask(name, "TXT")
    assert len(resolver.asked) == 2


async def test_failures_are_remembered_shortly(service, resolver) -> None:
    resolver.failing = True
    for _ in range(3):
        with pytest.raises(TemporaryLookupError):
            await service.ask("a.test", "TXT")
    assert len(resolver.asked) == 1
    resolver.failing = False
    service._clock.at += FAILED_MS  # noqa: SLF001
    assert await service.ask("a.test", "TXT")


async def test_memory_is_bounded(service, resolver, monkeypatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED", 10)
    for number in range(30):
        await service.ask(f"h{number}.test", "TXT")
    await service.ask("h29.test", "TXT")
    assert len(resolver.asked) == 30
    await service.ask("h0.test", "TXT")
    assert len(resolver.asked) == 31
    for _ in range(2):
        await service.ask("big.test", "TXT")
    assert resolver.asked.count("big.test") == 2


async def test_one_message_asks_only_so_much_and_so_long(service, resolver) -> None:
    questioner = Questioner(service, questions=3)
    for number in range(3):
        await questioner.texts(f"h{number}.test")
    with pytest.raises(TemporaryLookupError):
        await questioner.texts("h3.test")
    resolver.hanging = True
    late = Questioner(service, seconds=0)
    with pytest.raises(TemporaryLookupError):
        await late.texts("slow.test")
