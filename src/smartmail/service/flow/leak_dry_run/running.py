"""A dry run as a job: account after account, letter after letter, each judged by the rules in force and by those that would be.

STRATEGIES  The place (account, message) and the count are given to the job together after each AT_ONCE letters: what another process goes on
            with has each letter once. The window ends when the dry run was asked for.
            Rules count by their conditions, not by their dates: each that is in force now, and each that would begin, as if
            it were in force all the time. Where rules tell ways apart by which a letter may have left, it is judged for each.
LIMITS      `share`: percent of the time in which it works; it pauses for the rest.
SECURITY    The right is asked for again. No incident, no notice, nothing learned.
Must not know HTTP, nor how jobs are kept.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

import msgspec

from smartmail.domain.account import Account
from smartmail.domain.errors import MailError, NotFound, StorageFull, Unavailable
from smartmail.domain.ids import AccountId
from smartmail.domain.leaks import LeakRule, LeakVerdict
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor
from smartmail.policy.leaks import CompiledRule, LeakRuleset
from smartmail.ports.clock import Clock
from smartmail.ports.store_directory import DirectoryStore
from smartmail.ports.store_leaks import LeakStore
from smartmail.service.flow.leak_dry_run.past import WAYS, Past, PastMail, Sent
from smartmail.service.flow.leak_dry_run.tally import Asked, Tally, Tried, action_of
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.clock import DAY, SECOND
from smartmail.service.protection.leaks import LeakJudge, OutgoingLetter
from smartmail.service.protection.leaks.rules import checked

LEAK_DRY_RUN: Final = "leaks.dry-run"
AT_ONCE: Final = 10
"""Letters that are opened together."""
HABITS: Final = frozenset({"first_to_domain", "company_first_to_domain"})
"""Facts about a letter that have changed since: a domain that was new then is known now."""
_FOREVER: Final = 1 << 62


class Store(DirectoryStore, Protocol):
    """Its groups."""

    @property
    def leaks(self) -> LeakStore: ...


class Progress(Protocol):
    """What a job gives to its work; see service.operations.admin_jobs."""

    kept: dict[str, Any] | None

    def note(self, done: int, total: int | None = None) -> None:
        """Say how far it is."""


class Wish(msgspec.Struct, frozen=True):
    """What is tried: rules that would begin, and by their ids those that would end or be turned on. Milliseconds."""

    since: int
    until: int
    begin: tuple[LeakRule, ...] = ()
    end: tuple[int, ...] = ()
    on: tuple[int, ...] = ()
    share: int = 50


@dataclass(frozen=True, slots=True)
class _Both:
    before: LeakRuleset
    after: LeakRuleset
    ways_matter: bool
    unsure: tuple[str, ...]
    asked: Asked

    @property
    def told(self) -> dict[str, Any]:
        """Return what is shown with the count."""
        return {"unsure": list(self.unsure), "asked": msgspec.to_builtins(self.asked)}


class LeakDryRun:
    """Does dry runs."""

    def __init__(self, store: Store, past: PastMail, judge: LeakJudge, authority: Authority, clock: Clock) -> None:
        self._store = store
        self._past = past
        self._judge = judge
        self._authority = authority
        self._clock = clock

    async def request(
        self, actor: Actor, days: int, begin: Sequence[LeakRule] = (), *, end: Sequence[int] = (), on: Sequence[int] = (),
        share: int = 50,
    ) -> dict[str, Any]:  # fmt: skip
        """Return what to ask the job for: a dry run over the mail of the last days, up to now.

        Raises Forbidden, NotFound (a rule), Invalid.
        """
        now = self._clock.now()
        wish = Wish(now - days * DAY, now, tuple(begin), tuple(end), tuple(on), share)
        await self._rules(actor, wish)
        return dict(msgspec.to_builtins(wish))

    async def work(self, actor: Actor, request: dict[str, Any], progress: Progress) -> dict[str, Any]:
        """Do one, or go on with it; return what was counted (`Tally`)."""
        wish = msgspec.convert(request, Wish)
        rules = await self._rules(actor, wish)
        kept = progress.kept or {"place": [0, 0], "tally": {}}
        progress.kept = {**kept, **rules.told}
        tally, (account_id, message_id) = msgspec.convert(kept["tally"], Tally), kept["place"]
        accounts = sorted(await self._store.accounts(actor.organization_id), key=lambda one: one.id)
        progress.note(tally.met, await self._total(accounts, wish))
        for account in accounts:
            if account.id < account_id:
                continue
            sent = await self._past.sent(account, wish.since, wish.until)
            ids = [one for one in sent.ids if account.id > account_id or one > message_id]
            for start in range(0, len(ids), AT_ONCE):
                await self._some(replace(sent, ids=tuple(ids[start : start + AT_ONCE])), rules, tally, progress, wish)
        return {"tally": msgspec.to_builtins(tally), **rules.told}

    async def _total(self, accounts: Sequence[Account], wish: Wish) -> int:
        return sum([len((await self._past.sent(one, wish.since, wish.until)).ids) for one in accounts])

    async def _some(self, sent: Sent, rules: _Both, tally: Tally, progress: Progress, wish: Wish) -> None:
        began = self._clock.now()
        for past in await self._past.letters(sent, sent.ids):
            if past.letter is None:
                tally.skip(past.reason)
            else:
                await self._one(sent.account.id, past, past.letter, rules, tally)
            progress.note(tally.met)
        progress.kept = {
            "place": [int(sent.account.id), int(sent.ids[-1])], "tally": msgspec.to_builtins(tally), **rules.told,
        }  # fmt: skip
        if wish.share < 100:
            await asyncio.sleep((self._clock.now() - began) / SECOND * (100 - wish.share) / wish.share)

    async def _one(self, account_id: AccountId, past: Past, letter: OutgoingLetter, rules: _Both, tally: Tally) -> None:
        """Judge a letter, by each way that it may have left where the rules tell them apart."""
        ways = WAYS if past.doubtful and rules.ways_matter else (letter.exit,)
        try:
            pairs = [
                await self._twice(replace(letter, exit=way, automatic=way == "planned"), past.at, rules) for way in ways
            ]
        except (Unavailable, StorageFull):
            raise
        except MailError:
            tally.skip("unreadable")
            return
        if len({(action_of(before), action_of(after)) for before, after in pairs}) > 1:
            tally.skip("exit")
        else:
            tally.note(account_id, past.at, *pairs[0])

    async def _twice(self, letter: OutgoingLetter, at: int, rules: _Both) -> tuple[LeakVerdict, LeakVerdict]:
        return await self._judge.tried(rules.before, letter, at), await self._judge.tried(rules.after, letter, at)

    async def _rules(self, actor: Actor, wish: Wish) -> _Both:
        """Return the rules in force and those that would be. Raises Forbidden, NotFound, Invalid."""
        await self._authority.require(actor, "leak.change", Scope("organization", str(int(actor.organization_id))))
        for rule in wish.begin:
            await self._authority.require(actor, "leak.change", rule.scope)
        epoch, rows = await self._store.leaks.rules()
        now, named = self._clock.now(), {*wish.end, *wish.on}
        seen = {row.id for row in rows if row.id in named and await self._authority.may(actor, "leak.read", row.scope)}
        if named - seen:
            raise NotFound("there is no such leak rule")
        held = [row for row in rows if row.in_force(now)]
        new = [replace(rule, id=-number, stage="on") for number, rule in enumerate(wish.begin, 1)]
        after = [replace(row, stage="on") if row.id in wish.on else row for row in held if row.id not in wish.end]
        for rule in new:
            checked(rule)
        both = [_always(one) for one in held], [_always(one) for one in (*after, *new)]
        asked = frozenset[str]().union(*(CompiledRule(one).condition.wanted.facts for one in (*both[0], *both[1])))
        apart = any(_names_ways(one) for one in (*both[0], *both[1])) or "exit" in asked or "automatic" in asked
        return _Both(
            LeakRuleset(epoch, both[0]),
            LeakRuleset(epoch, both[1]),
            apart,
            tuple(sorted(asked & HABITS)),
            _asked(wish, rows, new),
        )


def _asked(wish: Wish, rows: Sequence[LeakRule], new: Sequence[LeakRule]) -> Asked:
    tried = [Tried("begin", one.id, one.name) for one in new]
    tried += [Tried("on", one.id, one.name) for one in rows if one.id in wish.on]
    tried += [Tried("end", one.id, one.name) for one in rows if one.id in wish.end]
    return Asked(wish.since, wish.until, tuple(tried))


def _names_ways(rule: LeakRule) -> bool:
    return 0 < len(set(rule.exits) & set(WAYS)) < len(WAYS)


def _always(rule: LeakRule) -> LeakRule:
    return replace(rule, valid_from=None, valid_until=_FOREVER if rule.dated else None)
