"""Short mails of ours to people about their mail: a list's question, a limit, a decision. In the reader's language.

Null reverse-path, so that none of them causes another (RFC 3834 §3.3).
"""

from collections.abc import Mapping
from typing import Protocol

from smartmail.base.i18n import translate
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.queue import NewQueueEntry
from smartmail.formats.address import Mailbox, normalize
from smartmail.formats.compose import Attachment, Draft, compose
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.house_letters import HouseLetters
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.sealed_blobs import SealedBlobs


class _Store(AccountStore, DirectoryStore, Protocol): ...


LIFETIME = 2 * DAY


class NoticeWriter:
    """Makes notices: durable blobs and their queue entries, to be committed with what they tell of."""

    def __init__(self, store: _Store, keyring: Keyring, blobs: SealedBlobs, clock: Clock, host: str) -> None:
        self._store = store
        self._letters = HouseLetters(keyring, blobs, clock)
        self._clock = clock
        self._host = host

    async def entry(
        self, organization_id: OrganizationId, to: str, key: str, values: Mapping[str, object], unsent: bytes = b""
    ) -> NewQueueEntry:
        """Return the notice `key` (catalogue: `key`.subject and `key`.text) for an address; `unsent`: a letter that comes back with it."""
        language = await self.language(to)
        now = self._clock.now()
        draft = Draft(
            from_=[Mailbox(translate(language, "notice.from"), f"postmaster@{self._host}")],
            to=[Mailbox("", to)],
            date=(now // 1000, 0),
            message_id=f"{self._clock.new_id():x}.{self._clock.random(8).hex()}@{self._host}",
            subject=_line(translate(language, f"{key}.subject", **values)),
            text=translate(language, f"{key}.text", **values),
            attachments=[Attachment("", "message/rfc822", unsent)] if unsent else (),
            headers=[("Auto-Submitted", "auto-generated")],
            language=language,
        )
        octets = compose(draft, nonce=self._clock.random(12).hex())
        written = await self._letters.written(organization_id, octets)
        return await self._letters.entry(written, [to], lifetime=LIFETIME, language=language)

    async def language(self, address: str) -> str:
        """Return the language of whoever an address belongs to, English for others."""
        found = await self._store.resolve([normalize(address)])
        for account_id in found.values():
            try:
                return (await self._store.account(account_id)).language
            except NotFound:
                break
        return "en"


def _line(text: str) -> str:
    return " ".join(text.split())
