"""Acts that need two persons, over composed services: asked, decided, done once, by nobody alone."""

import asyncio
import time

import msgspec
import pytest
from tests.flows.administrators import CLI, open_company
from tests.flows.house import LocalBus, compose_house
from tests.house.opening import no_proof

from smartmail.domain.cases import Wave
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, Unavailable
from smartmail.domain.policy import Scope
from smartmail.service.kernel.clock import HOUR, MINUTE
from smartmail.service.kernel.proposals import Act, ProposalService

REASON = "유출 조사"


class Shred(msgspec.Struct, frozen=True):
    account_id: int


class Shredder:
    """Something dangerous."""

    def __init__(self, proposals: ProposalService, *, repeatable: bool = False) -> None:
        self.done: list[tuple[str, int, int]] = []
        self.fails: Exception | None = None
        proposals.add(Act(
            "test.shred", "purge", "account.change", Shred, lambda one: Scope("account", str(one.account_id)), self.shred,
            repeatable=repeatable, check=self.check,
        ))  # fmt: skip

    async def check(self, actor, asked):
        if asked.account_id == 0:
            raise Invalid("nobody")

    async def shred(self, actor, asked, key):
        await asyncio.sleep(0)
        if self.fails is not None:
            raise self.fails
        self.done.append((actor.login, asked.account_id, key))
        return f"shredded:{asked.account_id}"


@pytest.fixture
async def company(tmp_path):
    async with open_company(tmp_path / "one") as made:
        yield made


@pytest.fixture
async def world(company):
    """The company, with the knob on, and its shredder."""
    ours, theirs = company
    shredder = Shredder(ours.services.proposals)
    await ours.knob("admin.two-person", ("purge", "roles"))
    return ours, theirs, shredder


@pytest.fixture
def put_forward(company, monkeypatch):
    """Move the clock."""
    ahead = [0]
    monkeypatch.setattr(type(company[0].house.clock), "now", lambda _self: time.time_ns() // 1_000_000 + ahead[0])

    def move(milliseconds: int) -> None:
        ahead[0] += milliseconds

    return move


def shred(company, name: str) -> Shred:
    return Shred(company.people[name].id)


async def test_without_the_knob_it_is_done_at_once(company):
    ours, _ = company
    shredder = Shredder(ours.services.proposals)
    outcome = await ours.services.proposals.do(ours.as_("boss"), "test.shred", shred(ours, "kim"), "")
    assert (outcome.waits, outcome.result) == (False, f"shredded:{ours.people['kim'].id}")
    assert len(shredder.done) == 1


async def test_another_administrator_consents_and_it_is_done_once(world):
    ours, _, shredder = world
    proposals, boss, deputy = ours.services.proposals, ours.as_("boss"), ours.as_("deputy")
    outcome = await proposals.do(boss, "test.shred", shred(ours, "kim"), REASON)
    assert outcome.waits
    assert not shredder.done
    [seen] = await proposals.list_all(deputy)
    assert (seen.reason, seen.arguments, seen.row.state) == (REASON, {"account_id": ours.people["kim"].id}, "waiting")
    number = seen.row.id
    with pytest.raises(Forbidden):
        await proposals.confirm(boss, number)
    answers = await asyncio.gather(
        *(proposals.confirm(deputy, number) for _ in range(5)), *(proposals.refuse(deputy, number) for _ in range(5)),
        return_exceptions=True,
    )  # fmt: skip
    assert sum(isinstance(one, AlreadyExists) for one in answers) == 9
    ended = await proposals.get(boss, number)
    if ended.row.state == "done":
        assert shredder.done == [("boss@a.example", ours.people["kim"].id, ended.row.key)]
        assert ended.result == f"shredded:{ours.people['kim'].id}"
    else:
        assert (ended.row.state, shredder.done) == ("refused", [])
    assert await proposals.list_all(deputy) == []


async def test_two_processes_confirm_at_once(tmp_path):
    bus = LocalBus()
    async with open_company(tmp_path / "one", bus=bus) as (ours, _), compose_house(tmp_path / "one", bus=bus) as other:
        other.services.proposals.strong = no_proof
        other.services.proposals.strong = no_proof
        shredders = [Shredder(one.proposals) for one in (ours.services, other.services)]
        await ours.knob("admin.two-person", ("purge",))
        outcome = await ours.services.proposals.do(ours.as_("boss"), "test.shred", shred(ours, "kim"), REASON)
        number = outcome.proposal.row.id
        answers = await asyncio.gather(
            *(one.proposals.confirm(ours.as_("deputy"), number) for one in (ours.services, other.services)),
            return_exceptions=True,
        )
        assert sum(isinstance(one, AlreadyExists) for one in answers) == 1
        assert sum(len(one.done) for one in shredders) == 1


async def test_who_may_not_does_not_even_see_it(world):
    ours, theirs, shredder = world
    proposals = ours.services.proposals
    await ours.appoint("park", "helpdesk")
    await ours.appoint("lee", "system", Scope("domain", "b.example"))
    made = await proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "kim"), REASON)
    for actor in (
        ours.as_("park"),
        ours.as_("kim"),
        ours.as_("lee"),
        theirs.as_("owner"),
        ours.as_("deputy", by="app"),
    ):
        answers = []
        for number in (made.row.id, 999_999):
            for act in (proposals.get, proposals.confirm, proposals.refuse, proposals.withdraw):
                with pytest.raises(NotFound) as refused:
                    await act(actor, number)
                answers.append((str(refused.value), refused.value.public))
        assert len(set(answers)) == 1
        assert await proposals.list_all(actor) == []
    for actor, asked, error in (
        (ours.as_("park"), shred(ours, "kim"), Forbidden),
        (ours.as_("lee"), shred(ours, "kim"), NotFound),
        (ours.as_("boss"), Shred(theirs.people["stranger"].id), NotFound),
        (ours.as_("boss"), Shred(999_999), NotFound),
    ):
        with pytest.raises(error):
            await proposals.propose(actor, "test.shred", asked, REASON)
    for reason in ("", "  \n"):
        with pytest.raises(Invalid):
            await proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "kim"), reason)
    with pytest.raises(Invalid):
        await proposals.propose(ours.as_("boss"), "no.such-act", shred(ours, "kim"), REASON)
    assert not shredder.done


async def test_refused_withdrawn_expired(world, put_forward):
    ours, _, shredder = world
    proposals, boss, deputy = ours.services.proposals, ours.as_("boss"), ours.as_("deputy")
    numbers = [(await proposals.propose(boss, "test.shred", shred(ours, "kim"), REASON)).row.id for _ in range(3)]
    assert (await proposals.refuse(deputy, numbers[0], "아니오")).row.state == "refused"
    with pytest.raises(Forbidden):
        await proposals.withdraw(deputy, numbers[1])
    assert (await proposals.withdraw(boss, numbers[1])).row.state == "withdrawn"
    put_forward(72 * HOUR)
    with pytest.raises(AlreadyExists):  # too late, before the job has looked
        await proposals.confirm(deputy, numbers[2])
    assert await proposals.turn() == 1
    assert (await proposals.get(boss, numbers[2])).row.state == "expired"
    assert not shredder.done
    assert await proposals.turn() == 0


async def test_a_company_with_one_administrator_waits(world, put_forward):
    ours, _, shredder = world
    proposals, boss = ours.services.proposals, ours.as_("boss")
    await ours.services.administration.close(CLI, ours.people["deputy"].id)
    told = []

    async def second_channel(account, subject, text):
        told.append((account.login, subject))
        return True

    proposals.notices.second_channel = second_channel
    one = await proposals.propose(boss, "test.shred", shred(ours, "kim"), REASON)
    other = await proposals.propose(boss, "test.shred", shred(ours, "lee"), REASON)
    assert one.row.due_at == one.row.created_at + 24 * HOUR
    assert [login for login, _ in told] == ["boss@a.example"] * 2
    with pytest.raises(Forbidden):
        await proposals.confirm(boss, one.row.id)
    await proposals.withdraw(boss, other.row.id)
    put_forward(24 * HOUR - MINUTE)
    assert await proposals.turn() == 0
    put_forward(2 * MINUTE)
    assert await proposals.turn() == 1
    assert await proposals.turn() == 0
    assert [account_id for _, account_id, _ in shredder.done] == [ours.people["kim"].id]
    assert (await proposals.get(boss, one.row.id)).row.decider == "waiting-time"


async def test_the_authors_rights_are_asked_again(world, put_forward):
    ours, _, shredder = world
    proposals, boss, deputy = ours.services.proposals, ours.as_("boss"), ours.as_("deputy")
    made = await proposals.propose(boss, "test.shred", shred(ours, "kim"), REASON)
    await ours.services.roles.mark(CLI, boss.account_id, administrator=False)
    with pytest.raises(Forbidden):
        await proposals.confirm(deputy, made.row.id)
    assert (await proposals.get(deputy, made.row.id)).row.state == "waiting"
    assert not shredder.done
    await proposals.refuse(deputy, made.row.id)


@pytest.mark.parametrize("error", [Unavailable("the disk is away"), RuntimeError("a fault")])
async def test_an_act_that_fails_has_ended(world, error):
    ours, _, shredder = world
    proposals = ours.services.proposals
    made = await proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "kim"), REASON)
    shredder.fails = error
    if isinstance(error, RuntimeError):
        with pytest.raises(RuntimeError):
            await proposals.confirm(ours.as_("deputy"), made.row.id)
    else:
        await proposals.confirm(ours.as_("deputy"), made.row.id)
    ended = await proposals.get(ours.as_("deputy"), made.row.id)
    assert ended.row.state == "failed"
    assert ended.result in {"unavailable: the disk is away", "RuntimeError"}


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_process_that_dies_in_an_act(tmp_path, monkeypatch, repeatable):
    async with open_company(tmp_path / "one") as (ours, _):
        proposals = ours.services.proposals
        shredder = Shredder(proposals, repeatable=repeatable)
        await ours.knob("admin.two-person", ("purge",))
        made = await proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "kim"), REASON)
        dying = asyncio.Event()

        async def dies(row):
            dying.set()
            raise asyncio.CancelledError

        with monkeypatch.context() as patch:
            patch.setattr(proposals, "_perform", dies)
            with pytest.raises(asyncio.CancelledError):
                await proposals.confirm(ours.as_("deputy"), made.row.id)
        assert await proposals.turn() == 0  # its lease holds still
        start = time.time_ns() // 1_000_000
        monkeypatch.setattr(type(ours.house.clock), "now", lambda _self: start + 16 * MINUTE)
        assert sum(await asyncio.gather(proposals.turn(), proposals.turn())) == 1
        ended = await proposals.get(ours.as_("boss"), made.row.id)
        expected = ("done", 1) if repeatable else ("failed", 0)
        assert (ended.row.state, len(shredder.done)) == expected
        assert not shredder.done or shredder.done[0][2] == made.row.key


async def test_both_prove_themselves_again(world):
    ours, _, shredder = world
    proposals = ours.services.proposals
    weak = {ours.people["boss"].id}

    async def strong(actor):
        if actor.account_id in weak:
            raise Forbidden("prove yourself again")

    proposals.strong = strong
    with pytest.raises(Forbidden):
        await proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "kim"), REASON)
    weak.clear()
    made = await proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "kim"), REASON)
    weak.add(ours.people["deputy"].id)
    with pytest.raises(Forbidden):
        await proposals.confirm(ours.as_("deputy"), made.row.id)
    assert not shredder.done


async def test_what_was_written_is_sealed_and_every_step_is_in_the_audit(world, tmp_path):
    ours, _, _ = world
    proposals = ours.services.proposals
    made = await proposals.propose(ours.as_("boss"), "test.shred", shred(ours, "kim"), "비밀스러운 사유")
    await proposals.confirm(ours.as_("deputy"), made.row.id, "동의하는 말")
    records = await ours.house.store.unchained_records("audit", 0, 10_000)
    mine = [one.record for one in records if f"proposal:{made.row.key:x}" in one.record.object]
    deputy = f"account:{ours.people['deputy'].id}"
    assert [(one.action, one.actor) for one in mine][:2] == [
        ("proposal.made", f"account:{ours.people['boss'].id}"), ("proposal.confirmed", deputy)
    ]  # fmt: skip
    assert mine[-1].action == "proposal.done"
    await ours.house.store.close()
    for file in (tmp_path / "one").rglob("*"):
        if file.is_file():
            octets = file.read_bytes()
            assert "비밀스러운".encode() not in octets
            assert "동의하는".encode() not in octets


async def test_roles_and_purges_are_such_acts(world):
    ours, _, _ = world
    proposals, boss, deputy = ours.services.proposals, ours.as_("boss"), ours.as_("deputy")
    outcome = await ours.services.roles.appoint(boss, ours.people["kim"].id, "auditor", ours.whole, reason=REASON)
    assert outcome.waits
    assert await ours.house.store.appointments(ours.organization_id) == []
    ended = await proposals.confirm(deputy, outcome.proposal.row.id)
    [held] = await ours.house.store.appointments(ours.organization_id)
    assert (held.role, held.author, ended.result) == ("auditor", boss.named, f"appointment:{held.id}")
    wave = Wave(senders=("evil@x.test",), reason=REASON)
    with pytest.raises(Forbidden):  # the way round
        await ours.services.purges.purge(boss, ours.organization_id, wave)
    assert (await ours.services.purges.purge(boss, ours.organization_id, wave, dry_run=True)).messages == 0
    asked = await ours.services.purges.ask(boss, ours.organization_id, wave)
    ended = await proposals.confirm(deputy, asked.proposal.row.id)
    assert ended.result == "purge:0 accounts:0 messages:0"
