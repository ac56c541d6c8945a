"""What looks like a thief and what does not, over a seeded year of an office (office_year)."""

import random
from dataclasses import replace
from functools import cache

import msgspec
import pytest
from tests.unit.service_defence.office_year import (
    DAYS,
    START,
    STOP,
    Sender,
    business_system,
    live,
    notices,
    payroll,
    payslips,
    person,
    recruiting,
    sales,
    secretary,
    stopped_at,
)  # fmt: skip

from smartmail.service.kernel.clock import DAY, HOUR, MINUTE, SECOND
from smartmail.service.protection.defence.outbox import BOUNCES_LEAST, MOST_RUNS, Habit, Mail, Outbox

TODAY = START + DAYS * DAY
SEEDS = range(6)


@pytest.mark.parametrize(
    "mails",
    [
        *(person(seed) for seed in SEEDS), payroll(1), business_system(), business_system(outside=True), sales(2),
        recruiting(3), secretary(4),
    ],
    ids=[*(f"person-{seed}" for seed in SEEDS), "payroll", "system", "system-outside", "sales", "recruiting", "secretary"],
)  # fmt: skip
def test_a_year_of_an_office_stops_nobody(mails):
    assert live(mails).highest < STOP


@cache
def _lived(name: str) -> Sender:
    years = {"person": person(7), "payroll": payroll(8), "system": business_system(), "nobody": ()}
    return live(years[name])


def at_the_end(name: str) -> Sender:
    """Return an account at the end of its year, to be written on."""
    lived = _lived(name)
    return Sender(
        replace_outbox(lived.outbox), dict(lived.days), {hour: set(days) for hour, days in lived.hours.items()}
    )


def replace_outbox(kept: Outbox) -> Outbox:
    return replace(
        kept, seen=kept.seen.copy(), runs=kept.runs.copy(), networks=kept.networks.copy(), near=kept.near.copy(),
        bounces=kept.bounces.copy(), today=kept.today.copy(),
    )  # fmt: skip


# Runs that are no theft


@pytest.mark.parametrize("name", ["person", "payroll", "nobody"])
@pytest.mark.parametrize("seconds", [0.2, 1, 10])
def test_payslips_are_no_theft_whoever_sends_them_for_the_first_time(name, seconds):
    place = "unknown" if name == "nobody" else "usual"
    assert stopped_at(at_the_end(name), payslips(TODAY + HOUR, seconds=seconds, place=place)) is None


def test_two_thousand_employees_are_paid_too():
    assert stopped_at(at_the_end("payroll"), payslips(TODAY + HOUR, count=2000, seconds=0.5)) is None


def test_files_made_for_each_customer_are_a_theft_where_no_place_is_known():
    mails = [Mail(TODAY + n * SECOND, known=1, words="x", files=f"{n}") for n in range(60)]
    assert stopped_at(Sender(), mails) <= 50


def test_what_one_process_weighs_another_does_too():
    told = Mail(TODAY, 1, 2, 3, "w", "s", "l", "f", True, "new", False, "192.0.2.0/24", "KR", Habit(1, 2, 3))
    assert msgspec.json.decode(msgspec.json.encode(told), type=Mail) == told


def test_the_same_notice_of_a_business_system_is_none_and_neither_is_half_as_much_again():
    sender = at_the_end("system")
    assert stopped_at(sender, notices(TODAY + HOUR, seconds=0.1)) is None
    assert stopped_at(sender, notices(TODAY + DAY + HOUR, count=450, seconds=0.1)) is None
    assert stopped_at(sender, notices(TODAY + 2 * DAY + HOUR, count=2000, seconds=0.1)) is not None


def test_a_run_that_policy_expects_is_none():
    run = [replace(one, habit=Habit(1000, 1000, 0)) for one in notices(TODAY, count=300)]
    outbox = Outbox()
    assert sum(outbox.add(one) for one in run) < STOP


def test_two_hundred_who_are_known_get_a_greeting_with_a_stop_that_its_writer_can_release():
    assert stopped_at(at_the_end("person"), notices(TODAY + HOUR, outside=True)) > 40


# Thefts: each within fifty mails


def theft(*, readers: str, place: str, alike: bool = True, link: bool = True, every: int = SECOND, night: bool = False):
    """A thief's mails, a thousand of them."""
    begin = TODAY + (17 * HOUR if night else HOUR)
    for number in range(1000):
        yield Mail(
            begin + number * every, words="buy" if alike else f"{number}", subject="" if alike else f"s{number}",
            link="phish" if link else "", place=place, **{readers: 1},
        )  # fmt: skip


@pytest.mark.parametrize("name", ["person", "payroll", "system", "nobody"])
@pytest.mark.parametrize("readers", ["strangers", "known", "inside"])
@pytest.mark.parametrize("every", [SECOND, MINUTE, 20 * MINUTE], ids=["burst", "minute", "slow"])
@pytest.mark.parametrize(("alike", "link"), [(True, True), (True, False), (False, True)], ids=["both", "words", "link"])
def test_a_theft_from_elsewhere_is_stopped_within_fifty(name, readers, every, alike, link):
    mails = theft(readers=readers, place="new", alike=alike, link=link, every=every)
    assert stopped_at(at_the_end(name), mails) <= 50


@pytest.mark.parametrize("readers", ["strangers", "known", "inside"])
@pytest.mark.parametrize("place", ["usual", "unknown"])
@pytest.mark.parametrize("every", [SECOND, MINUTE])
@pytest.mark.parametrize(("alike", "link"), [(True, True), (True, False), (False, True)], ids=["both", "words", "link"])
def test_a_theft_by_a_machine_of_the_owners_own_is_stopped_within_fifty(readers, place, every, alike, link):
    mails = theft(readers=readers, place=place, alike=alike, link=link, every=every)
    assert stopped_at(at_the_end("person"), mails) <= 50


def test_other_words_each_time_to_strangers_are_stopped_within_fifty():
    mails = theft(readers="strangers", place="unknown", alike=False, link=False, every=MINUTE)
    assert stopped_at(at_the_end("nobody"), mails) <= 50


def test_every_account_that_one_thief_has_is_stopped_for_itself():
    for seed in range(3):
        victim = live(person(20 + seed))
        assert stopped_at(victim, theft(readers="known", place="new", every=30 * SECOND)) <= 30


def test_answers_that_go_elsewhere_are_a_payload():
    plain, asking = [
        [Mail(TODAY + n * SECOND, inside=1, words="x", answers=asks) for n in range(60)] for asks in (0, 1)
    ]
    assert stopped_at(Sender(), asking) < stopped_at(Sender(), plain) <= 50


def test_one_file_for_all_from_elsewhere_is_a_payload_and_one_for_each_is_none_there():
    same = [Mail(TODAY + n * SECOND, inside=1, words="x", files="f", place="new") for n in range(60)]
    assert stopped_at(Sender(), same) < stopped_at(Sender(), payslips(TODAY, place="new")) <= 50


def test_an_odd_hour_weighs_more():
    by_day, by_night = (
        stopped_at(at_the_end("person"), theft(readers="strangers", place="new", night=night))
        for night in (False, True)
    )
    assert by_night < by_day


def test_a_circular_to_many_is_one_mail_and_fifty_of_them_are_a_theft():
    circulars = [Mail(TODAY + n * MINUTE, strangers=200, words=f"{n}") for n in range(50)]
    assert Outbox().add(circulars[0]) < STOP / 4
    assert stopped_at(Sender(), circulars) <= 50


def test_many_places_within_an_hour_weigh_more():
    mails = [Mail(TODAY + n * SECOND, known=1, words="x", network=f"{n}", country="AB"[n % 2]) for n in range(60)]
    sender = Sender()
    assert stopped_at(sender, mails) <= 40
    assert set(sender.outbox.evidence()) == {"sameness", "places"}


def test_bounces_weigh_once_they_are_a_third():
    outbox = Outbox()
    for number in range(21):
        outbox.add(Mail(TODAY + number * 20 * SECOND, strangers=1, words=f"{number}"))
    now = TODAY + 21 * 20 * SECOND
    assert outbox.level < STOP
    outbox.bounced(BOUNCES_LEAST, now)
    assert outbox.level >= STOP
    assert outbox.evidence()["bounces"] == BOUNCES_LEAST
    wide = Outbox()
    wide.add(Mail(TODAY, known=100, words="circular"))
    wide.bounced(20, TODAY + MINUTE)
    assert wide.level < STOP / 10


def test_a_day_later_all_has_run_off_and_an_account_takes_no_more_room_however_much_it_sends():
    outbox = Outbox()
    dice = random.Random(1)
    for number in range(5000):
        outbox.add(Mail(TODAY + number, known=1, words=f"{dice.random()}", subject=f"{number}", network=f"{number}"))
    assert max(len(outbox.runs), len(outbox.networks)) <= MOST_RUNS
    calm = Outbox()
    for number in range(20):
        calm.add(Mail(TODAY + number, strangers=1, words="x"))
    calm.add(Mail(TODAY + DAY, inside=1, words="y"))
    assert calm.level < 1
    assert calm.evidence() == {}
