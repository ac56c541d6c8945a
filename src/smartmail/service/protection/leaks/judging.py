"""Judging: from a letter on its way out to a verdict of the leak rules in force.

STRATEGIES  What costs nothing first: the epoch, the scopes of the sender, envelope and exit. A letter to which no rule applies
            is not read; one that is read is searched for what the rules that apply want, no more. Most letters have nothing of it:
            of one that leaves, a glance tells so (`leaving`), and only where there may be something it is read for all of it.
FAILURE     What cannot be looked into is a fact (domain.leaks.LeakFacts.uninspectable), never an error. Where the rules
            themselves cannot be read: Unavailable, and nothing leaves.
Must not know what an exit does with a verdict.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from smartmail.domain.account import Account
from smartmail.domain.holidays import Holidays
from smartmail.domain.ids import OrganizationId
from smartmail.domain.leaks import NOTHING, LeakFacts, LeakRule, LeakVerdict, RecipientClass
from smartmail.formats.address import domain_to_ascii, split_address
from smartmail.policy import knobs
from smartmail.policy.leak_conditions import Needs
from smartmail.policy.leaks import CompiledRule, LeakRuleset, decide, glanced, wanted
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_directory import DomainStore
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.protection.filtering.acquaintances import Acquaintances
from smartmail.service.protection.leaks.book import LeakBook
from smartmail.service.protection.leaks.exceptions import ExceptedValues
from smartmail.service.protection.leaks.letter import OutgoingLetter
from smartmail.service.protection.leaks.reading import Content, LetterReader


class _Store(AccountStore, DomainStore, Protocol): ...


ZONE: Final = timedelta(hours=9)
"""Where days begin that nobody was born on yet, and holidays."""
FREE: Final = frozenset({
    "gmail.com", "googlemail.com", "naver.com", "daum.net", "hanmail.net", "kakao.com", "nate.com", "outlook.com", "hotmail.com",
    "live.com", "msn.com", "icloud.com", "me.com", "yahoo.com", "yahoo.co.jp", "yahoo.co.kr", "qq.com", "163.com", "126.com",
    "sina.com", "foxmail.com", "proton.me", "protonmail.com", "gmx.com", "gmx.net", "aol.com", "mail.ru", "yandex.ru",
    "zoho.com", "hanmir.com", "dreamwiz.com", "korea.com", "tutanota.com",
})  # fmt: skip
"""Providers that give a mailbox to everybody."""


@dataclass(frozen=True, slots=True)
class _Reached:
    recipients: int
    outside: int
    classes: frozenset[RecipientClass]
    domains: frozenset[str]


class LeakJudge:
    """Judges letters."""

    def __init__(
        self, store: _Store, book: LeakBook, reader: LetterReader, policy: PolicyService, acquaintances: Acquaintances,
        clock: Clock, excepted: ExceptedValues,
    ) -> None:  # fmt: skip
        self._store = store
        self._book = book
        self._reader = reader
        self._policy = policy
        self._acquaintances = acquaintances
        self._clock = clock
        self._excepted = excepted

    async def judge(self, letter: OutgoingLetter) -> LeakVerdict:
        """Return what the rules in force say of a letter. Raises NotFound (account), Unavailable."""
        rules = await self._book.rules()
        return await self.tried(rules, letter) if rules.rules else NOTHING

    async def leaving(self, letter: OutgoingLetter) -> LeakVerdict:
        """Return the same of a letter on its way out; where nothing matched, why is not told in full. Raises as `judge`."""
        rules = await self._book.rules()
        account = await self._store.account(letter.account_id)
        about = rules.about(await self._policy.scopes_of(account)) if rules.rules else []
        if not about:
            return NOTHING if not rules.rules else replace(NOTHING, epoch=rules.epoch)
        facts = await self._envelope(account, letter, self._clock.now())
        needs = wanted(about, facts)
        seen = None if needs is None else glanced(about, facts, needs)
        if seen is not None:
            content = await self._content(letter, seen, day_of(facts.now))
            if not content.may:
                verdict = decide(rules.epoch, about, await self._known(account, letter, facts, seen, content))
                if not verdict.matched and verdict.action is None:
                    return verdict
        return await self._decided(rules, account, about, letter, facts)

    async def has_rules(self) -> bool:
        """Say whether there is any leak rule. Raises Unavailable."""
        return bool((await self._book.rules()).rules)

    async def with_rule(self, rule: LeakRule, letter: OutgoingLetter) -> LeakVerdict:
        """Return what they would say if a rule were among them, in stage `on`, in the place of the one whose id it has (0: of
        none). Raises ConditionError as well.
        """
        rules = await self._book.rules()
        others = [one for one in rules.rules if one.id != rule.id]
        return await self.tried(LeakRuleset(rules.epoch, [*others, replace(rule, stage="on")]), letter)

    async def tried(self, rules: LeakRuleset, letter: OutgoingLetter, at: int | None = None) -> LeakVerdict:
        """Return what some rules say of a letter, now or at a time (milliseconds)."""
        account = await self._store.account(letter.account_id)
        about = rules.about(await self._policy.scopes_of(account))
        if not about:
            return replace(NOTHING, epoch=rules.epoch)
        facts = await self._envelope(account, letter, self._clock.now() if at is None else at)
        return await self._decided(rules, account, about, letter, facts)

    async def _decided(
        self, rules: LeakRuleset, account: Account, about: Sequence[CompiledRule], letter: OutgoingLetter, facts: LeakFacts
    ) -> LeakVerdict:  # fmt: skip
        needs = wanted(about, facts)
        if needs is not None:
            content = await self._content(letter, needs, day_of(facts.now))
            facts = await self._known(account, letter, facts, needs, content)
        return decide(rules.epoch, about, facts, await self._excepted.of(account.organization_id, about, facts))

    async def _envelope(self, account: Account, letter: OutgoingLetter, now: int) -> LeakFacts:
        reached = await self._reached(account.organization_id, letter.recipients)
        return LeakFacts(
            now, await self._policy.scopes_of(account), letter.exit, reached.recipients, reached.outside, reached.classes,
            reached.domains, letter.summary.size, label=letter.labelled, machine=letter.machine,
            automatic=letter.automatic,
        )  # fmt: skip

    async def _content(self, letter: OutgoingLetter, needs: Needs, today: date) -> Content:
        if needs.content or needs.files or needs.facts & _OF_PARTS:
            return await self._reader.content(letter.summary, letter.read, needs, today)
        return Content()

    async def _known(
        self, account: Account, letter: OutgoingLetter, facts: LeakFacts, needs: Needs, content: Content
    ) -> LeakFacts:
        """Return the facts with what a letter holds and what else is wanted."""
        firsts, company_firsts = frozenset[str](), frozenset[str]()
        if needs.facts & _FIRSTS:
            firsts, company_firsts = await self._firsts(account, letter.recipients)
        return replace(
            facts, hits=tuple(content.hits), files=tuple(content.files), unread=content.unread,
            holiday="holiday" in needs.facts and await self._is_holiday(account, day_of(facts.now)),
            first_domains=firsts, company_first_domains=company_firsts,
        )  # fmt: skip

    async def _reached(self, home: OrganizationId, recipients: Sequence[str]) -> _Reached:
        domains = [domain_to_ascii(split_address(one)[1]).lower() for one in recipients]
        kinds: dict[str, RecipientClass] = {}
        for one in dict.fromkeys(domains):
            row = await self._store.domain(one)
            if row is None:
                kinds[one] = "free" if one in FREE else "outside"
            else:
                kinds[one] = "inside" if row.organization_id == home else "group"
        outside = frozenset(one for one, kind in kinds.items() if kind in {"free", "outside"})
        return _Reached(
            len(domains), sum(one in outside for one in domains), frozenset(kinds.values()), frozenset(kinds)
        )

    async def _is_holiday(self, account: Account, today: date) -> bool:
        policy = await self._policy.of(account)
        return Holidays(policy[knobs.HOLIDAYS_PUBLIC], policy[knobs.HOLIDAYS_OWN]).has(today)

    async def _firsts(self, account: Account, recipients: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
        """Return the domains outside to which the sender has not written, and to which nobody of the company has."""
        outside, by_sender, by_company = set[str](), set[str](), set[str]()
        for recipient in recipients:
            domain = domain_to_ascii(split_address(recipient)[1]).lower()
            if await self._store.domain(domain) is None:
                sender, company = await self._acquaintances.has_written(account, recipient)
                outside.add(domain)
                by_sender |= {domain} if sender else set()
                by_company |= {domain} if company else set()
        # One known recipient of a domain makes it known.
        return frozenset(outside - by_sender), frozenset(outside - by_company)


_FIRSTS: Final = frozenset({"first_to_domain", "company_first_to_domain"})
_OF_PARTS: Final = frozenset({"extension", "file_octets", "attachments"})


def day_of(now: int) -> date:
    """Return the day on which a text is read: nobody is born later."""
    return (datetime.fromtimestamp(now // SECOND, UTC) + ZONE).date()
