"""What the edge holds: makes transactions, and delivers what waits in the queue."""

from collections.abc import Coroutine

from smartmail.domain.account import Account
from smartmail.service.flow.delivery.desk import DeliveryDesk, Hello
from smartmail.service.flow.delivery.incoming import Incoming
from smartmail.service.flow.delivery.queued import QueuedDelivery
from smartmail.service.flow.delivery.receiving import HeldBudget
from smartmail.service.flow.queue import Outcome, Work
from smartmail.service.kernel.inspection.service import InspectionService


class DeliveryService:
    """Makes `Incoming` objects and delivers copies to accounts."""

    def __init__(self, desk: DeliveryDesk, inspection: InspectionService) -> None:
        self.desk = desk
        self.inspection = inspection
        self._queued = QueuedDelivery(desk)
        self.budget = HeldBudget()

    def incoming(self, hello: Hello, *, max_size: int) -> Incoming:
        """Begin a transaction of a connection."""
        return Incoming(self.desk, self.inspection, self.budget, hello, max_size)

    async def deliver_queued(self, work: Work) -> list[Outcome]:
        """Bring queued recipients of ours to their accounts; one outcome for each. The same work again is harmless."""
        return await self._queued.deliver(work)

    def end_later(self, work: Coroutine[None, None, None]) -> None:
        """Run `work` to its end without making anybody wait for it."""
        self.desk.end_later(work)

    async def recipient(self, address: str) -> Account | None:
        """Return the account that an address belongs to, None for an address elsewhere. Raises NotFound, OverQuota."""
        return await self.desk.recipient(address)
