"""What people may take out of the webmail and the API: originals, attachments, paper (BR-20, BR-27).

SECURITY  This keeps honest people to the rules of their company and leaves no easy way; whoever may read on a screen can
          photograph it. Mail programs take what their doors let them: those are closed by knobs of their own.
Must not know: how a download is asked for.
"""

from typing import Any, Protocol

import msgspec

from smartmail.domain.errors import Forbidden
from smartmail.domain.ids import AccountId, BlobId
from smartmail.domain.policy import Value
from smartmail.domain.principal import Actor
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.policy.knobs import LANGUAGE
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_sharing import SharingStore
from smartmail.service.flow.foreseeing import Foreseeing
from smartmail.service.flow.outgoing import footers
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.security_labels import SecurityLabels
from smartmail.service.mailbox import previewing
from smartmail.service.people.house_signatures import HouseSignatures


class _Store(AccountStore, SharingStore, Protocol): ...


SAVING_DOORS = frozenset({"web", "jmap"})


class SavingService:
    """Asks policy about the person who saves, whosever mail it is."""

    def __init__(
        self, store: _Store, policy: PolicyService, signatures: HouseSignatures, labels: SecurityLabels, foreseeing: Foreseeing
    ) -> None:  # fmt: skip
        self._labels = labels
        self._foreseeing = foreseeing
        self._store = store
        self._policy = policy
        self._signatures = signatures

    async def require(self, actor: Actor, account_id: AccountId, blob_id: BlobId, *, whole: bool) -> None:
        """Raise Forbidden where a person may not save a message (`whole`) or a part of one at this door.

        What was uploaded and belongs to no message yet may always be taken back.
        """
        policy = await self._policy.of_id(actor.account_id)
        if _may_all(policy, actor.origin.door) or not await self._store.blob_messages(account_id, blob_id):
            return
        if whole and not policy[knobs.EXPORT]:
            raise Forbidden("originals of messages may not be saved here", reason="saving.originals")
        if not whole and not _may_attachments(policy, actor.origin.door):
            raise Forbidden("attachments may not be saved here", reason="saving.attachments")

    async def require_import(self, actor: Actor) -> None:
        """Raise Forbidden where a person may bring no mail along at this door."""
        if actor.origin.door in SAVING_DOORS and not await self._policy.value_of_id(actor.account_id, knobs.IMPORT):
            raise Forbidden("no mail may be brought in here", reason="saving.bringing")

    async def told(self, actor: Actor) -> dict[str, Any]:
        """Return what a screen must know to offer nothing that would be refused, and to show what policy wants shown."""
        account = await self._store.account(actor.account_id)
        policy = await self._policy.of(account)
        signature = await self._signatures.told(account, policy)
        return {
            "mayPrint": policy[knobs.PRINT], "mayCopy": policy[knobs.COPY], "mayExport": policy[knobs.EXPORT], "mayImport": policy[knobs.IMPORT],
            "maySaveAttachments": _may_attachments(policy, actor.origin.door),
            "mayKeepOffline": policy[knobs.OFFLINE], "mayPushContent": policy[knobs.PUSH_CONTENT], "bigFiles": _big_files(policy),
            "maxUndoSeconds": policy[knobs.UNDO_MAX_SECONDS], "mayRecall": policy[knobs.RECALL_INSIDE] != "off",
            "confirmSending": policy[knobs.SENDING_CONFIRM], "misdeliveryGuard": policy[knobs.MISDELIVERY_GUARD],
            "watermark": {"login": actor.login, "address": actor.origin.address} if policy[knobs.WATERMARK] else None,
            "showFlags": policy[knobs.ROUTE_FLAGS], "archiveKey": policy[knobs.ARCHIVE_KEY], "homeCountries": policy[knobs.HOME_COUNTRIES],
            "footer": footers.told(policy, account.language or policy[knobs.LANGUAGE]),
            "mailMayWait": await self._foreseeing.may_wait(actor),
            "securityLabels": [msgspec.structs.asdict(one) for one in await self._labels.of(account.organization_id)],
            "list": _list(policy), "signature": signature, "language": await self._language(account.id),
        }  # fmt: skip

    async def _language(self, account_id: AccountId) -> Value | None:
        """Return the language that a rule gives this person; None leaves it to the browser."""
        explained = await self._policy.explain(account_id, LANGUAGE.name)
        return explained.value if explained.rule else None


def _list(policy: PolicyView) -> dict[str, object]:
    """Return how the list looks before a person chose anything; `pane` None: as the screen is wide."""
    pane = policy[knobs.SCREEN_PANE]
    return {
        "density": policy[knobs.SCREEN_DENSITY], "pane": None if pane == "width" else pane,
        "faces": policy[knobs.SCREEN_FACES],
    }  # fmt: skip


def _big_files(policy: PolicyView) -> dict[str, object] | None:
    """Return what a composer must know of files that go as links; None where none do."""
    if not policy[knobs.BIG_FILES]:
        return None
    return {
        "switchOctets": policy[knobs.BIG_FILES_SWITCH_OCTETS], "maxOctets": policy[knobs.BIG_FILES_MAX_OCTETS],
        "days": policy[knobs.BIG_FILES_DAYS], "downloads": policy[knobs.BIG_FILES_DOWNLOADS],
        "passwordRequired": policy[knobs.BIG_FILES_PASSWORD], "perRecipient": policy[knobs.BIG_FILES_PER_RECIPIENT],
        "fileInside": policy[knobs.BIG_FILES_INSIDE] == "file", "viewOnly": policy[knobs.BIG_FILES_VIEW_ONLY],
        "viewMaxOctets": previewing.MAX_OCTETS,
    }  # fmt: skip


def _may_attachments(policy: PolicyView, door: str) -> bool:
    return door not in SAVING_DOORS or door in policy[knobs.ATTACHMENT_DOORS]


def _may_all(policy: PolicyView, door: str) -> bool:
    return policy[knobs.EXPORT] and _may_attachments(policy, door)
