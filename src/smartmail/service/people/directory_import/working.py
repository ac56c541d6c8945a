"""What workers on tables share: acts one after the other, and their way back. A worker plans what a table comes to, does
acts and takes them back; what was there before an act is what undoing goes back to, what others touched since is left.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

from smartmail.domain.directory_import import Act, Outcome
from smartmail.domain.errors import MailError
from smartmail.domain.ids import OrganizationId
from smartmail.domain.principal import Actor
from smartmail.service.people.directory_import.drafts import Draft, Options, Record, failed, left_by

CHANGED: Final = "changed-since"
USED: Final = "in-use"

One = Callable[[Act], Awaitable[Outcome]]


class TableWork(Protocol):
    """A worker on tables of one kind. `present` is what `begin` returned: the company as it was when the work began."""

    async def plan(
        self, actor: Actor, organization_id: OrganizationId, records: Sequence[Record], how: Options
    ) -> Draft:
        """Compare a table with the company. Raises Forbidden, NotFound."""
        ...

    async def begin(self, actor: Actor, organization_id: OrganizationId) -> Any:
        """Return the company as it is now. Raises Forbidden, NotFound."""
        ...

    async def perform(self, actor: Actor, present: Any, acts: Sequence[Act], *, again: bool) -> list[Outcome]:
        """Do acts. `again`: they may have been done, a worker died over them."""
        ...

    async def revert(
        self, actor: Actor, present: Any, acts: Sequence[Act], outcomes: Sequence[Outcome]
    ) -> list[Outcome]:
        """Take acts back; what others have touched since is left, with why."""
        ...

    async def rows(self, actor: Actor, organization_id: OrganizationId) -> Sequence[Sequence[str]]:
        """Return what there is as rows of a table, in the order of its fields. Raises Forbidden, NotFound."""
        ...


async def each(acts: Sequence[Act], do: One, *, undoing: bool = False) -> list[Outcome]:
    """Do acts one after the other; what a service refuses is that act's failure."""
    found = []
    for act in acts:
        try:
            found.append(await do(act))
        except MailError as error:
            found.append(left_by(error) if undoing else failed(error))
    return found


async def back(acts: Sequence[Act], outcomes: Sequence[Outcome], undo: One) -> list[Outcome]:
    """Take back those acts that were done, the last first."""
    places = [place for place in reversed(range(len(acts))) if outcomes[place].ending == "done"]
    undone = await each([acts[place] for place in places], undo, undoing=True)
    found = list(outcomes)
    for place, outcome in zip(places, undone, strict=True):
        found[place] = outcome
    return found
