"""The store's part for imports of directories, proved by tests/contract/test_store_directory_import.py.

- An import is worked on by one worker at a time: who holds the lease.
- What is dropped as untouched is looked at and dropped in one commit.
"""

from collections.abc import Sequence
from typing import Literal, Protocol

from smartmail.domain.audit import AuditRecord
from smartmail.domain.directory_import import ImportRow, ImportState, ImportStep, MadeAccount, StepState
from smartmail.domain.ids import OrganizationId


class DirectoryImportStore(Protocol):
    """Imports and their steps."""

    async def add_import(self, row: ImportRow, steps: Sequence[bytes], audit: AuditRecord) -> None:
        """Keep an import, which brings its id, with its sealed steps, numbered from 1."""
        ...

    async def directory_import(self, import_id: int) -> ImportRow | None:
        """Return one."""
        ...

    async def directory_imports(self, organization_id: OrganizationId, before: int, limit: int) -> list[ImportRow]:
        """Return those of a company with an id below `before` (0: all), newest first."""
        ...

    async def import_steps(self, import_id: int, after: int, limit: int) -> list[ImportStep]:
        """Return steps with a number above `after`, in order."""
        ...

    async def put_import_step(self, import_id: int, number: int, state: StepState, sealed: bytes) -> None:
        """Write a step."""
        ...

    async def lease_import(
        self, import_id: int, state: Literal["running", "undoing"], now: int, until: int, worker: str
    ) -> bool:
        """Begin, or go on with, the work on an import: False when another one is at it, or when it is not in a state in
        which that can be done (running: waiting, cancelled, running; undoing: done, cancelled, undoing).
        """
        ...

    async def note_import(self, import_id: int, worker: str, done: int, failed: int, until: int) -> bool:
        """Tell how far it is and go on with the lease; False when it shall end, or is another's."""
        ...

    async def end_import(
        self, import_id: int, worker: str, state: ImportState, done: int, failed: int, audit: AuditRecord
    ) -> None:
        """Say how it ended; nothing happens when it is another's."""
        ...

    async def cancel_import(self, import_id: int, audit: AuditRecord) -> bool:
        """Ask for its end: what nobody works on ends at once. False when it has ended."""
        ...

    async def drop_new_account(self, made: MadeAccount, audit: AuditRecord) -> bool:
        """Remove an account with all that was made with it, if nobody has touched it since: no mail, login, password,
        right, other address or group. False: it stays.
        """
        ...

    async def drop_new_domains(
        self, organization_id: OrganizationId, names: Sequence[str], audit: AuditRecord
    ) -> list[str]:
        """Remove those of the domains in which there is no address and no signing key; return them."""
        ...
