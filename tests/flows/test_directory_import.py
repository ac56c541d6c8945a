"""People, departments, groups, aliases and domains from tables: dry run, run, stop, go on, undo."""

import asyncio

import pytest
from tests.flows.import_house import CLI, REASON, company
from tests.unit.formats.test_password_hash import SECRET, STRONG, WEAK

from smartmail.domain.directory_import import TABLE_KINDS
from smartmail.domain.errors import AuthFailed, Forbidden, Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.organization import Step, Wanted
from smartmail.domain.policy import PolicyRule
from smartmail.domain.principal import Actor, Origin
from smartmail.service.people.directory_import import service as importing
from smartmail.service.people.directory_import.columns import _KNOWN

PEOPLE = """이메일,성명,사번,부서,직책,직위,휴대폰
kim,김민지,E1,영업1팀,팀장,과장,010-1111
lee@a.example,이수진,E2,영업본부 / 영업1팀,,사원,
park,박서준,E3,지원실,,부장,010-3333
"""


@pytest.fixture
async def firm(tmp_path):
    async with company(tmp_path) as made:
        yield made


async def test_people_come_with_all_that_the_table_says(firm):
    report = await firm.dry(PEOPLE)
    assert (report.counts, report.findings, report.unknown) == ({"make": 3}, (), ())
    assert report.columns["성명"] == "name"
    assert await firm.account("kim@a.example") is None, "a dry run does nothing"
    row = await firm.take(PEOPLE)
    assert (row.state, row.done, row.failed) == ("done", 3, 0)
    kim = await firm.account("kim@a.example")
    card = await firm.house.services.organization.people.card(CLI, kim.id)
    assert (kim.name, card.row.employee_number, card.position, card.facts["mobile"]) == (
        "김민지",
        "E1",
        "과장",
        "010-1111",
    )
    assert [(one.code, one.duty) for one in card.seats] == [("S1", "팀장")]
    assert len(await firm.house.services.mailboxes.list_all(firm_actor(kim), kim.id)) > 3


def firm_actor(account):
    return Actor(account.id, account.organization_id, account.login, is_admin=False, origin=Origin("system"))


async def test_the_same_table_again_is_no_change(firm):
    await firm.take(PEOPLE)
    report = await firm.dry(PEOPLE, whole=True)
    assert (report.counts, report.unchanged) == ({}, 3)
    again = await firm.take(PEOPLE, whole=True)
    assert (again.state, again.total) == ("done", 0)


async def test_what_was_exported_is_read_again_without_a_change(firm):
    await firm.take(PEOPLE)
    for kind in TABLE_KINDS:
        report = await firm.dry(await firm.table(kind), kind)
        assert (report.counts, report.findings) == ({}, ()), kind


async def test_every_wrong_row_is_told_with_its_line_and_column(firm):
    await firm.take(PEOPLE)
    await firm.house.services.administration.add_alias(CLI, (await firm.account("kim@a.example")).id, "sales@a.example")
    text = """아이디,이름,사번,부서,직위,상태,비밀번호,언어
,없음,,,,,,
a b,빈칸,,,,,,
choi@b.example,남,,,,,,
choi,최,,없는팀,,,,
han,한,,,이사,,,
new,새,,,,모름,,
new2,새,,,,,짧,
new3,새,,,,,,tlh
sales,판매,,,,,,
dup,하나,,,,,,
dup,둘,,,,,,
x1,하나,E9,,,,,
x2,둘,E9,,,,,
good,좋음,E10,지원실,사원,재직,,ko
"""
    report = await firm.dry(text)
    assert [(one.line, one.column, one.code) for one in report.findings] == [
        (2, "아이디", "empty"), (3, "아이디", "no-address"), (4, "아이디", "foreign-domain"),
        (5, "부서", "no-such-department"), (6, "직위", "no-such-title"), (7, "상태", "no-such-state"),
        (8, "비밀번호", "password-short"), (9, "언어", "no-such-language"), (10, "아이디", "address-taken"),
        (12, "아이디", "twice"), (14, "사번", "twice"),
    ]  # fmt: skip
    assert report.counts == {"make": 3}
    with pytest.raises(Invalid, match="11 errors"):
        await firm.begun(text)
    assert (await firm.take(text, partly=True)).done == 3
    assert await firm.account("good@a.example")


async def test_columns_are_mapped_by_hand_and_what_is_unknown_is_told(firm):
    text = "Wer,Sonst,직위\nkim,x,과장\n"
    report = await firm.dry(text)
    assert [(one.code, one.column) for one in report.findings] == [("column-missing", "login")]
    assert report.unknown == ("Wer", "Sonst")
    report = await firm.dry(text, columns={"wer": "login", "직위": ""})
    assert (report.counts, report.findings, report.unknown) == ({"make": 1}, (), ("Sonst",))
    assert report.columns == {"Wer": "login"}
    report = await firm.dry(text, columns={"Wer": "login", "Nie": "name", "Sonst": "salary"})
    assert [one.code for one in report.findings] == ["no-such-column", "no-such-field"]


def test_header_names_in_five_languages_are_known():
    assert len(_KNOWN["people"]) >= 60
    assert sum(map(len, _KNOWN.values())) >= 200


async def test_people_change_move_get_other_logins_go_and_come_back(firm):
    await firm.take(PEOPLE)
    before = await firm.snapshot()
    changed = """이메일,성명,사번,부서,직책,직위,휴대폰,상태
kim.minji,김민지,E1,지원실,-,부장,,재직
lee,이수진,E2,,,,010-2222,퇴직
"""
    report = await firm.dry(changed)
    assert report.counts == {"rename": 1, "change": 1, "close": 1}
    assert report.needs_consent
    with pytest.raises(Invalid, match="1 of 3"):
        await firm.begun(changed)
    row = await firm.take(changed, sure=True)
    assert (row.state, row.failed) == ("done", 0)
    kim = await firm.account("kim.minji@a.example")
    card = await firm.house.services.organization.people.card(CLI, kim.id)
    assert [(one.code, one.duty) for one in card.seats] == [("지원실", "")]
    assert card.facts == {"mobile": "010-1111"}, "an empty cell leaves what is there"
    assert "kim@a.example" in card.addresses, "the old login stays an address for some months"
    assert (await firm.account("lee@a.example")).state == "closed"
    undone = await firm.undo(row)
    assert undone.state == "undone"
    assert await firm.snapshot() == before
    assert (await firm.account("lee@a.example")).state == "active"
    reopened = await firm.take("login,status\nlee,퇴직\n", sure=True)
    assert (await firm.take("login,status\nlee,재직\n")).done == 1
    assert (await firm.account("lee@a.example")).state == "active"
    assert reopened.state == "done"


async def test_a_table_says_who_is_away_and_who_is_back(firm):
    await firm.take(PEOPLE)
    kim = await firm.account("kim@a.example")
    absences = firm.house.services.organization.absences
    text = "login,상태\nkim,휴직\nlee,파견\n"
    assert (await firm.dry(text)).counts == {"away": 2}
    row = await firm.take(text)
    assert (row.state, row.failed) == ("done", 0)
    assert (await firm.account("kim@a.example")).state == "suspended"
    assert (await firm.dry(text)).counts == {}
    assert (await firm.dry("login,상태\nkim,yes\n")).counts == {}, "an account is not work"
    assert (await firm.dry(await firm.table("people"))).counts == {}
    back = await firm.take("login,상태\nkim,복직\n")
    assert (back.done, (await firm.account("kim@a.example")).state) == (1, "active")
    # Undone: away again as before.
    await firm.undo(back)
    assert (await firm.account("kim@a.example")).state == "suspended"
    await firm.undo(row)
    assert (await firm.account("kim@a.example")).state == "active"
    assert await absences.of(kim.id) is None
    assert (await firm.account("lee@a.example")).state == "active"


async def test_a_whole_list_closes_who_is_not_in_it_but_no_administrator(firm):
    await firm.take(PEOPLE)
    admin = await firm.account("park@a.example")
    await firm.house.store.update_account(admin.id, is_admin=True)
    text = "login\nkim\n"
    report = await firm.dry(text, whole=True)
    assert (report.counts, report.spared, report.needs_consent) == ({"close": 1}, 1, True)
    assert [one.code for one in (await firm.dry("login,state\npark,no\n")).findings] == ["administrator"]
    report = await firm.dry("login,부서\nkim,\nlee,없는팀\n", whole=True)
    assert (report.counts, [one.code for one in report.findings]) == ({}, ["no-such-department"]), (
        "a wrong line closes nobody"
    )


async def test_undoing_takes_back_all_and_names_what_was_touched_since(firm):
    before = await firm.snapshot()
    row = await firm.take(PEOPLE)
    kim, lee = await firm.account("kim@a.example"), await firm.account("lee@a.example")
    await firm.house.services.auth.set_password(kim.id, "a long good password", chosen=True)
    people = firm.house.services.organization.people
    await people.perform(CLI, Step(kind="change", account_id=lee.id, wanted=Wanted(login=lee.login, name="이수정")))
    undone = await firm.undo(row)
    assert undone.state == "undone"
    left = await firm.imports.lines(CLI, row.id, ending="left")
    assert [(one.act.key, one.outcome.detail) for one in left] == [
        ("kim@a.example", "in-use"), ("lee@a.example", "changed-since"),
    ]  # fmt: skip
    assert await firm.account("park@a.example") is None
    assert await firm.account("kim@a.example")
    with pytest.raises(StateMismatch):
        await firm.undo(row)
    with pytest.raises(StateMismatch):
        await firm.imports.run(CLI, row.id)
    assert before != await firm.snapshot()


async def test_an_import_is_undone_and_done_again(firm):
    before = await firm.snapshot()
    row = await firm.take(PEOPLE)
    await firm.undo(row)
    assert await firm.snapshot() == before
    again = await firm.take(PEOPLE)
    assert (again.done, again.failed) == (3, 0)
    await firm.undo(again)
    assert await firm.snapshot() == before
    assert [one.state for one in await firm.imports.list_all(CLI, firm.id)] == ["undone", "undone"]


class Killed(BaseException):
    """What no code catches."""


def many(count: int, password: str = "") -> str:
    lines = [f"p{number},사람{number},E{number},지원실,{password}" for number in range(count)]
    return "login,name,사번,부서,password\n" + "\n".join(lines) + "\n"


async def test_a_run_that_is_killed_in_a_step_goes_on_without_doubles(firm, monkeypatch):
    monkeypatch.setattr(importing, "STEP", 4)
    row = await firm.begun(many(14))
    provisioning = firm.house.services.provisioning
    made, person = 0, provisioning.person

    async def dying(new, password, **facts):
        nonlocal made
        if made == 6:
            # As a killed process leaves it: an account without mailboxes, a step that was begun.
            await firm.house.services.directory.create_person(new)
            raise Killed
        made += 1
        return await person(new, password, **facts)

    monkeypatch.setattr(provisioning, "person", dying)
    with pytest.raises(Killed):
        await firm.imports._steps(
            CLI, row, await firm.imports._leased(row, "running"), lambda *_: None, importing._Stop()
        )
    monkeypatch.setattr(provisioning, "person", person)
    with pytest.raises(StateMismatch):
        await firm.imports.run(CLI, row.id)
    firm.house.clock.ahead += 31_000
    ended = await firm.imports.run(CLI, row.id)
    assert (ended.state, ended.done, ended.failed) == ("done", 14, 0)
    accounts = [one for one in await firm.house.store.accounts(firm.id) if one.login.startswith("p")]
    assert len(accounts) == 14
    for one in accounts:
        assert await firm.house.services.mailboxes.list_all(firm_actor(one), one.id)
    assert (await firm.dry(many(14))).counts == {}
    await firm.undo(row)
    assert not [one for one in await firm.house.store.accounts(firm.id) if one.login.startswith("p")]


async def test_an_import_is_cancelled_gone_on_with_and_undone(firm, monkeypatch):
    monkeypatch.setattr(importing, "STEP", 3)
    row = await firm.begun(many(9))
    loop = asyncio.get_running_loop()
    seen = []

    def told(done, total):
        seen.append((done, total))
        if done == 3:
            work.append(loop.create_task(firm.imports.cancel(CLI, row.id)))

    work: list[asyncio.Task] = []
    ended = await firm.imports.run(CLI, row.id, told)
    await asyncio.gather(*work)
    assert (ended.state, ended.done % 3, 0 < ended.done < 9) == ("cancelled", 0, True)
    assert (await firm.imports.run(CLI, row.id)).state == "done"
    assert len([one for one in await firm.house.store.accounts(firm.id) if one.login.startswith("p")]) == 9
    half = await firm.begun(many(12))
    await firm.imports.cancel(CLI, half.id)
    assert (await firm.undo(half)).state == "undone"


async def test_a_job_that_is_cancelled_ends_its_step(firm, monkeypatch):
    monkeypatch.setattr(importing, "STEP", 3)
    row = await firm.begun(many(9))
    task = asyncio.ensure_future(firm.imports.run(CLI, row.id, lambda done, _: done == 3 and task.cancel()))
    with pytest.raises(asyncio.CancelledError):
        await task
    stopped = await firm.imports.get(CLI, row.id)
    assert (stopped.state, stopped.done % 3, 0 < stopped.done < 9) == ("cancelled", 0, True)


async def test_passwords_are_hashed_and_forgotten_invitations_are_for_the_others(firm):
    secret = "Vq8!maple-gorge"
    row = await firm.begun(f"login,password\nkim,{secret}\nlee,\npark,abcdefgh12345\n")
    [step] = await firm.house.store.import_steps(row.id, 0, 9)
    assert secret.encode() not in step.sealed
    await firm.imports.run(CLI, row.id)
    assert secret not in str(await firm.imports.lines(CLI, row.id))
    login = await firm.house.services.auth.login("kim@a.example", secret, Origin("imap", "192.0.2.1", tls=True))
    assert login.login == "kim@a.example"
    [note] = [one for one in await firm.imports.lines(CLI, row.id) if one.outcome.detail]
    assert (note.act.key, note.outcome.ending) == ("park@a.example", "done"), (
        "a weak one: the person is invited instead"
    )
    assert "password.run" in note.outcome.reasons and note.outcome.facts["least"] > 0
    invited = {one.login: one.token for one in await firm.imports.invite(CLI, row.id)}
    assert set(invited) == {"lee@a.example", "park@a.example"}
    await firm.house.services.auth.use_setup_link(invited["lee@a.example"], "Another!maple-gorge")
    assert [one.login for one in await firm.imports.invite(CLI, row.id)] == ["park@a.example"]


async def test_departments_groups_aliases_and_domains(firm):
    await firm.take(PEOPLE)
    before = await firm.snapshot()
    departments = "부서코드,부서명,상위부서,순서\nT2,영업3팀,T1,2\nT1,신사업부,S,1\nS1,국내영업팀,,\n"
    groups = "그룹,우선순위,구성원\n임원,5,kim@a.example; park@a.example\n임원,,lee@a.example\n빈그룹,,\n"
    aliases = "별칭,대상\nsales,kim@a.example; x@else.example\nhelp@a.example,lee@a.example\n"
    domains = "도메인\nb.example\n한빛.example\nb.example.\n"
    rows = [await firm.take(departments, "departments")]
    tree = {one.code: one for one in await firm.house.store.departments(firm.id)}
    assert (tree["T2"].parent_id, tree["T1"].parent_id, tree["S1"].name) == (tree["T1"].id, tree["S"].id, "국내영업팀")
    rows.append(await firm.take(groups, "groups", domain="a.example"))
    [boss, empty] = sorted(await firm.house.services.governing.groups(firm.id), key=lambda one: -one.priority)
    assert (boss.name, boss.priority, empty.name) == ("임원", 5, "빈그룹")
    assert len(await firm.house.services.governing.members(boss.id)) == 3
    rows.append(await firm.take(aliases, "aliases", domain="a.example"))
    targets = await firm.house.services.addressing.stand_ins.targets("sales@a.example")
    assert set(targets.addresses) == {"kim@a.example", "x@else.example"}
    rows.append(await firm.take(domains, "domains", partly=True))
    assert await firm.house.store.domain("b.example")
    for text, kind in ((departments, "departments"), (groups, "groups"), (aliases, "aliases")):
        assert (await firm.dry(text, kind, domain="a.example")).counts == {}
    for row in reversed(rows):
        assert (row.state, row.failed) == ("done", 0)
        assert (await firm.undo(row)).state == "undone"
        assert await firm.imports.lines(CLI, row.id, ending="left") == []
    assert await firm.snapshot() == before


async def test_wrong_rows_of_the_other_tables(firm):
    found = {
        kind: [(one.line, one.code) for one in (await firm.dry(text, kind)).findings]
        for kind, text in {
            "departments": "code,name,parent,order\nA,에이,B,\nB,비,A,\nC,씨,없음,\nD,,,\nE,이,,x\n",
            "groups": "group,priority,members\n,3,\n갑,많이,\n을,,nobody@a.example\n",
            "aliases": "alias,targets\nx@b.example,a@c.example\nx,a@c.example\nok@a.example,no address\nz@a.example,z@a.example\n",
            "domains": "domain\nnot a domain\na.example\n",
        }.items()
    }
    assert found == {
        "departments": [(2, "circle"), (3, "circle"), (4, "no-such-department"), (5, "empty"), (6, "no-number")],
        "groups": [(2, "empty"), (3, "no-number"), (4, "no-such-account")],
        "aliases": [(2, "foreign-domain"), (3, "no-address"), (4, "no-address"), (5, "circle")],
        "domains": [(2, "no-domain")],
    }


async def test_an_alias_is_not_undone_when_others_gave_it_other_targets(firm):
    row = await firm.take("alias,target\nsales@a.example,x@c.example\n", "aliases")
    await firm.house.services.addressing.stand_ins.put_alias(CLI, "sales@a.example", ["y@c.example"])
    await firm.undo(row)
    [left] = await firm.imports.lines(CLI, row.id, ending="left")
    assert (left.act.key, left.outcome.detail) == ("sales@a.example", "changed-since")


async def test_rights_are_asked_and_other_companies_see_nothing(firm):
    row = await firm.take(PEOPLE)
    kim = await firm.account("kim@a.example")
    plain = Actor(kim.id, firm.id, kim.login, is_admin=False, origin=Origin("admin"))
    other = await firm.house.services.provisioning.organization("other")
    foreign = Actor(99, other, "boss@b.example", is_admin=True, origin=Origin("admin"))
    for act in (firm.imports.run, firm.imports.undo, firm.imports.cancel, firm.imports.get, firm.imports.lines,
                firm.imports.invite):  # fmt: skip
        for actor in (plain, foreign):
            with pytest.raises(MailError) as caught:
                await act(actor, row.id)
            assert caught.value.code in {"forbidden", "not_found"}
        with pytest.raises(NotFound):
            await act(CLI, 12345)
    for actor in (plain, foreign):
        with pytest.raises(MailError):
            await firm.imports.dry_run(actor, firm.id, firm.source(PEOPLE))
        with pytest.raises(MailError):
            await firm.house.services.directory_imports.exports.export(actor, firm.id, "people", REASON)


async def test_an_export_needs_a_reason_and_is_on_record(firm):
    await firm.take(PEOPLE)
    exports = firm.house.services.directory_imports.exports
    with pytest.raises(Invalid):
        await exports.export(CLI, firm.id, "people", "짧음")
    made = await exports.export(CLI, firm.id, "people", REASON)
    assert (made.rows, "010-1111" in made.octets.decode("utf-8-sig")) == (3, True)


async def test_a_file_that_is_no_table_says_so(firm):
    for text, code in (("", "empty"), ('login\n"kim', "quotes in line 2")):
        with pytest.raises(Invalid, match=code):
            await firm.dry(text)


async def test_password_hashes_of_another_system_come_with_people(firm):
    house = firm.house
    text = f'login,이름,비밀번호 해시\nkim,김민지,{STRONG["sha512-crypt"]}\nlee,이수진,"{STRONG["argon2"]}"\npark,박서준,\n'
    assert (await firm.dry(text)).findings == ()
    row = await firm.take(text)
    assert (row.done, row.failed) == (3, 0)
    origin = Origin("imap", "192.0.2.1", 5, tls=True)
    for login in ("kim@a.example", "lee@a.example"):
        await house.services.auth.login(login, SECRET, origin)
    with pytest.raises(AuthFailed):
        await house.services.auth.login("park@a.example", SECRET, origin)
    invited = await firm.imports.invite(CLI, row.id)
    assert [one.login for one in invited] == ["park@a.example"], "who has a password needs no invitation"
    steps = [one.act.after for one in await firm.imports.lines(CLI, row.id)]
    assert not any("password_hash" in (after or {}) for after in steps), "gone from a step that is done"
    table = await firm.table()
    assert "hash" not in table and "$6$" not in table
    assert (await firm.dry(table)).findings == ()


async def test_hashes_that_cannot_be_used_are_told_without_showing_them(firm):
    text = f"""login,password,password hash
one,,{WEAK["md5"]}
two,,$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde
three,,nonsense-secret
four,,$5$rounds=999999999$salt${"x" * 43}
five,long enough secret,{STRONG["ssha"]}
six,,{STRONG["ssha"]}
"""
    report = await firm.dry(text)
    assert [(one.line, one.code) for one in report.findings] == [
        (2, "hash-weak"), (3, "hash-bcrypt"), (4, "hash-unknown"), (5, "hash-dear"), (6, "hash-beside"),
    ]  # fmt: skip
    assert {one.value for one in report.findings} == {""}
    governing = firm.house.services.governing
    scope = await governing.scope("domain:a.example")
    await governing.set_knob(CLI, PolicyRule("password.import-weak-hashes", scope, value=True))
    report = await firm.dry(text)
    assert [one.line for one in report.findings] == [3, 4, 5, 6]
    assert (await firm.take(text, partly=True)).done == 2
    one = await firm.account("one@a.example")
    assert (await firm.house.store.proof_state(one.id)).must_change


async def test_an_import_of_hashes_is_undone_and_its_way_in_with_it(firm):
    row = await firm.take(f"login,hash\nkim,{STRONG['ssha']}\n")
    assert (await firm.undo(row)).state == "undone"
    assert await firm.account("kim@a.example") is None


async def test_who_may_not_touch_secrets_brings_no_hashes(firm):
    row = await firm.begun(f"login,hash\nkim,{STRONG['ssha']}\n")
    [line] = await firm.imports.lines(CLI, row.id)
    work, allowed = firm.imports._works["people"], firm.house.services.authority.require

    async def require(actor, permission, scope, *more):
        if permission == "account.secrets":
            raise Forbidden
        await allowed(actor, permission, scope, *more)

    present = await work.begin(CLI, firm.id)
    work._ground.authority.require = require
    try:
        with pytest.raises(Forbidden):
            await work.perform(CLI, present, [line.act], again=False)
    finally:
        del work._ground.authority.require
    assert await firm.account("kim@a.example") is None


async def test_a_dry_run_names_whose_data_change_and_how(firm):
    await firm.take(PEOPLE)
    report = await firm.dry(
        "이메일,성명,사번,부서이름,직위,휴대폰\nkim,최도진,E1,지원실,부장,010-9999\nnew,새사람,E9,지원실,사원,\n"
    )
    told = {(one.line, one.key, one.name, one.field): (one.old, one.new) for one in report.changes}
    who = (2, "kim@a.example", "김민지")
    assert told == {
        (*who, "name"): ("김민지", "최도진"), (*who, "department"): ("영업1팀", "지원실"), (*who, "duty"): ("팀장", ""),
        (*who, "position"): ("과장", "부장"), (*who, "mobile"): ("010-1111", "010-9999"),
    }  # fmt: skip
    assert report.change_count == 5
    gone = await firm.dry("이메일,성명\nkim,김민지\n", whole=True)
    assert [(one.what, one.key, one.name, one.field) for one in gone.changes] == [
        ("close", "lee@a.example", "이수진", ""), ("close", "park@a.example", "박서준", ""),
    ]  # fmt: skip


async def test_a_dry_run_names_changes_of_departments(firm):
    report = await firm.dry("코드,부서이름,상위부서\nS1,영업9팀,지원실\n", "departments")
    assert [(one.key, one.field, one.old, one.new) for one in report.changes][0] == ("S1", "name", "영업1팀", "영업9팀")
    assert "parent" in {one.field for one in report.changes}


async def test_a_dry_run_names_changes_of_other_tables(firm):
    await firm.take(PEOPLE)
    await firm.take("별칭,대상\nsales@a.example,kim@a.example\n", "aliases")
    report = await firm.dry("별칭,대상\nsales@a.example,lee@a.example;kim@a.example\n", "aliases")
    assert [(one.key, one.field, one.old, one.new) for one in report.changes] == [
        ("sales@a.example", "targets", "kim@a.example", "kim@a.example; lee@a.example")
    ]
    await firm.take("메일링리스트,이름,관리자\nnews@a.example,소식,kim@a.example\n", "lists")
    report = await firm.dry("메일링리스트,이름,관리자\nnews@a.example,알림,kim@a.example\n", "lists")
    assert [(one.field, one.old, one.new) for one in report.changes] == [("name", "소식", "알림")]
    await firm.take("공용메일,이름,관리자\nhelp@a.example,도움,kim@a.example\n", "shared")
    report = await firm.dry("공용메일,이름,관리자\nhelp@a.example,도움,lee@a.example\n", "shared")
    assert [(one.what, one.key, one.field) for one in report.changes] == [("change", "help@a.example", "")]


NEW_TEAMS = """이메일,성명,부서,겸직
kim,김민지,영업본부 / 영업9팀,지원실;구매팀/팀장
new,새사람,구매팀,
odd,틀린사람,영업본부 / 영업9팀 / 안쓰는파트,
x@b.example,남,아무도없는팀,
"""


async def test_departments_that_people_name_are_made_and_go_with_them(firm):
    await firm.take(PEOPLE)
    before = await firm.snapshot()
    refused = await firm.dry(NEW_TEAMS)
    assert {one.code for one in refused.findings} >= {"no-such-department"}
    assert (refused.new_departments, await firm.snapshot()) == ((), before)
    report = await firm.dry(NEW_TEAMS, new_departments=True)
    assert report.new_departments == ("영업본부 / 영업9팀", "구매팀", "영업본부 / 영업9팀 / 안쓰는파트")
    assert [one.code for one in report.findings] == ["foreign-domain"], "its department is made for nobody"
    assert report.counts == {"make-department": 3, "change": 1, "make": 2}
    assert ("department", "영업1팀", "영업9팀") in {(one.field, one.old, one.new) for one in report.changes}

    row = await firm.take(NEW_TEAMS, new_departments=True, partly=True)
    assert (row.state, row.done, row.failed) == ("done", 6, 0)
    departments = await firm.table("departments")
    assert "영업9팀,영업9팀,S,0" in departments
    assert "안쓰는파트,안쓰는파트,영업9팀,0" in departments
    assert "아무도없는팀" not in departments
    people = await firm.table()
    assert "kim@a.example,김민지,E1,영업9팀,,지원실; 구매팀/팀장" in people
    assert (await firm.account("kim@a.example")).department == "영업9팀"
    assert (await firm.dry(NEW_TEAMS, new_departments=True)).counts == {}, "what was made is there"
    assert (await firm.undo(row)).state == "undone"
    assert {one.outcome.ending for one in await firm.imports.lines(CLI, row.id)} == {"undone"}
    assert await firm.snapshot() == before


async def test_a_new_department_in_which_somebody_sits_since_is_left(firm):
    row = await firm.take("이메일,이름,부서\nkim,김민지,구매팀\n", new_departments=True)
    await firm.take("이메일,이름,부서\nlee,이수진,구매팀\n")
    await firm.undo(row)
    endings = {one.act.what: one.outcome.ending for one in await firm.imports.lines(CLI, row.id)}
    assert endings == {"make-department": "left", "make": "undone"}
    assert "구매팀" in await firm.table("departments")


async def test_a_department_that_others_made_meanwhile_is_theirs(firm):
    begun = await firm.begun("이메일,이름,부서\nkim,김민지,구매팀\n", new_departments=True)
    await firm.house.services.organization.departments.create(CLI, firm.id, "구매팀")
    row = await firm.imports.run(CLI, begun.id)
    assert row.failed == 0
    await firm.undo(row)
    assert "구매팀" in await firm.table("departments")
    assert await firm.account("kim@a.example") is None


async def test_new_departments_need_the_right_to_them_and_a_code_of_their_own(firm):
    taken = await firm.dry("이메일,이름,부서\nkim,김민지,영업본부/지원실\n", new_departments=True)
    assert taken.new_departments == ("영업본부 / 지원실",)
    row = await firm.take("이메일,이름,부서\nkim,김민지,영업본부/지원실\n", new_departments=True)
    assert row.failed == 0
    assert "영업본부/지원실,지원실,S,0" in await firm.table("departments")
    deep = "/".join(f"{number}단" for number in range(40))
    [wrong] = (await firm.dry(f"이메일,부서\nlee,{deep}\n", new_departments=True)).findings
    assert wrong.code == "too-long"
    work = firm.imports._works["people"]

    async def never(actor, permission, organization_id):
        if permission == "organization.change":
            raise Forbidden

    work._ground.company = never
    try:
        with pytest.raises(Forbidden):
            await firm.dry("이메일,부서\nlee,구매팀\n", new_departments=True)
    finally:
        del work._ground.company
