"""The services of two processes over one store, for what one process changes and the other keeps in memory."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.house.bus import LocalBus
from tests.house.clock import FrozenClock
from tests.house.opening import Opened, opened

from smartmail.service.kernel.agreement import Agreement

__all__ = ["two", "waits"]


class LossyBus(LocalBus):
    """Loses what is published on one topic."""

    lost = ""

    def publish(self, topic: str, payload: str) -> None:
        if topic != self.lost:
            super().publish(topic, payload)


@dataclass
class TwoProcesses:
    """Both on the list of those that live."""

    one: Opened
    other: Opened
    bus: LossyBus
    clock: FrozenClock


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[TwoProcesses]:
    """Two processes, between which time stands: what one knew a moment ago is as fresh as it can be."""
    (tmp_path / "data").mkdir()
    bus, clock = LossyBus(), FrozenClock(1_800_000_000_000)
    async with (
        opened(tmp_path / "data", clock=clock, bus=bus) as one,
        opened(tmp_path / "data", clock=clock, bus=bus) as other,
    ):
        await one.services.policy_acks.turn("a", "edge-1")
        await other.services.policy_acks.turn("a", "edge-2")
        yield TwoProcesses(one, other, bus, clock)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long a change would have waited for who does not answer, in seconds; nobody waits for so long here."""
    waited: list[float] = []
    reached = Agreement.reach

    async def noted(self: Agreement, kind: str, within_s: float) -> bool:
        waited.append(within_s)
        return await reached(self, kind, 0.05)

    monkeypatch.setattr(Agreement, "reach", noted)
    return waited
