"""Messages that are large take a multiple of their size while they are looked at: so many at a time, and no more."""

import asyncio
from types import SimpleNamespace

from smartmail.service.kernel.inspection import service as module
from smartmail.service.kernel.inspection.service import LARGE, LARGE_AT_ONCE, InspectionService
from smartmail.service.kernel.inspection.specimen import Findings


class Slow:
    """An inspector that looks until it is let go."""

    name = "slow"

    def __init__(self) -> None:
        self.looking = 0
        self.most = 0
        self.go = asyncio.Event()

    async def examine(self, _specimen) -> None:
        self.looking += 1
        self.most = max(self.most, self.looking)
        await self.go.wait()
        self.looking -= 1


def specimen(size: int):
    return SimpleNamespace(size=size, findings=Findings())


async def begun(slow: Slow, count: int) -> None:
    async with asyncio.timeout(60):
        while slow.looking < count:
            await asyncio.sleep(0)


async def test_so_many_at_a_time_and_small_ones_beside_them() -> None:
    slow = Slow()
    service = InspectionService([slow])
    large = [asyncio.ensure_future(service.inspect(specimen(LARGE + 1))) for _ in range(LARGE_AT_ONCE + 3)]
    await begun(slow, LARGE_AT_ONCE)
    small = asyncio.ensure_future(service.inspect(specimen(LARGE)))
    await begun(slow, LARGE_AT_ONCE + 1)
    slow.go.set()
    found = await asyncio.gather(small, *large)
    assert slow.most == LARGE_AT_ONCE + 1
    assert [one.act for one in found] == ["deliver"] * (LARGE_AT_ONCE + 4)


async def test_one_that_waits_too_long_comes_again(monkeypatch) -> None:
    monkeypatch.setattr(module, "LARGE_WAIT", 0.01)
    slow = Slow()
    service = InspectionService([slow])
    large = [asyncio.ensure_future(service.inspect(specimen(LARGE + 1))) for _ in range(LARGE_AT_ONCE)]
    await begun(slow, LARGE_AT_ONCE)
    late = await service.inspect(specimen(LARGE + 1))
    assert (late.act, "later" in late.public) == ("defer", True)
    slow.go.set()
    await asyncio.gather(*large)
    assert (await service.inspect(specimen(LARGE + 1))).act == "deliver"
