"""Links to big files: what their owner does with them, and what they are told of downloads.

SECURITY  A token has 24 random octets; the store knows its hash. What a link asks for and how long it lives is bounded by
          the owner's policy. Foreign links and files answer like absent ones. Passwords are kept as scrypt (RFC 7914).
"""

import asyncio
import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.big_files import ID_OCTETS, BigDownload, BigFile, BigLink, LinkProof
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.principal import Actor
from smartmail.formats.seal import SealError
from smartmail.policy import knobs
from smartmail.policy.deciding import PolicyView
from smartmail.ports.clock import Clock
from smartmail.service.identity.auth.base import token_hash
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.mailbox import previewing
from smartmail.service.mailbox.big_files import places
from smartmail.service.mailbox.big_files.leaks import LinkLeaks
from smartmail.service.mailbox.big_files.store import Store
from smartmail.service.mailbox.big_files.texts import (
    DownloadText,
    FileKeys,
    FileText,
    LinkText,
    OpenFile,
    open_download,
    open_link,
    seal_link,
)

PATH: Final = "/files/"
TOKEN_OCTETS: Final = 24
USUAL_DAYS: Final = 7
MAX_LINKS: Final = 1000
"""Made at a time."""
MAX_DOWNLOADS: Final = 1000
"""Told of an account's links."""
MIN_PASSWORD: Final = 4
MAX_PASSWORD: Final = 200
_SCRYPT: Final = {"n": 1 << 14, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True)
class LinkWish:
    """A link that somebody wants. `expires_at` and `most` None: as usual; `recipient` "": whoever has it; `view_only`: it shows the file
    and does not give it; `countries`, `networks`: from where alone it may be followed; `letter`: the Message-ID of the mail whose
    attachment it was.
    """

    recipient: str = ""
    subject: str = ""
    expires_at: int | None = None
    most: int | None = None
    password: str = ""
    code: bool = False
    view_only: bool = False
    countries: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    letter: str = ""


@dataclass(frozen=True, slots=True)
class HeldLink:
    """A link with what is sealed of it, its address, and its downloads, the newest first."""

    row: BigLink
    text: LinkText
    file: BigFile
    about: FileText
    url: str
    downloads: tuple[tuple[BigDownload, DownloadText], ...] = ()


class BigLinks:
    """The owner's part. `site` is where people reach us."""

    def __init__(
        self, store: Store, keys: FileKeys, policy: PolicyService, clock: Clock, site: str, leaks: LinkLeaks
    ) -> None:
        self._store = store
        self._keys = keys
        self._policy = policy
        self._clock = clock
        self._site = site.rstrip("/")
        self._leaks = leaks

    def now(self) -> int:
        """Return the time by which links live."""
        return self._clock.now()

    def url(self, token: str) -> str:
        """Return the address of a link."""
        return f"{self._site}{PATH}{token}"

    async def files(self, actor: Actor) -> list[OpenFile]:
        """Return the actor's files, the newest first; those whose key is gone are left out."""
        found = []
        for row in await self._store.big_files(actor.account_id):
            try:
                found.append(await self._keys.open(row))
            except SealError:
                continue
        return found

    async def make(self, actor: Actor, file_id: bytes, wishes: Sequence[LinkWish]) -> list[HeldLink]:
        """Make links to a file. Raises NotFound, Invalid (beyond the policy), PolicyRejected (a leak rule), Unavailable."""
        account = await self._store.account(actor.account_id)
        row = await self._store.big_file(file_id)
        if row is None or row.account_id != account.id:
            raise NotFound
        await self._leaks.check(account, await self._keys.open(row), wishes)
        return await self.make_for(account, row, wishes, actor)

    async def make_for(
        self, account: Account, row: BigFile, wishes: Sequence[LinkWish], actor: Actor
    ) -> list[HeldLink]:
        """The same for a file that is known to be the account's, of a letter that was judged whole."""
        if not 1 <= len(wishes) <= MAX_LINKS:
            raise Invalid(f"1 to {MAX_LINKS} links at a time")
        policy, file, now = await self._policy.of(account), await self._keys.open(row), self._clock.now()
        made = []
        for wish in wishes:
            _check_proof(policy, wish)
            view_only = _shown_only(policy, wish, row)
            expires_at, most = _bounded(policy, wish.expires_at, wish.most, now)
            link_id, token = self._clock.random(ID_OCTETS), self._token()
            text = await self._text(wish, token, view_only=view_only)
            link = BigLink(
                link_id, row.id, account.id, token_hash(token), seal_link(file.keys, link_id, text), now, expires_at,
                most,
            )  # fmt: skip
            made.append(HeldLink(link, text, row, file.text, self.url(token)))
        record = self._record(actor, "big-link.make", f"big-file:{row.id.hex()} links:{len(made)}", now)
        await self._store.add_big_links([one.row for one in made], record)
        return made

    async def list_all(self, actor: Actor) -> list[HeldLink]:
        """Return the actor's links with their downloads, the newest first."""
        files = {one.row.id: one for one in await self.files(actor)}
        rows = [row for row in await self._store.big_links(actor.account_id) if row.file_id in files]
        downloads: dict[bytes, list[BigDownload]] = {}
        for one in await self._store.big_downloads([row.id for row in rows], MAX_DOWNLOADS):
            downloads.setdefault(one.link_id, []).append(one)
        held = []
        for row in rows:
            file = files[row.file_id]
            text = open_link(file.keys, row)
            told = tuple((one, open_download(file.keys, one)) for one in downloads.get(row.id, ()))
            held.append(HeldLink(row, text, file.row, file.text, self.url(text.token), told))
        return held

    async def change(
        self, actor: Actor, link_id: bytes, *, expires_at: int | None = None, most: int | None = None,
        revoked: bool | None = None,
    ) -> None:  # fmt: skip
        """Extend, bound or revoke a link. What is revoked stays so. Raises NotFound, Invalid."""
        row = await self._store.big_link(link_id)
        if row is None or row.account_id != actor.account_id:
            raise NotFound
        now = self._clock.now()
        if revoked is False and row.revoked_at:
            raise Invalid("a link that was revoked stays so: make another one")
        policy = await self._policy.of_id(actor.account_id)
        end, bound = _bounded(policy, expires_at, most, now)
        changed = replace(
            row, most=row.most if most is None else bound, expires_at=row.expires_at if expires_at is None else end,
            revoked_at=row.revoked_at or (now if revoked else 0),
        )  # fmt: skip
        act = "revoke" if changed.revoked_at and not row.revoked_at else "change"
        done = await self._store.change_big_link(
            row.id, expires_at=changed.expires_at, most=changed.most, revoked_at=changed.revoked_at,
            sealed=row.sealed, audit=self._record(actor, f"big-link.{act}", f"big-link:{row.id.hex()}", now),
        )  # fmt: skip
        if not done:
            raise NotFound

    async def _text(self, wish: LinkWish, token: str, *, view_only: bool) -> LinkText:
        proof: LinkProof = "password" if wish.password else "code" if wish.code else ""
        text = LinkText(
            token, wish.recipient, wish.subject, proof, view_only=view_only, countries=places.countries(wish.countries),
            networks=places.networks(wish.networks), letter=wish.letter,
        )  # fmt: skip
        if not wish.password:
            return text
        salt = self._clock.random(16)
        return msgspec.structs.replace(text, salt=salt, proof_hash=await scrypted(wish.password, salt))

    def _token(self) -> str:
        return base64.urlsafe_b64encode(self._clock.random(TOKEN_OCTETS)).decode()

    def _record(self, actor: Actor, action: str, thing: str, now: int) -> AuditRecord:
        return AuditRecord(now, actor.named, action, thing, actor.origin.address, door=actor.origin.door)


async def scrypted(secret: str, salt: bytes) -> bytes:
    """Return what a secret is compared by (RFC 7914)."""
    return await asyncio.to_thread(hashlib.scrypt, secret.encode(), salt=salt, **_SCRYPT)


def _bounded(policy: PolicyView, expires_at: int | None, asked: int | None, now: int) -> tuple[int, int]:
    """Return end and number of downloads. Raises Invalid beyond the policy."""
    latest = now + policy[knobs.BIG_FILES_DAYS] * DAY
    end = min(latest, now + USUAL_DAYS * DAY) if expires_at is None else expires_at
    most = policy[knobs.BIG_FILES_DOWNLOADS] if asked is None else asked
    if not now < end <= latest + DAY // 2:
        raise Invalid(f"a link lives for at most {policy[knobs.BIG_FILES_DAYS]} days")
    if most < 0 or (policy[knobs.BIG_FILES_DOWNLOADS] and not 1 <= most <= policy[knobs.BIG_FILES_DOWNLOADS]):
        raise Invalid(f"1 to {policy[knobs.BIG_FILES_DOWNLOADS]} downloads")
    return end, most


def _shown_only(policy: PolicyView, wish: LinkWish, row: BigFile) -> bool:
    """Say whether a new link only shows the file. Raises Invalid for a file too large to be shown."""
    if not (wish.view_only or policy[knobs.BIG_FILES_VIEW_ONLY]):
        return False
    if row.size > previewing.MAX_OCTETS:
        raise Invalid(f"a file that is only shown has at most {previewing.MAX_OCTETS >> 20} MiB")
    return True


def _check_proof(policy: PolicyView, wish: LinkWish) -> None:
    """Raise Invalid where a new link asks for too little, or for what cannot be had."""
    if wish.password and not MIN_PASSWORD <= len(wish.password) <= MAX_PASSWORD:
        raise Invalid(f"a password has {MIN_PASSWORD} characters at least")
    if wish.code and "@" not in wish.recipient:
        raise Invalid("a code needs a recipient")
    if policy[knobs.BIG_FILES_PASSWORD] and not (wish.password or wish.code):
        raise Invalid("a link needs a password or a code")
