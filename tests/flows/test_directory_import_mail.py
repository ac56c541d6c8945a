"""Distribution lists and shared accounts from tables: dry run, run, undo, again, and what others touched since."""

from dataclasses import replace

import pytest
from tests.flows.import_house import CLI, company

from smartmail.domain.addressing import ListText, Member
from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.rights import SEND_AS, SEND_ON_BEHALF, SHARE_ROLES, WHOLE_ACCOUNT, Grantee

PEOPLE = "login,name\nkim,김민지\nlee,이수진\npark,박서준\n"
LISTS = """메일링리스트,이름,관리자,승인자,보낼 수 있는 사람,승인,말머리,구성원
news,소식,kim@a.example,lee@a.example,구성원,외부,[소식],"lee@a.example;partner@other.example"
news,,,,,,,group:영업
all@a.example,모두,kim,,사내,,,department:S
"""
SHARED = """공용메일,이름,관리자,구성원,발신자
sales,영업 대표,kim@a.example,"lee@a.example;park@a.example/view;group:영업","kim@a.example;lee@a.example/on-behalf"
help@a.example,도움,,kim,
"""


@pytest.fixture
async def firm(tmp_path):
    async with company(tmp_path) as made:
        await made.take(PEOPLE)
        await made.take("그룹,구성원\n영업,kim@a.example\n", "groups")
        yield made


def lists_of(firm):
    return firm.house.services.addressing.lists


async def rights(firm, login):
    account = await firm.account(login)
    found = {}
    for one in await firm.house.store.grants(account.id):
        assert one.mailbox_id == WHOLE_ACCOUNT
        found[one.grantee] = one.rights
    return found


async def id_of(firm, login):
    return (await firm.account(login)).id


def codes(report):
    return [(one.line, one.column, one.code) for one in report.findings]


# --- lists ---


async def test_lists_come_with_their_people_and_go_again(firm):
    report = await firm.dry(LISTS, "lists")
    assert (report.counts, report.findings) == ({"make": 2, "join": 4}, ())
    with pytest.raises(NotFound):
        await lists_of(firm).text("news@a.example")
    row = await firm.take(LISTS, "lists")
    assert (row.state, row.done, row.failed) == ("done", 6, 0)
    text = await lists_of(firm).text("news@a.example")
    assert text == ListText(
        "소식", ("kim@a.example",), ("lee@a.example",), "members", "strangers", prefix="[소식]"
    )  # fmt: skip
    members = await lists_of(firm).members("news@a.example")
    assert [one.address for one in members] == ["lee@a.example", "partner@other.example", ""]
    assert members[2].group
    [whole] = await lists_of(firm).members("all@a.example")
    assert whole.below and whole.department
    assert (await firm.undo(row)).state == "undone"
    assert await firm.imports.lines(CLI, row.id, ending="left") == []
    assert await firm.table("lists") == (await firm.table("lists")).splitlines()[0] + "\r\n"
    # Nothing of them is left, so the same table comes once more.
    assert (await firm.take(LISTS, "lists")).failed == 0


async def test_a_list_changes_by_what_its_cells_say_and_goes_back(firm):
    await firm.take(LISTS, "lists")
    before = await firm.table("lists")
    assert (await firm.dry(before, "lists")).counts == {}, "what was exported is no change"
    text = "주소,승인자,보낼 수 있는 사람,구성원\nnews,-,누구나,park\nall,,,-\n"
    assert (await firm.dry(text, "lists")).counts == {"change": 1, "join": 1, "leave": 1}
    row = await firm.take(text, "lists")
    changed = await lists_of(firm).text("news@a.example")
    assert (changed.name, changed.moderators, changed.post) == ("소식", (), "anyone")
    assert len(await lists_of(firm).members("news@a.example")) == 4, "who was in stays"
    assert await lists_of(firm).members("all@a.example") == []
    await firm.undo(row)
    assert await firm.table("lists") == before
    whole = await firm.take("주소,구성원\nnews,park\n", "lists", whole=True)
    assert [one.address for one in await lists_of(firm).members("news@a.example")] == ["park@a.example"]
    await firm.undo(whole)
    assert await firm.table("lists") == before


async def test_undoing_leaves_lists_that_others_touched(firm):
    row = await firm.take(LISTS, "lists")
    await lists_of(firm).add(CLI, "news@a.example", [Member("other@far.example")])
    text = await lists_of(firm).text("all@a.example")
    await lists_of(firm).change(CLI, "all@a.example", ListText("다른 이름", text.owners))
    await firm.undo(row)
    left = await firm.imports.lines(CLI, row.id, ending="left")
    assert sorted((one.act.key, one.outcome.detail) for one in left) == [
        ("all@a.example", "changed-since"), ("news@a.example", "in-use"),
    ]  # fmt: skip
    assert [one.address for one in await lists_of(firm).members("news@a.example")] == ["other@far.example"]


async def test_wrong_rows_of_lists_are_told(firm):
    text = """주소,이름,소유자,발송권한,구성원
,a,kim,,
a b,a,kim,,
x@b.example,a,kim,,
kim,a,kim,,
one,a,,,
two,a,kim,어쩌면,
three,a,kim,,group:없음
four,a,kim,,department:ZZ
five,a,kim,,five@a.example
six,a,k m,,
seven,a,kim,,lee
"""
    report = await firm.dry(text, "lists")
    assert codes(report) == [
        (2, "주소", "empty"), (3, "주소", "no-address"), (4, "주소", "foreign-domain"), (5, "주소", "address-taken"),
        (6, "소유자", "empty"), (7, "발송권한", "no-such-word"), (8, "구성원", "no-such-group"),
        (9, "구성원", "no-such-department"), (10, "구성원", "circle"), (11, "소유자", "no-address"),
    ]  # fmt: skip
    assert report.counts == {"make": 1, "join": 1}
    row = await firm.take(text, "lists", partly=True)
    assert (row.done, row.failed) == (2, 0)


# --- shared accounts ---


async def test_shared_accounts_come_with_rights_and_go_again(firm):
    report = await firm.dry(SHARED, "shared")
    assert (report.counts, report.findings) == ({"make": 2}, ())
    row = await firm.take(SHARED, "shared")
    assert (row.state, row.done, row.failed) == ("done", 2, 0)
    sales = await firm.account("sales@a.example")
    assert (sales.kind, sales.name) == ("shared", "영업 대표")
    group = next(one for one in await firm.house.store.groups(firm.id) if one.name == "영업")
    assert await rights(firm, "sales@a.example") == {
        Grantee("account", await id_of(firm, "kim@a.example")): SHARE_ROLES["manage"] | {SEND_AS},
        Grantee("account", await id_of(firm, "lee@a.example")): SHARE_ROLES["delete"] | {SEND_ON_BEHALF},
        Grantee("account", await id_of(firm, "park@a.example")): SHARE_ROLES["view"],
        Grantee("group", group.id): SHARE_ROLES["delete"],
    }
    kim = await firm.account("kim@a.example")
    actor = Actor(kim.id, kim.organization_id, kim.login, is_admin=False, origin=Origin("web"))
    shown = await firm.house.services.sharing.accounts_for(actor)
    assert [one.login for one in shown] == ["help@a.example", "sales@a.example"]
    assert (await firm.undo(row)).state == "undone"
    assert await firm.imports.lines(CLI, row.id, ending="left") == []
    assert await firm.account("sales@a.example") is None
    assert (await firm.take(SHARED, "shared")).failed == 0


async def test_shared_accounts_change_by_what_cells_say_and_go_back(firm):
    await firm.take(SHARED, "shared")
    before, rights_before = await firm.table("shared"), await rights(firm, "sales@a.example")
    assert (await firm.dry(before, "shared")).counts == {}, "what was exported is no change"
    text = "공용메일,이름,관리자,구성원,발신자\nsales,영업,-,park,\n"
    assert (await firm.dry(text, "shared")).counts == {"change": 1}
    row = await firm.take(text, "shared")
    found = await rights(firm, "sales@a.example")
    assert found == {
        Grantee("account", await id_of(firm, "kim@a.example")): frozenset({SEND_AS}),
        Grantee("account", await id_of(firm, "lee@a.example")): frozenset({SEND_ON_BEHALF}),
        Grantee("account", await id_of(firm, "park@a.example")): SHARE_ROLES["delete"],
    }
    await firm.undo(row)
    assert await firm.table("shared") == before
    assert await rights(firm, "sales@a.example") == rights_before


async def test_undoing_leaves_shared_accounts_that_others_touched(firm):
    row = await firm.take(SHARED, "shared")
    sales, lee = await firm.account("sales@a.example"), await id_of(firm, "lee@a.example")
    help_ = await firm.account("help@a.example")
    actor = replace(CLI, organization_id=firm.id)
    await firm.house.services.sharing.share(
        actor, sales.id, WHOLE_ACCOUNT, Grantee("account", lee), SHARE_ROLES["manage"]
    )
    mailboxes = firm.house.services.mailboxes
    kim = await firm.account("kim@a.example")
    own = Actor(help_.id, help_.organization_id, help_.login, is_admin=False, origin=Origin("system"))
    await mailboxes.create(own, help_.id, "일거리")
    await firm.undo(row)
    left = await firm.imports.lines(CLI, row.id, ending="left")
    assert sorted((one.act.key, one.outcome.detail) for one in left) == [
        ("help@a.example", "in-use"), ("sales@a.example", "changed-since"),
    ]  # fmt: skip
    assert await rights(firm, "help@a.example") == {Grantee("account", kim.id): SHARE_ROLES["delete"]}


async def test_wrong_rows_of_shared_accounts_are_told(firm):
    text = """공용메일,이름,관리자,구성원,발신자
,a,,,
x@b.example,a,,,
kim,a,,,
one,a,nobody,,
two,a,,lee/zzz,
three,a,,,lee/never
four,a,,,
four,b,,,
five,a,department:S,lee/lrs,
"""
    report = await firm.dry(text, "shared")
    assert codes(report) == [
        (2, "공용메일", "empty"), (3, "공용메일", "foreign-domain"), (4, "공용메일", "address-taken"),
        (5, "관리자", "no-such-account"), (6, "구성원", "no-such-right"), (7, "발신자", "no-such-right"),
        (9, "공용메일", "twice"),
    ]  # fmt: skip
    assert report.counts == {"make": 2}


@pytest.mark.parametrize("kind", ["lists", "shared"])
async def test_who_may_not_is_told_nothing(firm, kind):
    lee = await firm.account("lee@a.example")
    actor = Actor(AccountId(lee.id), firm.id, lee.login, is_admin=False, origin=Origin("web"))
    with pytest.raises((Forbidden, NotFound)):
        await firm.imports.dry_run(actor, firm.id, firm.source("address\nx\n", kind))


async def test_a_step_that_was_killed_is_done_again_without_doubles(firm):
    """A worker died after its acts and before it said so: they are done once."""
    for kind, text in (("lists", LISTS), ("shared", SHARED)):
        work = firm.imports._works[kind]
        row = await firm.begun(text, kind)
        acts = [one.act for one in await firm.imports.lines(CLI, row.id)]
        await work.perform(CLI, await work.begin(CLI, firm.id), acts, again=False)
        outcomes = await work.perform(CLI, await work.begin(CLI, firm.id), acts, again=True)
        assert {one.ending for one in outcomes} == {"done"}, kind
    assert len(await lists_of(firm).members("news@a.example")) == 3
    assert len(await rights(firm, "sales@a.example")) == 4
