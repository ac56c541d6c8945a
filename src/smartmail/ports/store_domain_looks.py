"""The store's part for what DNS said of our domains: public facts."""

from typing import Protocol

from smartmail.domain.domain_looks import DomainLook


class DomainLookStore(Protocol):
    """The last look at each domain."""

    async def put_domain_look(self, row: DomainLook) -> None:
        """Keep a look in place of an older one."""
        ...

    async def domain_look(self, domain: str) -> DomainLook | None:
        """Return the last look at a domain."""
        ...

    async def domain_looks(self) -> list[DomainLook]:
        """Return the last looks at all domains, by name."""
        ...

    async def drop_domain_looks(self, looked_before: int) -> int:
        """Forget looks older than a time; return how many."""
        ...
