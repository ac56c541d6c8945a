"""A year of an office's outgoing mail, made from a seed: people, payroll, a business system, marketing, sales, recruiting.

Nothing is sent and nothing waits: mails are the numbers and digests that defence keeps of them. A history of days is kept as
the store keeps it (service.protection.defence.habits): of days before today only.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from smartmail.service.kernel.clock import DAY, HOUR, MINUTE, SECOND
from smartmail.service.protection.defence.habits import HOUR_SHARE, HOURS_LEAST, MUCH
from smartmail.service.protection.defence.outbox import Habit, Mail, Outbox

START = 20_000 * DAY
"""A Thursday; midnight in UTC is nine o'clock in Seoul, so that a working day begins there."""
DAYS = 365
STOP = 100.0


@dataclass
class Sender:
    """One account: what it has sent lately, and its days and hours of the past."""

    outbox: Outbox = field(default_factory=Outbox)
    days: dict[int, Habit] = field(default_factory=dict)
    hours: dict[int, set[int]] = field(default_factory=dict)
    highest: float = 0.0
    known: tuple[int, Habit, dict[int, bool]] = (-1, Habit(), {})

    def send(self, mail: Mail) -> float:
        """Return how suspicious the account is after a mail."""
        day, hour = mail.at // DAY, mail.at // HOUR % 24
        if self.known[0] != day:
            past = [one for at, one in self.days.items() if at < day]
            most = Habit(*(max((getattr(one, name) for one in past), default=0) for name in Habit.__slots__))
            self.known = (day, most, {one: self.is_usual(one) for one in range(24)})
        _day, habit, hours = self.known
        self.outbox.add(replace(mail, habit=habit, usual_hour=hours[hour]))
        self.hours.setdefault(hour, set()).add(day)
        today = self.outbox.today
        seen = Habit(today["inside"], today["outside"], today["strangers"])
        if max(seen.inside, seen.outside, seen.strangers) >= MUCH:
            self.days[day] = seen
        self.highest = max(self.highest, self.outbox.level)
        return self.outbox.level

    def is_usual(self, hour: int) -> bool:
        """Say as service.protection.defence.habits does whether an hour is one of the account's."""
        counts = [len(self.hours.get(one, ())) for one in range(24)]
        near = sum(counts[(hour + shift) % 24] for shift in (-1, 0, 1))
        return sum(counts) < HOURS_LEAST or near > max(2, HOUR_SHARE * sum(counts))


def live(mails: Iterable[Mail]) -> Sender:
    """Return an account that has sent all of these."""
    sender = Sender()
    for mail in sorted(mails, key=lambda one: one.at):
        sender.send(mail)
    return sender


def stopped_at(sender: Sender, mails: Iterable[Mail]) -> int | None:
    """Return at which of these mails an account is stopped, None: at none of them."""
    for number, mail in enumerate(mails, start=1):
        if sender.send(mail) >= STOP:
            return number
    return None


def working_days() -> list[int]:
    """Return the beginnings of the days on which people work."""
    return [START + day * DAY for day in range(DAYS) if (day + 3) % 7 < 5]


def person(seed: int, *, busy: int = 60) -> Iterator[Mail]:
    """Somebody who answers: up to `busy` mails a day, each with its own words; two journeys, some evenings."""
    dice = random.Random(seed)
    journeys = {dice.randrange(240) + shift for _ in range(2) for shift in range(10)}
    for number, day in enumerate(working_days()):
        place = "new" if number in journeys else "usual"
        for _ in range(dice.randrange(3, busy)):
            at = day + dice.randrange(9 * HOUR) + (3 * HOUR if dice.random() < 0.05 else 0)
            kind = dice.random()
            # Of a thread the subject stays, and a greeting or a thank-you is what many mails begin with.
            words = f"{dice.random()}" if dice.random() < 0.97 else "thanks"
            one = Mail(at, words=words, place=place, link=f"{dice.random()}" if dice.random() < 0.1 else "")
            if kind < 0.7:
                yield replace(one, inside=dice.choice((1, 1, 1, 2, 5, 30)))
            elif kind < 0.96:
                yield replace(one, known=dice.choice((1, 1, 2)), inside=dice.randrange(3))
            else:
                yield replace(one, strangers=1)


def payslips(at: int, *, count: int = 300, seconds: float = 1, place: str = "usual") -> Iterator[Mail]:
    """One letter to each employee: the same words, a file of their own."""
    for number in range(count):
        yield Mail(
            at + round(number * seconds * SECOND), inside=1, words="payslip", subject="payslip", files=f"{at} {number}",
            place=place,
        )  # fmt: skip


def payroll(seed: int) -> Iterator[Mail]:
    """Somebody of the personnel department, who pays on the twenty-fifth."""
    yield from person(seed, busy=25)
    for month in range(12):
        yield from payslips(START + (30 * month + 25) * DAY + 2 * HOUR)


def notices(at: int, *, count: int = 300, seconds: float = 1, link: str = "", outside: bool = False) -> Iterator[Mail]:
    """The same words to each."""
    for number in range(count):
        yield Mail(
            at + round(number * seconds * SECOND), inside=0 if outside else 1, known=1 if outside else 0, words="notice",
            subject="notice", link=link, place="usual",
        )  # fmt: skip


def business_system(*, outside: bool = False) -> Iterator[Mail]:
    """An account of a business system: few at first, some three hundred the same a day from then on."""
    for number, day in enumerate(working_days()):
        yield from notices(day + HOUR, count=min(300, 40 + 15 * number), outside=outside)


def sales(seed: int) -> Iterator[Mail]:
    """Somebody who writes the same offer to fifteen new people a day."""
    yield from person(seed, busy=40)
    dice = random.Random(seed)
    for day in working_days():
        for number in range(15):
            yield Mail(
                day + dice.randrange(8 * HOUR), strangers=1, words="offer", subject="offer", files="prices", place="usual",
                network=f"192.0.2.{number % 2}",
            )  # fmt: skip


def recruiting(seed: int) -> Iterator[Mail]:
    """Somebody who invites forty strangers within the hour, four times a year."""
    yield from person(seed, busy=30)
    for quarter in range(4):
        at = START + (90 * quarter + 12) * DAY + 5 * HOUR
        for number in range(40):
            yield Mail(at + number * MINUTE, strangers=1, words="invitation", subject="invitation", place="usual")


def secretary(seed: int) -> Iterator[Mail]:
    """Somebody who writes circulars to two hundred, a few of them to outsiders whom nobody knows."""
    yield from person(seed, busy=50)
    dice = random.Random(seed)
    for day in working_days()[::3]:
        yield Mail(day + 3 * HOUR, inside=200, words=f"{dice.random()}", place="usual")
        yield Mail(day + 4 * HOUR, strangers=30, known=20, words=f"{dice.random()}", place="usual")
