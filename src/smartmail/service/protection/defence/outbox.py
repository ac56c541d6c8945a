"""How much what an account sends looks like a thief's: a number that rises with each mail and runs off in a day. Arithmetic only.

A mail weighs what its place, its readers and its likeness make of it (WEIGHTS); the threshold is policy's (100).
  readers   people of ours · outsiders written to before · outsiders never written to: the least known of a mail counts
  likeness  of its own · alike: the same words, subject or new link again and again · with a payload: alike, and a link to
            where nobody of the house has ever led, answers that go elsewhere, or one file for all from an unusual place
  place     usual · unknown (the account has no history of places) · new
Alike mails that each carry a file of their own to people of ours (from the usual place: to people known) are a run of
payslips and weigh next to nothing; a run no
larger than half as much again as the account's largest of an earlier day, or than policy expects, weighs nothing. Neither
counts from a new place, and a payload needs the usual one.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from smartmail.domain.defence import SendingPlace
from smartmail.service.kernel.clock import DAY, HOUR, MINUTE

Readers = Literal["inside", "known", "strangers"]
Likeness = Literal["own", "alike", "payload"]

RUNS_OFF: Final = 100 / DAY
"""What runs off in a millisecond."""
ALIKE_FROM: Final = 4
"""The same for the so-manieth time is alike."""
PERSONAL: Final[Mapping[SendingPlace, float]] = {"usual": 0.02, "unknown": 0.1}
"""What is left of the weight of a letter alike that brings its reader a file of their own."""
WITHIN_HABIT: Final = 0.25
ODD: Final = 1.5
"""An hour at which the account never sends, or many places at a time."""
MORE_THAN_EVER: Final = 1.5
BOUNCE: Final = 8.0
BOUNCES_LEAST: Final = 8
NEAR: Final = 10 * MINUTE
NETWORKS_MOST: Final = 4
COUNTRIES_MOST: Final = 2
READERS_MOST: Final = 11
"""A mail to more weighs four times one to a single reader: a circular is one mail."""
MOST_RUNS: Final = 64
MOST_NEAR: Final = 100

WEIGHTS: Final[Mapping[Readers, Mapping[SendingPlace, tuple[float, float, float]]]] = {
    "inside": {"usual": (0.25, 2.3, 4), "unknown": (0.25, 2.3, 4), "new": (0.5, 4, 8)},
    "known": {"usual": (0.25, 2.3, 4), "unknown": (0.25, 2.3, 4), "new": (0.5, 4, 8)},
    "strangers": {"usual": (1, 2.3, 5), "unknown": (2.3, 4, 6), "new": (3, 5, 8)},
}
"""By readers and place: a mail of its own, one alike, one with a payload. 2.3 are 47 mails, 5 are 20, 8 are 13."""


@dataclass(frozen=True, slots=True)
class Habit:
    """The most of a day in the past: alike mails to people of ours and to outsiders, outsiders who were strangers."""

    inside: int = 0
    outside: int = 0
    strangers: int = 0


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that left. `words`, `subject`, `link`, `files` are digests, "" for none; `link`: where nobody of the house
    has led before. `answers`: they go to another address outside. `habit`: what is no wonder for this account.
    """

    at: int
    inside: int = 0
    known: int = 0
    strangers: int = 0
    words: str = ""
    subject: str = ""
    link: str = ""
    files: str = ""
    answers: bool = False
    place: SendingPlace = "unknown"
    usual_hour: bool = True
    network: str = ""
    country: str = ""
    habit: Habit = Habit()

    @property
    def readers(self) -> Readers:
        """Return the least known of its readers."""
        if self.strangers:
            return "strangers"
        return "known" if self.known else "inside"

    @property
    def recipients(self) -> int:
        """Return how many they are."""
        return self.inside + self.known + self.strangers


@dataclass(slots=True)
class Outbox:
    """What is remembered of one account: numbers and digests, however much it sends."""

    level: float = 0.0
    level_at: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    runs: OrderedDict[str, tuple[int, int]] = field(default_factory=OrderedDict)
    networks: OrderedDict[str, tuple[int, str]] = field(default_factory=OrderedDict)
    near: deque[tuple[int, int]] = field(default_factory=lambda: deque(maxlen=MOST_NEAR))
    bounces: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_NEAR))
    day: int = 0
    today: Counter[str] = field(default_factory=Counter)

    def add(self, mail: Mail) -> float:
        """Note a mail; return what it weighs."""
        self._run_off(mail.at)
        self._turn(mail.at)
        likeness, again = self._likeness(mail)
        readers = mail.readers
        self.today["strangers"] += mail.strangers
        if likeness != "own":
            self.today[_side(readers)] += 1
        self.near.append((mail.at, mail.recipients))
        many = self._is_in_many_places(mail)
        weight = self._weight(mail, likeness, again)
        if many or (not mail.usual_hour and mail.place != "usual"):
            weight *= ODD
        self.level += weight
        if weight > WITHIN_HABIT:
            self._note(mail, likeness, again, many=many)
        return weight

    def bounced(self, count: int, now: int) -> None:
        """Note recipients that could not be reached for good: they weigh once they are a third of all."""
        self._run_off(now)
        self.bounces.extend([now] * min(count, MOST_NEAR))
        found = sum(at > now - NEAR for at in self.bounces)
        if found >= BOUNCES_LEAST and 3 * found >= sum(number for at, number in self.near if at > now - NEAR):
            self.level += BOUNCE * found
            self.seen["bounces"] += found
            self.bounces.clear()

    def evidence(self) -> Mapping[str, int]:
        """Return what speaks for a thief: sign → how often."""
        return dict(self.seen)

    def alike(self, *keys: str) -> int:
        """Return how often one of these was seen within a day."""
        return max((self.runs.get(key, (0, 0))[0] for key in keys if key), default=0)

    # Weighing

    def _likeness(self, mail: Mail) -> tuple[Likeness, Counter[str]]:
        again = Counter({key: self._again(f"{key}:{said}", mail.at) for key, said in _digests(mail) if said})
        if max(again["words"], again["subject"], again["link"]) < ALIKE_FROM:
            return "own", again
        if again["link"] >= ALIKE_FROM or mail.answers:
            return "payload", again
        return ("payload" if again["files"] >= ALIKE_FROM and mail.place != "usual" else "alike"), again

    def _again(self, key: str, now: int) -> int:
        count, at = self.runs.get(key, (0, 0))
        count = count + 1 if at > now - DAY else 1
        self.runs[key] = (count, now)
        self.runs.move_to_end(key)
        while len(self.runs) > MOST_RUNS:
            self.runs.popitem(last=False)
        return count

    def _weight(self, mail: Mail, likeness: Likeness, again: Counter[str]) -> float:
        readers = mail.readers
        own, alike, payload = WEIGHTS[readers][mail.place]
        base = {"own": own, "alike": alike, "payload": payload}[likeness]
        if mail.place != "new":
            base = self._excused(mail, likeness, again, base)
        count = {"inside": mail.inside, "known": mail.known, "strangers": mail.strangers}[readers]
        return base * (1 + 0.3 * (min(max(count, 1), READERS_MOST) - 1))

    def _excused(self, mail: Mail, likeness: Likeness, again: Counter[str], base: float) -> float:
        """Return what is left where the account has always done so, or each reader gets a file of their own."""
        readers, habit = mail.readers, mail.habit
        if likeness == "own":
            is_usual = readers == "strangers" and self.today["strangers"] <= MORE_THAN_EVER * habit.strangers
            return min(base, WITHIN_HABIT) if is_usual else base
        most = habit.inside if readers == "inside" else habit.outside
        if self.today[_side(readers)] <= MORE_THAN_EVER * most and (likeness == "alike" or mail.place == "usual"):
            return 0.0
        is_ours = readers == "inside" or (readers == "known" and mail.place == "usual")
        if likeness == "alike" and is_ours and again["files"] == 1:
            return base * PERSONAL[mail.place]
        return base

    def _is_in_many_places(self, mail: Mail) -> bool:
        if mail.network:
            self.networks[mail.network] = (mail.at, mail.country)
            self.networks.move_to_end(mail.network)
        while self.networks and (
            len(self.networks) > MOST_RUNS or next(iter(self.networks.values()))[0] <= mail.at - HOUR
        ):
            self.networks.popitem(last=False)
        countries = {country for _at, country in self.networks.values() if country}
        return len(self.networks) >= NETWORKS_MOST or len(countries) > COUNTRIES_MOST

    def _note(self, mail: Mail, likeness: Likeness, again: Counter[str], *, many: bool) -> None:
        self.seen["strangers"] += mail.strangers
        if likeness != "own":
            self.seen["sameness"] = max(self.seen["sameness"], again["words"], again["subject"], again["link"])
        if likeness == "payload":
            self.seen["links"] += again["link"] >= ALIKE_FROM
            self.seen["answers"] += mail.answers
            self.seen["files"] += again["files"] >= ALIKE_FROM
        self.seen["place"] += mail.place == "new"
        self.seen["hours"] += not mail.usual_hour
        if many:
            self.seen["places"] = max(self.seen["places"], len(self.networks))
        self.seen = +self.seen

    def _run_off(self, now: int) -> None:
        self.level = max(0.0, self.level - RUNS_OFF * max(0, now - self.level_at))
        self.level_at = max(now, self.level_at)
        if not self.level:
            self.seen.clear()

    def _turn(self, now: int) -> None:
        if now // DAY != self.day:
            self.day = now // DAY
            self.today.clear()


def _side(readers: Readers) -> str:
    return "inside" if readers == "inside" else "outside"


def _digests(mail: Mail) -> tuple[tuple[str, str], ...]:
    return ("words", mail.words), ("subject", mail.subject), ("link", mail.link), ("files", mail.files)
