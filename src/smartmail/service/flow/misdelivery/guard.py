"""Guard: the facts of a letter, the question, and what its sending teaches."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId
from smartmail.formats.address import domain_to_ascii, normalize, split_address
from smartmail.formats.mime.parts import ATTACHMENT
from smartmail.formats.summary import Summary
from smartmail.policy import knobs, misdelivery
from smartmail.policy.misdelivery import Caution, Letter, Person
from smartmail.policy.misdelivery.facts import Field, domain_of
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DirectoryStore, DomainStore
from smartmail.service.flow.misdelivery.memory import Memory
from smartmail.service.kernel.policy import PolicyService

MAX_TEXT: Final = 20_000
MAX_FILES: Final = 50
MAX_ADDRESS: Final = 320
"""RFC 5321 §4.5.3.1 with its @; what is longer reaches nobody and would only fill the memory."""
MAX_NAME: Final = 200


class _Store(AccountStore, DirectoryStore, DomainStore, Protocol): ...


KnownDomains = Callable[[Account, Sequence[str]], Awaitable[frozenset[str]]]
"""Which of these registered domains the company has written to or has mail from."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as a composer tells of it. Recipients: (address, name). `earlier`: addresses in the message it answers, `author` who
    wrote that.
    """

    to: Sequence[tuple[str, str]] = ()
    cc: Sequence[tuple[str, str]] = ()
    bcc: Sequence[tuple[str, str]] = ()
    subject: str = ""
    text: str = ""
    files: Sequence[str] = ()
    earlier: frozenset[str] = frozenset()
    author: str = ""


class MisdeliveryGuard:
    """Asks and teaches."""

    def __init__(self, store: _Store, memory: Memory, policy: PolicyService, known_domains: KnownDomains) -> None:
        self._store = store
        self._memory = memory
        self._policy = policy
        self._known_domains = known_domains

    async def cautions(self, account_id: AccountId, draft: Draft) -> list[Caution]:
        """Return what a sender shall be asked about before a letter leaves; nothing where policy asks nobody."""
        account = await self._store.account(account_id)
        if await self._policy.value(account, knobs.MISDELIVERY_GUARD) == "off":
            return []
        letter = await self._letter(account, draft)
        domains = sorted({domain_of(one.address) for one in letter.recipients if not one.inside})
        if domains:
            letter = replace(letter, known_domains=await self._known_domains(account, domains))
        return misdelivery.cautions(letter, await self._memory.of(account), await self._home(account))

    async def learn(self, account_id: AccountId, recipients: Sequence[str], summary: Summary) -> None:
        """Remember a letter that was sent to these addresses."""
        account = await self._store.account(account_id)
        letter = await self._letter(account, as_sent(recipients, summary))
        await self._memory.teach(account, lambda known: misdelivery.learn(known, letter))

    async def _home(self, account: Account) -> frozenset[str]:
        return frozenset(domain_of(f"@{one}") for one in await self._own_domains(account))

    async def _own_domains(self, account: Account) -> set[str]:
        return {one.name for one in await self._store.domains() if one.organization_id == account.organization_id}

    async def _letter(self, account: Account, draft: Draft) -> Letter:
        boxes: tuple[tuple[Field, Sequence[tuple[str, str]]], ...] = (
            ("to", draft.to),
            ("cc", draft.cc),
            ("bcc", draft.bcc),
        )
        people: dict[str, Person] = {}
        for field, named in boxes:
            for address, name in named:
                plain = normalize(address)
                if len(plain) <= MAX_ADDRESS:
                    people.setdefault(plain, Person(plain, name[:MAX_NAME], field=field))
        people.pop(normalize(account.login), None)
        found = await self._with_directory(account, list(people.values()))
        return Letter(
            tuple(found), draft.subject, draft.text[:MAX_TEXT], tuple(draft.files[:MAX_FILES]),
            frozenset(map(normalize, draft.earlier)), normalize(draft.author) if draft.author else "",
        )  # fmt: skip

    async def _with_directory(self, account: Account, people: list[Person]) -> list[Person]:
        """Return people with what the directory knows of those inside; a crowd is told apart by domains only."""
        own = await self._own_domains(account)
        inside = [replace(one, inside=domain_to_ascii(split_address(one.address)[1]) in own) for one in people]
        if len(inside) > misdelivery.MAX_RECIPIENTS:
            return inside
        ids = await self._store.resolve([one.address for one in inside if one.inside])
        return [await self._person(one, ids.get(one.address), account) for one in inside]

    async def _person(self, one: Person, account_id: AccountId | None, asker: Account) -> Person:
        if account_id is None:
            return one
        found = await self._store.account(account_id)
        if found.organization_id != asker.organization_id or not found.may("shown"):
            return one
        return replace(one, name=found.name or one.name, department=found.department, title=found.title)


def as_sent(recipients: Sequence[str], summary: Summary) -> Draft:
    """Return a letter as its summary tells of it, to those who get it: who is in no field was a Bcc, and who is in a field alone
    does not count.
    """
    boxes, got = summary.addresses, set(map(normalize, recipients))
    named = {normalize(one.address) for one in (*boxes.to, *boxes.cc)}
    to, cc = (
        [(one.address, one.name) for one in box if one.address and normalize(one.address) in got]
        for box in (boxes.to, boxes.cc)
    )
    return Draft(
        to, cc, [(one, "") for one in recipients if normalize(one) not in named],
        summary.subject, summary.preview, [part.name for part in summary.parts if part.shown & ATTACHMENT and part.name],
    )  # fmt: skip
