"""Long acts on backups, as work of the admin API: take, verify, rehearse, bring mail back.

Each asks again for its right (service.operations.backup): it may have been taken back since somebody asked for the work. One that meets
a run of the schedule waits for its end instead of failing.
SECURITY    Results are counts: who restores learns nothing of what came back (BR-23).
"""

from collections.abc import Mapping
from typing import Any, Final

from smartmail.domain.errors import Invalid, MailError, NotFound, StorageFull, Unavailable
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.ports.store_directory import DirectoryStore
from smartmail.service.kernel.audit.texts import given_reason
from smartmail.service.operations.admin_jobs.jobs import JobProgress
from smartmail.service.operations.backup.bringing import Wanted
from smartmail.service.operations.backup.service import BackupService
from smartmail.service.operations.backup.telling import Told

BACKUP_TAKE: Final = "backup.take"
BACKUP_VERIFY: Final = "backup.verify"
BACKUP_REHEARSE: Final = "backup.rehearse"
BACKUP_BRING: Final = "backup.bring"
MAX_FINDINGS: Final = 100


class BackupActs:
    """Does them."""

    def __init__(self, store: DirectoryStore, backups: BackupService) -> None:
        self._store = store
        self._backups = backups

    async def take(self, actor: Actor, request: dict[str, Any], progress: JobProgress) -> dict[str, Any]:
        """Take a backup."""
        taken = await self._backups.take(actor, request["reason"], _told(progress), waits=True)
        one = taken.manifest
        return {
            "backup": one.name, "accounts": one.rows("account"), "messages": one.rows("message"),
            "newOctets": taken.new_octets, "missing": len(one.missing),
        }  # fmt: skip

    async def verify(self, actor: Actor, request: dict[str, Any], progress: JobProgress) -> dict[str, Any]:
        """Read a backup back."""
        found = await self._backups.verify(actor, request["backup"], _told(progress))
        return {
            "troubles": len(found),
            "findings": [
                {"trouble": one.trouble, "object": one.object, "meaning": one.meaning} for one in found[:MAX_FINDINGS]
            ],
        }

    async def rehearse(self, actor: Actor, request: dict[str, Any], progress: JobProgress) -> dict[str, Any]:
        """Restore a backup into a sandbox."""
        done = await self._backups.rehearse(actor, request["backup"], _told(progress), waits=True)
        return {**done, "findings": list(done.get("findings", ()))[:MAX_FINDINGS]}

    async def bring(self, actor: Actor, request: dict[str, Any], progress: JobProgress) -> dict[str, Any]:
        """Bring mail of one person back, or of everybody of the actor's company one after the other."""
        given_reason(request["reason"])
        accounts = await self._accounts(actor, request)
        progress.note(0, len(accounts))
        sums, without, failed = {"chosen": 0, "brought": 0, "present": 0, "lost": 0}, 0, 0
        for done, account_id in enumerate(accounts, 1):
            message = None if request["message"] is None else MessageId(request["message"])
            wanted = Wanted(account_id, tuple(request["mailbox"]), message, request.get("header_id", ""))
            try:
                one = await self._backups.bring(
                    actor, wanted, request["reason"], at=request["at"], beside=request["beside"]
                )
            except (Unavailable, StorageFull):
                raise
            except MailError as error:
                if request["account"] is not None:
                    raise
                # One who has no mail there, or no room, keeps nobody else from theirs.
                without, failed = without + isinstance(error, NotFound), failed + (not isinstance(error, NotFound))
            else:
                for name in sums:
                    sums[name] += getattr(one, name)
            progress.note(done)
        return {**sums, "accounts": len(accounts), "without": without, "failed": failed}

    async def _accounts(self, actor: Actor, request: Mapping[str, Any]) -> list[AccountId]:
        if request["account"] is not None:
            return [AccountId(request["account"])]
        if request["mailbox"] or request["message"] is not None or request.get("header_id"):
            raise Invalid("a mailbox or a message is one person's: say whose", reason="backup.whose")
        await self._backups.require_restore(actor, Scope("organization", str(int(actor.organization_id))))
        found = await self._store.accounts(actor.organization_id)
        return [one.id for one in found if one.state != "closed"]


def _told(progress: JobProgress) -> Told:
    def told(_what: str, done: int, total: int) -> None:
        progress.note(done, max(done, total))

    return told
