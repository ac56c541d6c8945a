"""A dry run of leak rules over sent mail: it says what will happen, changes nothing, and goes on where it ended."""

import random
import sqlite3
from contextlib import suppress
from dataclasses import replace

import pytest
from tests.flows.house import open_house
from tests.flows.test_big_attachments import submit
from tests.flows.test_footers import by_jmap
from tests.strength import rounds

from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.leaks import IncidentQuery, LeakAction, LeakRule
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.leak_dry_run import LEAK_DRY_RUN, Tally, Wish
from smartmail.service.flow.leak_dry_run.tally import action_of
from smartmail.service.flow.outgoing.leaks import LeakBlocked
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.operations.admin_jobs import JobProgress

LETTERS, DAYS, APART = rounds(landing=120, full=2000), 8, 5 * MINUTE
"""Letters of the comparison: of 2,000 none may be foreseen wrongly, where the goal is 99.9 %."""
KIM, OUTSIDE = "kim@a.example", ("x@b.example", "y@gmail.com", "lee@a.example")
RRN, CARD, WORDS = "900101-1234568", "4111 1111 1111 1111", "대외비 견적"
RULES = (
    LeakRule(Scope("system"), "주민번호", {"fact": "finding", "in": ["kr.rrn"]}, (LeakAction("block"),)),
    LeakRule(Scope("system"), "카드", {"all": [{"fact": "finding", "in": ["card"]}, {"not": {"fact": "recipient", "in": ["free"]}}]},
             (LeakAction("approve"),)),
    LeakRule(Scope("system"), "프리메일", {"fact": "recipient", "in": ["free"]}, (LeakAction("delay", minutes=5),)),
    LeakRule(Scope("system"), "큰 메일", {"fact": "octets", "least": 5000}, (LeakAction("log"),)),
    LeakRule(Scope("system"), "내부", {"fact": "finding", "in": ["kr.rrn"]}, (LeakAction("approve"),), direction="internal"),
)  # fmt: skip


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(KIM)
        await opened.person("lee@a.example")
        opened.path = tmp_path / "data"
        yield opened


def officer(house) -> Actor:
    return Actor(0, house.accounts[KIM].organization_id, "", True, Origin("cli"))


def letters(count: int) -> list[tuple[str, str, bytes]]:
    """Return (subject, recipient, message) of made mail, the same each time."""
    draw, found = random.Random(7), []
    for number in range(count):
        to = draw.choice(OUTSIDE)
        text = " ".join(
            draw.sample(
                ["회의 자료입니다", "hello", RRN, CARD, WORDS, "900101-1234567", "x" * 6000], draw.randint(1, 3)
            )
        )
        # Every letter has words of its own: people who write one letter many times are stopped.
        subject, *words = ("".join(draw.choices("bcdfghklmnprstaeiou", k=8)) for _ in range(25))
        text += "\r\n" + " ".join(words)
        head = f"From: {KIM}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{number}@a.example>\r\n"
        found.append((subject, to, f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()))
    return found


async def send(house, octets, to) -> None:
    with suppress(LeakBlocked):
        await by_jmap(house, octets, to)


async def dry_run(house, begin=RULES, days=1, **more) -> Tally:
    """Return what a dry run counts, as the job does it."""
    view = await started(house, begin, days, **more)
    jobs = house.services.admin_api.jobs
    await jobs.turn()
    await jobs.settle()
    return tally(await jobs.job(officer(house).organization_id, view.row.id))


async def started(house, begin=RULES, days=1, **more):
    request = await house.services.leak_dry_run.request(officer(house), days, begin, share=100, **more)
    return await house.services.admin_api.jobs.start(officer(house), LEAK_DRY_RUN, request)


def tally(view) -> Tally:
    import msgspec

    assert view.row.state == "done", view
    return msgspec.convert(view.result["tally"], Tally)


async def foreseen(house) -> dict[str, str]:
    """Return the action that a dry run foresees for each subject."""
    service, now = house.services.leak_dry_run, house.clock.now()
    rules = await service._rules(officer(house), Wish(now - DAYS * DAY, now, RULES))
    sent = await service._past.sent(house.accounts[KIM], now - DAYS * DAY, now)
    found = {}
    for past in await service._past.letters(sent, sent.ids):
        _, after = await service._twice(past.letter, past.at, rules)
        found[past.letter.summary.subject] = action_of(after)
    return found


def tables(house) -> dict[str, list[tuple]]:
    """Return all rows of all tables."""
    found = {}
    for path in house.path.rglob("*"):
        if path.is_file() and path.read_bytes()[:15] == b"SQLite format 3":
            with sqlite3.connect(path) as base:
                names = [one for (one,) in base.execute("select name from sqlite_master where type = 'table'")]
                for name in names:
                    found[f"{path.name}:{name}"] = sorted(map(repr, base.execute(f"select * from {name}")))
    return found


async def test_the_verdicts_of_the_next_day_are_those_of_the_dry_run(house):
    made = letters(LETTERS)
    for _, to, octets in made:
        await send(house, octets, to)
        house.clock.go(APART)
    said, counted = await foreseen(house), await dry_run(house, days=DAYS)
    assert counted.judged == len(made) and not counted.unjudged
    house.clock.go(DAY)
    await house.services.leaks.rules.new(officer(house), *(replace(one, stage="on") for one in RULES))
    for _, to, octets in made:
        await send(house, octets, to)
        house.clock.go(APART)
    rows = []
    before = 0
    home = house.accounts[KIM].organization_id
    while page := await house.services.leaks.incidents.list(officer(house), home, IncidentQuery(before=before)):
        rows += page
        before = page[-1].row.id
    live = {one.text.subject: one.row.action for one in rows}
    told = {subject: live.get(subject, "none") for subject, _, _ in made}
    assert said == told
    assert {"block", "approve", "delay", "log", "none"} <= set(told.values())
    assert counted.after == {kind: list(told.values()).count(kind) for kind in set(told.values())}
    assert counted.newly_stopped == sum(one in {"block", "approve", "delay"} for one in told.values())


async def test_nothing_but_the_job_is_changed(house):
    for _, to, octets in letters(20):
        await send(house, octets, to)
    house.clock.go(MINUTE)
    # What was sent is traced a moment later, in turns of its own.
    await house.services.tracer.settle()
    view = await started(house)
    before = tables(house)
    jobs = house.services.admin_api.jobs
    await jobs.turn()
    await jobs.settle()
    after = tables(house)
    assert tally(await jobs.job(officer(house).organization_id, view.row.id)).judged == 20
    changed = {name for name in after if after[name] != before.get(name)}
    assert {name.rsplit(":", 1)[-1] for name in changed} == {"admin_job"}


class Stopped(Exception):
    """A process ended here."""


class Killed(JobProgress):
    """Ends after some letters."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def note(self, done, total=None) -> None:
        super().note(done, total)
        if total is None and done >= self.most:
            raise Stopped


@pytest.mark.parametrize("most", [1, 7, 10, 13])
async def test_another_process_goes_on_where_one_ended(house, most):
    for _, to, octets in letters(12):
        await send(house, octets, to)
    await submit(house, letters(1)[0][2], "x@b.example")
    house.clock.go(MINUTE)
    service = house.services.leak_dry_run
    request = await service.request(officer(house), 1, RULES, share=100)
    whole = await service.work(officer(house), request, JobProgress())
    first = Killed(most)
    with suppress(Stopped):
        await service.work(officer(house), request, first)
    second = JobProgress(0, first.kept)
    assert await service.work(officer(house), request, second) == whole
    assert second.done == second.total == 12


async def test_what_no_rule_stops_any_more_is_counted(house):
    for _, to, octets in letters(10):
        await send(house, octets, to)
    house.clock.go(MINUTE)
    [rule] = await house.services.leaks.rules.new(officer(house), replace(RULES[2], stage="on"))
    counted = await dry_run(house, (), end=[rule.id])
    free = sum(to == "y@gmail.com" for _, to, _ in letters(10))
    assert (counted.newly_stopped, counted.no_longer_stopped) == (0, free) and free
    turned = await house.services.leaks.rules.turn(officer(house), rule.id, "log")
    counted = await dry_run(house, (), on=[turned.id])
    assert (counted.newly_stopped, counted.no_longer_stopped) == (free, 0)
    assert counted.rules[str(turned.id)].before == counted.rules[str(turned.id)].after == free


async def test_examples_are_masked_and_senders_are_counted(house):
    await send(house, letters(1)[0][2].replace(b"\r\n\r\n", f"\r\n\r\n{RRN} ".encode(), 1), "x@b.example")
    house.clock.go(MINUTE)
    counted = await dry_run(house, RULES[:1])
    [example] = counted.examples
    assert (example.before, example.after, example.rule) == ("none", "block", "주민번호")
    assert RRN not in repr(counted) and "kr.rrn" in repr(example)
    assert counted.senders == {str(int(house.accounts[KIM].id)): 1}


async def test_where_rules_tell_apart_what_is_not_known_any_more_nothing_is_guessed(house):
    await send(house, letters(1)[0][2], "x@b.example")
    house.clock.go(MINUTE)
    rule = replace(RULES[3], condition={"fact": "octets", "least": 1}, actions=(LeakAction("block"),), exits=("web",))
    counted = await dry_run(house, (rule,))
    assert (counted.judged, counted.unjudged) == (0, {"exit": 1})
    assert (await dry_run(house, (replace(rule, exits=("web", "jmap", "api", "planned")),))).newly_stopped == 1
    assert (await dry_run(house, (replace(rule, exits=("smtp",)),))).judged == 1


async def test_it_looks_no_further_back_than_its_days(house):
    await send(house, letters(1)[0][2], "x@b.example")
    house.clock.go(3 * DAY)
    assert (await dry_run(house, days=2)).met == 0
    assert (await dry_run(house, days=4)).met == 1


async def test_a_rule_that_cannot_be_and_one_that_is_not_there_are_refused(house):
    service = house.services.leak_dry_run
    with pytest.raises(Invalid):
        await service.request(officer(house), 1, [replace(RULES[0], condition={"fact": "finding", "in": ["no.such"]})])
    with pytest.raises(NotFound):
        await service.request(officer(house), 1, end=[99])
    kim = house.accounts[KIM]
    with pytest.raises(Forbidden):
        await service.request(Actor(kim.id, kim.organization_id, KIM, False, Origin("admin")), 1)
