"""What looks like a thief and what does not."""

import pytest

from smartmail.service.clock import HOUR, MINUTE, SECOND
from smartmail.service.defence.outbox import Mail, Outbox, points

NOW = 1_000_000_000
STOP = 4


def filled(mails) -> Outbox:
    outbox = Outbox()
    for mail in mails:
        outbox.add(mail)
    return outbox


def mail(at: int, *, recipients=1, strangers=1, digest="", network="192.0.2.0/24", country="KR") -> Mail:
    return Mail(at, recipients, strangers, digest, network, country)


def stopped_at(mails) -> int | None:
    """Return at which mail an account is stopped."""
    outbox = Outbox()
    for number, one in enumerate(mails, start=1):
        outbox.add(one)
        if points(outbox.look(one.at, 45)) >= STOP:
            return number
    return None


def test_the_same_text_to_strangers_is_stopped_within_twenty():
    assert stopped_at([mail(NOW + number * 5 * SECOND, digest="x") for number in range(60)]) == 20


def test_other_text_each_time_in_a_burst_is_stopped_within_thirty():
    assert stopped_at([mail(NOW + number * SECOND, digest=f"{number}") for number in range(60)]) <= 30


def test_slow_and_varied_is_stopped_within_fifty():
    mails = [mail(NOW + number * MINUTE, digest=f"{number}") for number in range(60)]
    assert stopped_at(mails) <= 50


def test_strangers_and_bounces_are_stopped():
    outbox = filled([mail(NOW + number * 20 * SECOND, digest=f"{number}") for number in range(21)])
    now = NOW + 21 * 20 * SECOND
    assert points(outbox.look(now, 45)) < STOP
    outbox.bounced(9, now)
    assert points(outbox.look(now, 45)) >= STOP


def test_many_places_and_the_same_text():
    mails = [
        mail(NOW + n * SECOND, digest="x", strangers=0, network=f"192.0.{n}.0/24", country="AB"[n % 2] * 2)
        for n in range(15)
    ]
    assert set(filled(mails).look(NOW + 15 * SECOND, 45)) == {"places", "sameness"}


@pytest.mark.parametrize(
    "mails",
    [
        # A circular to a hundred strangers.
        [mail(NOW, recipients=100, strangers=100, digest="x")],
        # A busy hour of answers to people known.
        [mail(NOW + n * MINUTE, strangers=0, digest=f"{n}") for n in range(55)],
        # The same report to thirty colleagues, one by one.
        [mail(NOW + n * SECOND, strangers=0, digest="x") for n in range(19)],
        # A travelling person: three networks, two countries.
        [
            mail(NOW + n * MINUTE, strangers=n % 4 == 0, network=f"192.0.{n % 3}.0/24", country="KR" if n % 2 else "JP")
            for n in range(40)
        ],
        # Forty invitations, each with its own words, over an hour.
        [mail(NOW + n * 85 * SECOND, digest=f"{n}") for n in range(40)],
    ],
    ids=["circular", "answers", "report", "travel", "invitations"],
)
def test_what_people_do_is_not_stopped(mails):
    assert stopped_at(mails) is None


def test_an_accounts_own_habits_count():
    mails = [mail(NOW + number * SECOND, strangers=0, digest=f"{number}") for number in range(40)]
    outbox = filled(mails)
    assert "burst" in outbox.look(NOW + 40 * SECOND, 45)
    outbox.peak_minute = 20
    assert "burst" not in outbox.look(NOW + 40 * SECOND, 45)


def test_an_hour_later_all_is_forgotten():
    outbox = filled([mail(NOW + number * SECOND, digest="x") for number in range(60)])
    assert outbox.look(NOW + HOUR + 2 * MINUTE, 45) == {}
    outbox.add(mail(NOW + 3 * HOUR))
    assert len(outbox.mails) == 1
