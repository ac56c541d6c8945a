"""Counts the rows of a day: stories, their events, logins. Which row counts as what is said here and nowhere else.

A story counts on the day of its id, an event on the day of its own; an event of a kind that is not named here counts as
nothing. Pure: rows come in opened.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Final

from smartmail.domain.account import Account
from smartmail.domain.audit import RecordFacts
from smartmail.domain.figures import DAY_MS, DayFigures, Standing, Tally, begin_of
from smartmail.domain.trace import Beginning, Event, Facts, time_of
from smartmail.formats.address import split_address

BACK_DAYS: Final = 35
"""How old a story may be that something happens to: the queue keeps five days, quarantine thirty."""
MOST_DOMAINS: Final = 5_000
VIRUS: Final = "virus"
"""The rule under which engines tell of malware."""
SPAM: Final = frozenset({"junk", "quarantine", "reject"})
DOORS_IN: Final = frozenset({"smtp", "lmtp"})


class DayCount:
    """Takes the rows of one day of one company."""

    def __init__(self, day: date, ours: frozenset[str]) -> None:
        """`ours`: domains that are not outside."""
        self.since = begin_of(day)
        self.until = self.since + DAY_MS
        self.figures = DayFigures()
        self._ours = ours
        self._from: Counter[str] = Counter()
        self._to: Counter[str] = Counter()

    def story(self, story_id: int, one: Beginning) -> None:
        """Count a story, and those of its events that lie in its beginning."""
        if self.since <= time_of(story_id) < self.until:
            self._story(one)
        for seq, event in one.events:
            self.event(one, seq, event)

    def event(self, one: Beginning, seq: int, event: Event) -> None:
        """Count an event of a story."""
        if not self.since <= time_of(seq) < self.until:
            return
        sender = one.facts.account_id
        if event.kind == "delivered":
            self._delivered(one, event)
        elif event.kind in {"bounced", "expired"} and sender:
            self.figures.person(sender).bounced += 1
        elif event.kind == "checked":
            infected = any(rule == VIRUS for rule, _ in event.rules)
            self.figures.whole.virus += infected
            self.figures.whole.spam += event.act in SPAM and not infected

    def login(self, facts: RecordFacts) -> None:
        """Count the record of a knock at a door."""
        well = facts.action == "login.ok"
        good, bad = self.figures.countries.get(facts.country, (0, 0))
        self.figures.countries[facts.country] = (good + well, bad + (not well))
        if facts.account_id:
            person = self.figures.person(facts.account_id)
            person.logins += well
            person.failures += not well

    def end(self, accounts: Iterable[Account], last_logins: dict[int, int]) -> DayFigures:
        """Return the day, with where accounts stood. What is not of one of them any more stays in the sums."""
        self.figures.standing = {
            int(one.id): Standing(
                one.department_id, one.used, one.messages, last_logins.get(int(one.id), 0),
                one.may("login") and one.kind == "person",
            )
            for one in accounts
        }  # fmt: skip
        domains = sorted(set(self._from) | set(self._to), key=lambda name: (-self._from[name] - self._to[name], name))
        self.figures.outside = {name: (self._from[name], self._to[name]) for name in domains[:MOST_DOMAINS]}
        return self.figures

    def _story(self, one: Beginning) -> None:
        facts, whole = one.facts, self.figures.whole
        if any(event.kind == "rejected" for _, event in one.events):
            whole.rejected += 1
        elif facts.account_id:
            person = self.figures.person(facts.account_id)
            person.sent += 1
            person.sent_octets += facts.size
            person.recipients += facts.count or len(facts.recipients)
        elif facts.door in DOORS_IN:
            whole.incoming += 1
            whole.incoming_octets += facts.size
            domain = self._outside(facts.sender)
            if domain:
                self._from[domain] += 1

    def _delivered(self, one: Beginning, event: Event) -> None:
        facts = one.facts
        if event.account_id:
            person = self.figures.person(event.account_id)
            person.received += 1
            person.received_octets += facts.size
            person.received_outside += self._is_outside(facts)
            person.spam += any(had.kind == "checked" and had.act == "junk" for _, had in one.events)
            return
        domain = self._outside(event.recipient)
        if domain and event.host:
            self._to[domain] += 1
            if facts.account_id:
                self.figures.person(facts.account_id).handed_over += 1

    def _is_outside(self, facts: Facts) -> bool:
        return not facts.account_id and facts.door in DOORS_IN and bool(self._outside(facts.sender))

    def _outside(self, address: str) -> str:
        """Return the domain of an address, "" where it is ours or none."""
        domain = split_address(address)[1].lower()
        return "" if domain in self._ours else domain


def tally_of(days: Iterable[DayFigures], wanted: frozenset[int] | None = None) -> dict[int, Tally]:
    """Return the sums of days by person: of all, or of some."""
    sums: dict[int, Tally] = {}
    for day in days:
        for account_id, tally in day.people.items():
            if wanted is None or account_id in wanted:
                sums.setdefault(account_id, Tally()).add(tally)
    return sums
