"""Giving big files to whoever has a link: is it good, may they, did they prove it; the octets, and what is noted.

NAME       giving
STATES     A look at a link changes nothing, however often; `take` counts one download and returns a ticket, under which
           the octets come, in ranges and as often as the line breaks, while the link lives.
LIMITS     `TRIES` of a password or code within `PAUSE_MS`; a code lives `CODE_MS`, is good once and mailed once in `CODE_PAUSE_MS`.
FAILURE    What has ended, was revoked or found out as malware is `Ended` with the reason; an unknown token NotFound.
SECURITY   The door `links` is asked like every other: access rules of the file's owner judge where a fetcher is, and
           `big-files.countries` says from where their files may go; a link may say it more narrowly. A download that runs looks every `LOOK_S` whether its
           link still stands.
"""

import asyncio
import base64
import hmac
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import msgspec

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.big_files import ID_OCTETS, BigDownload, BigLink, LinkEnd
from smartmail.domain.errors import AuthFailed, Forbidden, MailError, NotFound, RateLimited
from smartmail.domain.principal import Origin
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.service.identity.access import AccessGate
from smartmail.service.identity.auth.base import token_hash
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox.big_files import places
from smartmail.service.mailbox.big_files.contents import Contents
from smartmail.service.mailbox.big_files.letters import BigFileLetters
from smartmail.service.mailbox.big_files.links import scrypted
from smartmail.service.mailbox.big_files.store import Store
from smartmail.service.mailbox.big_files.texts import (
    DownloadText,
    FileKeys,
    LinkText,
    OpenFile,
    open_link,
    seal_download,
    seal_link,
)

TRIES: Final = 10
PAUSE_MS: Final = 15 * MINUTE
CODE_MS: Final = 10 * MINUTE
CODE_PAUSE_MS: Final = MINUTE
TICKET_MS: Final = 2 * DAY
"""How long a download that began may go on."""
VIEW_MS: Final = HOUR
"""How long a file that is only shown may be looked at, once it was opened."""
LOOK_S: Final = 0.4
MAX_AGENT: Final = 200
MAX_PROOF: Final = 200


class Ended(NotFound):
    """The link was good once; `end` says why it is not."""

    def __init__(self, end: LinkEnd) -> None:
        super().__init__(detail=end)
        self.end = end


class NotYet(Forbidden):
    """The file has no verdict yet."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a link offers."""

    link: BigLink
    text: LinkText
    file: OpenFile
    owner: Account


@dataclass(frozen=True, slots=True)
class Ticket:
    """A download that began."""

    offer: Offer
    download: BigDownload


class Giving:
    """The fetcher's part."""

    def __init__(
        self, store: Store, keys: FileKeys, contents: Contents, policy: PolicyService, gate: AccessGate,
        letters: BigFileLetters, clock: Clock,
    ) -> None:  # fmt: skip
        self._store = store
        self._keys = keys
        self._contents = contents
        self._policy = policy
        self._gate = gate
        self._letters = letters
        self._clock = clock

    def now(self) -> int:
        """Return the time by which links live."""
        return self._clock.now()

    async def find(self, token: str) -> Offer:
        """Return what a token offers. Raises NotFound, Ended."""
        link = await self._store.big_link_by_token(token_hash(token))
        if link is None:
            raise NotFound
        return await self._offer(link)

    async def admit(self, offer: Offer, origin: Origin) -> None:
        """Raise Forbidden where the file may not be fetched from there; Unavailable when nobody can say."""
        if await self._gate.refusal(offer.owner, origin, "") is not None:
            raise Forbidden("not from there")
        countries = await self._policy.value(offer.owner, knobs.BIG_FILES_COUNTRIES)
        place = self._gate.place(origin.address)
        # Who is inside (a private network) is in no country, and nobody is abroad whose country is unknown (ADR 76).
        for allowed in (countries, offer.text.countries):
            if allowed and place.kind == "known" and place.country not in allowed:
                raise Forbidden("not from there")
        if offer.text.networks and not places.within(origin.address, offer.text.networks):
            raise Forbidden("not from there")

    async def send_code(self, offer: Offer, language: str) -> None:
        """Mail a new code to the link's recipient. Raises RateLimited (one was sent just now), NotFound (it asks none)."""
        if offer.text.proof != "code":
            raise NotFound
        now = self._clock.now()
        if offer.text.code_until - CODE_MS > now - CODE_PAUSE_MS:
            raise RateLimited
        code = f"{int.from_bytes(self._clock.random(8)) % 1_000_000:06}"
        salt = self._clock.random(16)
        text = msgspec.structs.replace(
            offer.text, salt=salt, proof_hash=await scrypted(code, salt), code_until=now + CODE_MS
        )
        sealed = seal_link(offer.file.keys, offer.link.id, text)
        if not await self._store.seal_big_link(offer.link.id, offer.link.sealed, sealed):
            raise RateLimited
        sender = offer.owner.name or offer.owner.login
        await self._letters.send(
            offer.owner, offer.text.recipient, language, translate(language, "file.code.subject", code=code),
            translate(language, "file.code.text", code=code, sender=sender),
        )  # fmt: skip

    async def prove(self, offer: Offer, shown: str) -> None:
        """Raise AuthFailed unless what was shown is the link's password or code; RateLimited after too many tries."""
        text, now = offer.text, self._clock.now()
        if not text.proof:
            return
        if not await self._store.try_big_link(offer.link.id, now, TRIES, PAUSE_MS):
            raise RateLimited
        late = text.proof == "code" and text.code_until <= now
        if not text.proof_hash or late or not shown or len(shown) > MAX_PROOF:
            raise AuthFailed
        if not hmac.compare_digest(await scrypted(shown, text.salt), text.proof_hash):
            raise AuthFailed
        if text.proof == "code":
            # Good once: of two who show it at a time one is let in.
            spent = seal_link(offer.file.keys, offer.link.id, msgspec.structs.replace(text, proof_hash=b""))
            if not await self._store.seal_big_link(offer.link.id, offer.link.sealed, spent):
                raise AuthFailed

    async def take(self, offer: Offer, origin: Origin, agent: str) -> str:
        """Begin a download, counted once; return its ticket. Raises NotYet, Ended."""
        if offer.file.row.state != "ready":
            raise NotYet
        now, secret = self._clock.now(), base64.urlsafe_b64encode(self._clock.random(24)).decode()
        download_id = self._clock.random(ID_OCTETS)
        who = DownloadText(origin.address, self._gate.place(origin.address).country, agent[:MAX_AGENT])
        download = BigDownload(
            download_id, offer.link.id, token_hash(secret), now, now, 0, False,
            seal_download(offer.file.keys, download_id, who),
        )  # fmt: skip
        if not await self._store.take_big_link(offer.link.id, now, download):
            raise Ended("used")
        return secret

    async def taken(self, secret: str) -> Ticket:
        """Return the download of a ticket. Raises NotFound (also for a ticket to look), Ended."""
        ticket = await self._ticket(secret, TICKET_MS)
        if ticket.offer.text.view_only:
            raise NotFound
        return ticket

    async def looked(self, secret: str) -> Ticket:
        """Return the look of a ticket. Raises NotFound (also for a ticket to download, and when it is over), Ended."""
        ticket = await self._ticket(secret, VIEW_MS)
        if not ticket.offer.text.view_only:
            raise NotFound
        return ticket

    async def _ticket(self, secret: str, lifetime: int) -> Ticket:
        download = await self._store.big_download(token_hash(secret))
        if download is None or download.at + lifetime <= self._clock.now():
            raise NotFound
        link = await self._store.big_link(download.link_id)
        if link is None:
            raise NotFound
        offer = await self._offer(link)
        if offer.file.row.state != "ready":
            raise NotYet
        return Ticket(offer, download)

    def pieces(self, ticket: Ticket, start: int, end: int) -> AsyncIterator[bytes]:
        """Return octets [start, end) of the file."""
        return self._contents.pieces(ticket.offer.file, start, end)

    async def stands(self, ticket: Ticket) -> bool:
        """Say whether a download may go on."""
        link = await self._store.big_link(ticket.offer.link.id)
        file = None if link is None else await self._store.big_file(link.file_id)
        if link is None or file is None or file.state != "ready":
            return False
        owner = await self._store.account(link.account_id)
        return link.end(file.state, self._clock.now()) is None and self._may_give(owner)

    async def watch(self, ticket: Ticket) -> None:
        """Return when the download may not go on; while nobody can say it goes on."""
        while True:
            await asyncio.sleep(LOOK_S)
            with suppress(MailError):
                if not await self.stands(ticket):
                    return

    async def note(self, ticket: Ticket, octets: int, *, complete: bool) -> None:
        """Note what was sent."""
        await self._store.note_big_download(ticket.download.id, octets, self._clock.now(), complete=complete)

    async def _offer(self, link: BigLink) -> Offer:
        row = await self._store.big_file(link.file_id)
        if row is None:
            raise Ended("expired")
        end = link.end(row.state, self._clock.now())
        if end is not None:
            raise Ended(end)
        owner = await self._store.account(link.account_id)
        if not self._may_give(owner):
            # The link stays: it is good again when its owner is.
            raise Ended("expired")
        file = await self._keys.open(row)
        return Offer(link, open_link(file.keys, link), file, owner)

    def _may_give(self, owner: Account) -> bool:
        """Say whether an owner's files go out: what a suspended person wrote goes nowhere, so what they uploaded does not."""
        return owner.may("send", self._clock.now()) or owner.state == "dormant"
