"""Reaching: the recipients of a submission as the queue takes them. Who does not exist here is told at once."""

from collections.abc import Sequence

from smartmail.domain.errors import Invalid, MailError, NotFound, PolicyRejected
from smartmail.domain.principal import Actor
from smartmail.service.flow.addressing.passing import Passing
from smartmail.service.flow.directory import DirectoryService
from smartmail.service.kernel.envelope import Recipient


class Unreachable(Invalid):
    """Recipients that a message cannot go to: nobody here, or a list that the sender may not post to."""

    def __init__(self, addresses: Sequence[str], why: str) -> None:
        super().__init__(why)
        self.addresses = tuple(addresses)


class Reaching:
    """Asks the directory."""

    def __init__(self, directory: DirectoryService, passing: Passing) -> None:
        self._directory = directory
        self._passing = passing

    async def of(self, addresses: Sequence[str], sender: str, actor: Actor) -> list[Recipient]:
        """Return recipients of the queue. Raises Unreachable."""
        found: list[Recipient] = []
        refused: dict[str, MailError] = {}
        for address in addresses:
            try:
                found.append(await self._one(address, sender, actor))
            except (NotFound, PolicyRejected) as error:
                refused[address] = error
        if refused:
            first, why = next(iter(refused.items()))
            raise Unreachable(tuple(refused), f"{first}: {why.public or 'no such recipient here'}")
        return found

    async def _one(self, address: str, sender: str, actor: Actor) -> Recipient:
        resolution = await self._directory.resolve(address)
        if resolution.place is not None:
            await self._passing.admit(resolution.place, sender, actor)
            return Recipient(address, via=self._passing.way(resolution.place))
        if resolution.ours and resolution.account_id is None:
            raise await self._directory.nobody(address)
        return Recipient(address)
