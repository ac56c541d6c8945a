"""Mail that tells people what is shared with them, and that it has ended.

NAME        share letters
PURPOSE     Tell whoever is given mail of others what, whose, as what and until when, with a link that opens it; tell both
            sides when a share ends by itself. Must not decide anything.
STRATEGIES  What one act gives of several mailboxes is told in one letter (`together`).
LIMITS      MOST_READERS people behind a group, department or domain; of more nobody is written to, nor for the whole
            company: they find what is shared in the webmail.
FAILURE     A letter that cannot be written is logged alone; what was given stands.
SECURITY    `sharing.mail`, a rule of the account that is shared, ends these letters. Names of mailboxes are told to whom may
            see them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta, timezone
from typing import Final

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.principal import SYSTEM_ORIGIN, Actor
from smartmail.domain.rights import SENDING, WHOLE_ACCOUNT, Grant, Grantee, share_role
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.defence.notices import Notices
from smartmail.service.mailstore.mailboxes import MailboxService
from smartmail.service.policy import PolicyService
from smartmail.service.push import Hints
from smartmail.service.sharing import PrincipalService
from smartmail.service.sharing.telling import Given

MOST_READERS: Final = 200
KOREA: Final = timezone(timedelta(hours=9), "KST")


_GATHERED: ContextVar[list[Given] | None] = ContextVar("share letters", default=None)


class ShareLetters:
    """Writes them (service.sharing.telling.ShareTelling)."""

    def __init__(
        self, store: Store, principals: PrincipalService, mailboxes: MailboxService, policy: PolicyService,
        notices: Notices, hints: Hints, clock: Clock, site: str,
    ) -> None:  # fmt: skip
        self._store = store
        self._principals = principals
        self._mailboxes = mailboxes
        self._policy = policy
        self._notices = notices
        self._hints = hints
        self._clock = clock
        self._site = site

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """Tell what is given inside in one letter to each person, when it is over."""
        gathered: list[Given] = []
        token = _GATHERED.set(gathered)
        try:
            yield
        finally:
            _GATHERED.reset(token)
            await self._tell_all(gathered)

    async def given(self, one: Given) -> None:
        """Tell of something that was given."""
        gathered = _GATHERED.get()
        if gathered is not None:
            gathered.append(one)
        else:
            await self._tell_all([one])

    async def ended(self, grant: Grant, owners: list[AccountId]) -> None:
        """Tell whoever had it and whose it is that a share has ended."""
        try:
            await self._tell_end(grant, owners)
        except MailError as error:
            log.event("share.untold", account=grant.account_id, error=error.code)
        self._hints.queue_changed()

    # -- inside ----------------------------------------------------------------------------------------------------

    async def _tell_end(self, grant: Grant, owners: list[AccountId]) -> None:
        account = await self._store.account(grant.account_id)
        if not (await self._policy.of(account)).sharing_mail:
            return
        for reader in await self._readers(account, grant.grantee):
            await self._send(reader, account, "ended", [grant.mailbox_id], person="")
        whom = await self._called(account, grant.grantee)
        for one in dict.fromkeys([account.id, *owners]):
            owner = await self._store.account(one)
            if owner.kind == "person" and owner.may("login", self._clock.now()):
                await self._send(owner, account, "over", [grant.mailbox_id], person=whom)

    async def _tell_all(self, every: list[Given]) -> None:
        """One letter for all that is given alike to the same people by the same person."""
        alike: dict[tuple[AccountId, AccountId, Grantee, frozenset[str], int], list[MailboxId]] = {}
        for one in every:
            grant = one.grant
            key = (one.by, grant.account_id, grant.grantee, grant.rights, grant.ends_at)
            alike.setdefault(key, []).append(grant.mailbox_id)
        for (by, account_id, grantee, rights, ends_at), boxes in alike.items():
            try:
                account = await self._store.account(account_id)
                if not (await self._policy.of(account)).sharing_mail:
                    continue
                giver = (await self._store.account(by or account_id)).name
                for reader in await self._readers(account, grantee):
                    if reader.id != by:
                        await self._send(
                            reader, account, "given", boxes, person=giver,
                            role=_role(reader, rights), until=_until(reader, ends_at), link=self._link(account, boxes),
                        )  # fmt: skip
            except MailError as error:
                log.event("share.untold", account=account_id, error=error.code)
        if every:
            self._hints.queue_changed()

    async def _readers(self, account: Account, grantee: Grantee) -> list[Account]:
        reached = await self._principals.reached(account.organization_id, grantee)
        if len(reached) > MOST_READERS:
            return []
        now = self._clock.now()
        people = [await self._store.account(one) for one in reached if one != account.id]
        return [one for one in people if one.kind == "person" and one.may("login", now)]

    async def _called(self, account: Account, grantee: Grantee) -> str:
        try:
            if grantee.kind == "account":
                return (await self._store.account(AccountId(grantee.id))).name
            return (await self._principals.name_of(account.organization_id, grantee)).partition(":")[2]
        except NotFound:
            return "-"

    async def _send(self, reader: Account, account: Account, kind: str, boxes: list[MailboxId], **words: str) -> None:
        language = reader.language or "ko"
        try:
            words["mailboxes"] = ", ".join(await self._names(language, account, boxes))
            words["account"] = f"{account.name} <{account.login}>"
            await self._notices.send(
                reader,
                translate(language, f"sharing.{kind}.subject", **words),
                translate(language, f"sharing.{kind}.text", **words),
            )
        except MailError as error:
            log.event("share.untold", account=reader.id, error=error.code)

    async def _names(self, language: str, account: Account, boxes: list[MailboxId]) -> list[str]:
        owner = Actor(account.id, account.organization_id, account.login, is_admin=False, origin=SYSTEM_ORIGIN)
        known = {one.row.id: one for one in await self._mailboxes.list_all(owner, account.id)}
        found = [translate(language, "sharing.whole")] if WHOLE_ACCOUNT in boxes else []
        found += [
            translate(language, f"parcel.mailbox.{box.row.role}") if box.row.role else "/".join(box.path)
            for box in (known[one] for one in boxes if one in known)
        ]
        return found or ["-"]

    def _link(self, account: Account, boxes: list[MailboxId]) -> str:
        place = f"#~a{account.id}/m{boxes[0]}" if boxes[0] != WHOLE_ACCOUNT else ""
        return f"{self._site}/{place}"


def _role(reader: Account, rights: frozenset[str]) -> str:
    language = reader.language or "ko"
    words = [translate(language, f"sharing.role.{share_role(rights)}")] if rights - SENDING else []
    words += [translate(language, f"sharing.also.{one}") for one in sorted(rights & SENDING)]
    return ", ".join(words)


def _until(reader: Account, ends_at: int) -> str:
    """Say until when: a day where it ends at midnight in Korea, else the minute there."""
    language = reader.language or "ko"
    if not ends_at:
        return translate(language, "sharing.no-end")
    moment = datetime.fromtimestamp(ends_at // 1000, KOREA)
    if (moment.hour, moment.minute) == (0, 0):
        return f"{moment - timedelta(minutes=1):%Y-%m-%d}"
    return f"{moment:%Y-%m-%d %H:%M (%Z)}"
