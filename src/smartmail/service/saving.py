"""What people may take out of the webmail and the API: originals, attachments, paper (BR-20, BR-27).

SECURITY  This keeps honest people to the rules of their company and leaves no easy way; whoever may read on a screen can
          photograph it. Mail programs take what their doors let them: those are closed by knobs of their own.
Must not know: how a download is asked for.
"""

from typing import Any

from smartmail.domain.errors import Forbidden
from smartmail.domain.ids import AccountId, BlobId
from smartmail.domain.policy import AccountPolicy, Value
from smartmail.domain.principal import Actor
from smartmail.policy.knobs import LANGUAGE
from smartmail.ports.store import Store
from smartmail.service import footers, previewing
from smartmail.service.house_signatures import HouseSignatures
from smartmail.service.policy import PolicyService

SAVING_DOORS = frozenset({"web", "jmap"})


class SavingService:
    """Asks policy about the person who saves, whosever mail it is."""

    def __init__(self, store: Store, policy: PolicyService) -> None:
        self._store = store
        self._policy = policy
        self.signatures: HouseSignatures | None = None

    async def require(self, actor: Actor, account_id: AccountId, blob_id: BlobId, *, whole: bool) -> None:
        """Raise Forbidden where a person may not save a message (`whole`) or a part of one at this door.

        What was uploaded and belongs to no message yet may always be taken back.
        """
        policy = await self._policy.of_id(actor.account_id)
        if _may_all(policy, actor.origin.door) or not await self._store.blob_messages(account_id, blob_id):
            return
        if whole and not policy.export:
            raise Forbidden("originals of messages may not be saved here")
        if not whole and not _may_attachments(policy, actor.origin.door):
            raise Forbidden("attachments may not be saved here")

    async def require_import(self, actor: Actor) -> None:
        """Raise Forbidden where a person may bring no mail along at this door."""
        if actor.origin.door in SAVING_DOORS and not (await self._policy.of_id(actor.account_id)).importing:
            raise Forbidden("no mail may be brought in here")

    async def told(self, actor: Actor) -> dict[str, Any]:
        """Return what a screen must know to offer nothing that would be refused, and to show what policy wants shown."""
        account = await self._store.account(actor.account_id)
        policy = await self._policy.of(account)
        signature = None if self.signatures is None else await self.signatures.told(account, policy)
        return {
            "mayPrint": policy.print, "mayExport": policy.export, "mayImport": policy.importing,
            "maySaveAttachments": _may_attachments(policy, actor.origin.door),
            "mayKeepOffline": policy.offline, "mayPushContent": policy.push_content, "bigFiles": _big_files(policy),
            "maxUndoSeconds": policy.undo_max_seconds, "mayRecall": policy.recall_inside != "off",
            "confirmSending": policy.sending_confirm,
            "watermark": {"login": actor.login, "address": actor.origin.address} if policy.watermark else None,
            "showFlags": policy.route_flags, "archiveKey": policy.archive_key, "homeCountries": policy.home_countries,
            "footer": footers.told(policy, account.language or policy.language),
            "signature": signature, "language": await self._language(account.id),
        }  # fmt: skip

    async def _language(self, account_id: AccountId) -> Value | None:
        """Return the language that a rule gives this person; None leaves it to the browser."""
        explained = await self._policy.explain(account_id, LANGUAGE.name)
        return explained.value if explained.rule else None


def _big_files(policy: AccountPolicy) -> dict[str, object] | None:
    """Return what a composer must know of files that go as links; None where none do."""
    if not policy.big_files:
        return None
    return {
        "switchOctets": policy.big_files_switch_octets, "maxOctets": policy.big_files_max_octets,
        "days": policy.big_files_days, "downloads": policy.big_files_downloads,
        "passwordRequired": policy.big_files_password, "perRecipient": policy.big_files_per_recipient,
        "fileInside": policy.big_files_inside == "file", "viewOnly": policy.big_files_view_only,
        "viewMaxOctets": previewing.MAX_OCTETS,
    }  # fmt: skip


def _may_attachments(policy: AccountPolicy, door: str) -> bool:
    return door not in SAVING_DOORS or door in policy.attachment_doors


def _may_all(policy: AccountPolicy, door: str) -> bool:
    return policy.export and _may_attachments(policy, door)
