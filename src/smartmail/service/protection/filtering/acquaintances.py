"""Who is known to whom: the memory of accounts and organisations of those they write with.

NAME        acquaintances
PURPOSE     "This sender writes to you for the first time", "this domain's mail used to be proved".
STRATEGIES  Delivered mail and mail that was sent teach, junk does not. What is learnt is gathered and written at once
            for many messages; a crash loses a few seconds of it. To whom an account wrote is known before it is
            written: a report of another mail server may come within the second.
LIMITS      `MOST` notes wait to be written, more are dropped; domain.correspondents.MAX_CORRESPONDENTS lines an owner.
SECURITY    Keyed hashes under the account's and the organisation's keys. Who is met first counts as a stranger for an
            hour: neither the second mail of an attack nor a repeat after a lost reply makes a friend.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.correspondents import Contact, Correspondent, house_of, owner_of
from smartmail.domain.ids import AccountId
from smartmail.formats.address import normalize, split_address
from smartmail.formats.lookalike import registered
from smartmail.formats.seal import Purpose
from smartmail.formats.summary import Summary
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_correspondents import CorrespondentStore
from smartmail.ports.store_mail import MailReads
from smartmail.service.kernel.inspection.specimen import Specimen
from smartmail.service.kernel.intake import open_summary
from smartmail.service.kernel.keyring import Keyring


class _Store(AccountStore, CorrespondentStore, MailReads, Protocol): ...


MOST: Final = 5_000
WAIT_SECONDS: Final = 1.0
STRANGER_MS: Final = 3_600_000
MAX_THREADS: Final = 5
MAX_MEMBERS: Final = 30
"""Of a conversation that is looked into, the oldest: what an intruder sends later cannot push out what was there before."""
MAX_PEOPLE: Final = 50
"""Recipients of one message that learn from it; a larger message is a circular."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How well a sender is known to a recipient: to the person, to the organisation, and their domain to it."""

    person: Correspondent | None = None
    house: Correspondent | None = None
    domain: Correspondent | None = None


def is_known(line: Correspondent | None, now: int) -> bool:
    """Say whether somebody is no stranger any more."""
    return line is not None and (line.sent > 0 or now - line.first_at >= STRANGER_MS)


def has_no_part(sender: str, conversation: Sequence[Summary]) -> bool:
    """Say whether a sender's domain has no part in a conversation: others write in it, and none of them to that domain."""
    domain = _domain_of(sender)
    others = [one for one in conversation if domain not in {_domain_of(who.address) for who in one.from_}]
    addressed = (_domain_of(who.address) for one in others for who in (*one.to, *one.cc, *one.reply_to))
    return bool(others) and domain not in addressed


def _domain_of(address: str) -> str:
    return registered(split_address(normalize(address))[1])


class Acquaintances:
    """Looks up and learns."""

    def __init__(self, store: _Store, keyring: Keyring, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._clock = clock
        self._waiting: dict[tuple[int, bytes], Contact] = {}
        self._leaving: dict[tuple[int, bytes], Contact] = {}
        self._writing: asyncio.Task[None] | None = None

    async def standing(self, account: Account, sender: str) -> Standing:
        """Return what is known of a sender. Raises Unavailable, SealError."""
        person, house, domain = await self._keys(account, sender)
        of_person, of_house = owner_of(account.id), house_of(account.organization_id)
        own = await self._store.correspondents(of_person, [person])
        others = await self._store.correspondents(of_house, [house, domain])
        return Standing(
            self._with_sent(of_person, person, own.get(person)),
            self._with_sent(of_house, house, others.get(house)),
            self._with_sent(of_house, domain, others.get(domain)),
        )

    async def has_written(self, account: Account, recipient: str) -> tuple[bool, bool]:
        """Say whether a person has written to the domain of a recipient, and whether anybody of the organisation has.

        Domains that a person wrote to before they were kept by person are known by the recipient alone. Raises Unavailable,
        SealError.
        """
        known, place = await self.standing(account, recipient), owner_of(account.id)
        key = await self._own_domain(account, recipient)
        domain = self._with_sent(place, key, (await self._store.correspondents(place, [key])).get(key))
        by_person = any(line is not None and line.sent > 0 for line in (domain, known.person))
        return by_person, by_person or (known.domain is not None and known.domain.sent > 0)

    async def known_domains(self, account: Account, domains: Sequence[str]) -> frozenset[str]:
        """Return those of some registered domains that the organisation writes with. Raises Unavailable, SealError."""
        house = await self._keyring.organization(account.organization_id)
        owner = house_of(account.organization_id)
        keys = {house.hash(Purpose.CORRESPONDENT, b"domain", one.encode("utf-8", "replace")): one for one in domains}
        lines = await self._store.correspondents(owner, list(keys))
        known = {key: self._with_sent(owner, key, lines.get(key)) for key in keys}
        now = self._clock.now()
        return frozenset(keys[key] for key, line in known.items() if is_known(line, now))

    def _with_sent(self, owner: int, key: bytes, line: Correspondent | None) -> Correspondent | None:
        """Add what was sent and is not written yet."""
        for waiting in (self._leaving.get((owner, key)), self._waiting.get((owner, key))):
            if waiting is not None and waiting.sent:
                line = line or Correspondent(key, waiting.at, waiting.at, 0, 0, 0)
                line = replace(line, sent=line.sent + waiting.sent)
        return line

    async def intrudes(self, account: Account, message_ids: Sequence[str], sender: str) -> bool:
        """Say whether one of these ids names a conversation of the account that the sender had no part in: others wrote in it,
        and nobody of them to the sender's domain. What the sender alone wrote before is a conversation of their own. Raises
        Unavailable, SealError.
        """
        keys = await self._keyring.account(account)
        hashes = [keys.hash(Purpose.MESSAGE_ID, one.encode("utf-8", "replace")) for one in message_ids[:20]]
        threads = await self._store.referring_threads(account.id, hashes, MAX_THREADS) if hashes else []
        if not threads:
            return False
        members = [message for _thread, message in await self._store.thread(account.id, threads)]
        found = await self._store.summaries(account.id, members[:MAX_MEMBERS])
        return has_no_part(sender, [open_summary(keys, blob_id, sealed) for _id, blob_id, sealed in found])

    async def learn(self, specimen: Specimen, sender: str) -> None:
        """Remember a message that is about to be delivered."""
        now, proved = self._clock.now(), self._clock.now() if specimen.findings.aligned else 0
        accounts = {account.id: account for account in specimen.accounts if account is not None}
        for account in list(accounts.values())[:MAX_PEOPLE]:
            person, house, domain = await self._keys(account, sender)
            self._note(Contact(owner_of(account.id), person, now, received=1, proved_at=proved))
            self._note(Contact(house_of(account.organization_id), house, now, received=1, proved_at=proved))
            self._note(Contact(house_of(account.organization_id), domain, now, received=1, proved_at=proved))

    async def wrote(self, account_id: AccountId, recipients: Sequence[str]) -> None:
        """Remember to whom an account wrote. Never raises: the mail is on its way."""
        try:
            await self._remember(account_id, recipients)
        except Exception as error:
            log.event("filter.forgotten", count=len(recipients), error=type(error).__name__)

    async def _remember(self, account_id: AccountId, recipients: Sequence[str]) -> None:
        now, account = self._clock.now(), await self._store.account(account_id)
        for recipient in recipients[:MAX_PEOPLE]:
            person, house, domain = await self._keys(account, normalize(recipient))
            self._note(Contact(owner_of(account.id), person, now, sent=1))
            self._note(Contact(owner_of(account.id), await self._own_domain(account, recipient), now, sent=1))
            self._note(Contact(house_of(account.organization_id), house, now, sent=1))
            self._note(Contact(house_of(account.organization_id), domain, now, sent=1))

    async def settle(self) -> None:
        """Write what waits, now."""
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
        await self._write()

    async def _keys(self, account: Account, address: str) -> tuple[bytes, bytes, bytes]:
        octets = address.encode("utf-8", "replace")
        domain = registered(split_address(address)[1]).encode("utf-8", "replace")
        own = await self._keyring.account(account)
        house = await self._keyring.organization(account.organization_id)
        return (
            own.hash(Purpose.CORRESPONDENT, b"address", octets),
            house.hash(Purpose.CORRESPONDENT, b"address", octets),
            house.hash(Purpose.CORRESPONDENT, b"domain", domain),
        )

    async def _own_domain(self, account: Account, address: str) -> bytes:
        """Return the key under which a person's mail to the domain of an address is counted."""
        domain = registered(split_address(normalize(address))[1]).encode("utf-8", "replace")
        return (await self._keyring.account(account)).hash(Purpose.CORRESPONDENT, b"domain", domain)

    def _note(self, contact: Contact) -> None:
        place = (contact.owner, contact.key)
        known = self._waiting.get(place)
        if known is not None:
            contact = Contact(
                *place, known.at, known.received + contact.received, known.sent + contact.sent,
                max(known.proved_at, contact.proved_at),
            )  # fmt: skip
        elif len(self._waiting) >= MOST:
            return
        self._waiting[place] = contact
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write_soon())

    async def _write_soon(self) -> None:
        await asyncio.sleep(WAIT_SECONDS)
        await self._write()

    async def _write(self) -> None:
        if not self._waiting:
            return
        self._leaving, self._waiting = self._waiting, {}
        try:
            await self._store.note_contacts(list(self._leaving.values()))
        except Exception as error:  # what is forgotten is learnt again by the next message
            log.event("filter.forgotten", count=len(self._leaving), error=type(error).__name__)
        finally:
            self._leaving = {}


class AcquaintanceMemory:
    """The step of the chain that learns, after the verdict: only mail that is delivered makes its sender known."""

    name = "acquaintances"

    def __init__(self, acquaintances: Acquaintances) -> None:
        self._acquaintances = acquaintances

    async def examine(self, specimen: Specimen) -> None:
        """Remember the sender of a message that nothing serious is said against. Raises Unavailable, SealError."""
        findings, senders = specimen.findings, specimen.summary.from_
        if findings.act == "deliver" and findings.nature in {"clean", "bulk"} and len(senders) == 1:
            await self._acquaintances.learn(specimen, normalize(senders[0].address))
