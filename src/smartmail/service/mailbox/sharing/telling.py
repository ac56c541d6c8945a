"""What sharing wants to be told to people beside their notices; service.mailbox.share_letters writes it."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from smartmail.domain.ids import AccountId
from smartmail.domain.rights import Grant


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody gave. `grant` says to whom, what and until when."""

    by: AccountId
    grant: Grant


class ShareTelling(Protocol):
    """Tells people what is shared with them. Nothing that cannot be told is raised."""

    def together(self) -> AbstractAsyncContextManager[None]:
        """Tell each person of all that is given inside at once, when it is over."""
        ...

    async def given(self, one: Given) -> None:
        """Tell of something that was given."""
        ...

    async def ended(self, grant: Grant, owners: list[AccountId]) -> None:
        """Tell whoever had it, and whose it is, that a share has ended by itself."""
        ...
