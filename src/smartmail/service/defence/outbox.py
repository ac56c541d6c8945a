"""What one account has sent lately, and what that looks like. Arithmetic only.

DETECTORS (points)
  burst 2      more mails in a minute than BURST_LEAST and three times as many as ever
  strangers 2  most of many recipients are people to whom the account has never written
  sameness 2   the same text again and again, to one or few at a time
  bounces 2    many recipients do not exist
  places 2     sent from many networks, or countries, within an hour
  flood 4      mails to strangers in an hour beyond any use that the account has had
One of them alone is what busy people do; two together are what stolen accounts do.
"""

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from smartmail.service.clock import HOUR, MINUTE

BURST_LEAST: Final = 20
STRANGERS_LEAST: Final = 20
STRANGERS_SHARE: Final = 0.8
SAME_LEAST: Final = 15
BOUNCES_LEAST: Final = 8
NETWORKS_MOST: Final = 4
COUNTRIES_MOST: Final = 2
NEAR: Final = 10 * MINUTE
MOST_MAILS: Final = 400
"""Mails of an account that are remembered: more than are needed to stop it."""
FEW: Final = 5
"""Recipients of a mail up to which the same text counts as sent again: a circular to a hundred is one mail."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail that left: when, to how many, how many of them strangers, a digest of its text, from where."""

    at: int
    recipients: int
    strangers: int
    digest: str
    network: str
    country: str = ""


@dataclass(slots=True)
class Outbox:
    """The last hour of one account."""

    mails: deque[Mail] = field(default_factory=lambda: deque(maxlen=MOST_MAILS))
    bounces: deque[int] = field(default_factory=lambda: deque(maxlen=MOST_MAILS))
    peak_minute: int = 0
    peak_hour: int = 0
    loaded: bool = False

    def add(self, mail: Mail) -> None:
        """Note a mail and forget what is older than an hour."""
        self.mails.append(mail)
        while self.mails and self.mails[0].at <= mail.at - HOUR:
            self.mails.popleft()

    def bounced(self, count: int, now: int) -> None:
        """Note recipients that could not be reached for good."""
        self.bounces.extend([now] * count)

    def rates(self, now: int) -> tuple[int, int]:
        """Return how many mails the last minute and the last hour had."""
        return sum(mail.at > now - MINUTE for mail in self.mails), sum(mail.at > now - HOUR for mail in self.mails)

    def look(self, now: int, flood_at: int) -> Mapping[str, int]:
        """Return what speaks for a thief: detector → how often."""
        near = [mail for mail in self.mails if mail.at > now - NEAR]
        minute, hour = self.rates(now)
        found: dict[str, int] = {}
        if minute > max(BURST_LEAST, 3 * self.peak_minute):
            found["burst"] = minute
        strangers, recipients = sum(mail.strangers for mail in near), sum(mail.recipients for mail in near)
        if strangers >= STRANGERS_LEAST and strangers >= STRANGERS_SHARE * recipients:
            found["strangers"] = strangers
        again = Counter(mail.digest for mail in near if mail.recipients <= FEW and mail.digest)
        same = max(again.values(), default=0)
        if same >= SAME_LEAST:
            found["sameness"] = same
        bounces = sum(at > now - NEAR for at in self.bounces)
        if bounces >= BOUNCES_LEAST and 3 * bounces >= recipients:
            found["bounces"] = bounces
        networks, countries = {mail.network for mail in self.mails}, {m.country for m in self.mails if m.country}
        if len(networks - {""}) >= NETWORKS_MOST or len(countries) > COUNTRIES_MOST:
            found["places"] = max(len(networks), len(countries))
        to_strangers = sum(mail.at > now - HOUR and 2 * mail.strangers > mail.recipients for mail in self.mails)
        if to_strangers >= flood_at and hour > 3 * self.peak_hour:
            found["flood"] = to_strangers
        return found


POINTS: Final[Mapping[str, int]] = {
    "burst": 2, "strangers": 2, "sameness": 2, "bounces": 2, "places": 2, "flood": 4,
}  # fmt: skip


def points(found: Mapping[str, int]) -> int:
    """Return how much all of it weighs."""
    return sum(POINTS[name] for name in found)
