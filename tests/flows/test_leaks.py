"""Leak prevention over real doors: what a rule says of a letter by SMTP submission and by JMAP alike."""

import smtplib
from dataclasses import replace

import pytest
from tests.flows.house import open_house
from tests.flows.test_big_attachments import CLI, arrived, leaving, letter, submit
from tests.flows.test_footers import by_jmap

from smartmail.domain.approving import Line, Step, Who
from smartmail.domain.errors import Forbidden, Invalid, NotFound, Unavailable
from smartmail.domain.leaks import IncidentQuery, LeakAction, LeakRule
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.security_labels import SecurityLabel
from smartmail.formats import security_label
from smartmail.service.flow.outgoing.leak_notices import MOST
from smartmail.service.flow.outgoing.leaks import LeakBlocked, ReasonNeeded
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.envelope import open_recipient

NUMBER = "900101-1234568"
DOORS = pytest.mark.parametrize("door", [submit, by_jmap])


def mail(text: str, subject: str = "hi", number: int = 1, more: str = "") -> bytes:
    return (
        f"From: kim@a.example\r\nTo: x@b.example\r\nSubject: {subject}\r\nMessage-ID: <{number}@a.example>\r\n{more}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


SECRET = mail(f"주민등록번호 {NUMBER}")
CLEAN = mail("hello", number=2)
RRN = {"fact": "finding", "in": ["kr.rrn"]}


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        await opened.person("lee@a.example")
        yield opened


async def rule(house, *actions, condition=RRN, stage="on", **more):
    made = tuple(one if isinstance(one, LeakAction) else LeakAction(one) for one in actions)
    scope = more.pop("scope", Scope("system"))
    [begun] = await house.services.leaks.rules.new(
        CLI, LeakRule(scope, "주민번호", condition, made, stage=stage, **more)
    )
    return begun


async def incidents(house):
    home = house.accounts["kim@a.example"].organization_id
    return await house.services.leaks.incidents.list(CLI, home, IncidentQuery())


async def refused(door, house, octets, *recipients) -> str:
    """Return what the sender hears."""
    with pytest.raises((LeakBlocked, ReasonNeeded, smtplib.SMTPDataError)) as raised:
        await door(house, octets, *recipients)
    error = raised.value
    return f"{error.smtp_code} {error.smtp_error.decode()}" if isinstance(error, smtplib.SMTPDataError) else str(error)


async def due(house):
    """Return the entries of the queue for somebody outside that may leave now, by their ids."""
    found = []
    for entry, rows in await house.store.queue_entries(100):
        keys = await house.services.queue._keyring.queue(entry.organization_id)
        named = [open_recipient(keys, row).address for row in rows]
        may = [row.hold_reason is None and row.next_at <= house.clock.now() for row in rows]
        if "x@b.example" in named and all(may):
            found.append(entry.id)
    return found


@DOORS
async def test_without_rules_nothing_is_read_or_asked(house, door, monkeypatch):
    async def never(*_args, **_more):
        raise AssertionError("no rule asked for it")

    monkeypatch.setattr(house.services.leaks.judge, "tried", never)
    await door(house, SECRET, "x@b.example")
    assert list(await leaving(house)) == [("x@b.example",)]
    assert await incidents(house) == []


@DOORS
async def test_a_rule_blocks_a_resident_number(house, door):
    made = await rule(house, "block")
    said = await refused(door, house, SECRET, "x@b.example")
    assert said.startswith("550 5.7.1") if door is submit else "주민번호" in said
    assert ("x@b.example",) not in await leaving(house)
    await door(house, CLEAN, "x@b.example")
    assert ("x@b.example",) in await leaving(house)
    [one] = await incidents(house)
    assert (one.row.action, one.row.rule_id, one.row.exit) == ("block", made.id, "smtp" if door is submit else "jmap")
    assert (one.text.login, one.text.recipients, one.text.subject) == ("kim@a.example", ("x@b.example",), "hi")
    assert [hit.detector for hit in one.text.hits] == ["kr.rrn"]
    assert NUMBER not in repr(one.text) and NUMBER.replace("-", "") not in repr(one.text)
    assert [(told.name, told.outcome) for told in one.text.rules] == [("주민번호", "matched")]


@DOORS
async def test_what_is_held_waits_for_an_approval_and_leaves_once(house, door):
    await rule(house, LeakAction("approve", line="정보보호"))
    await door(house, SECRET, "x@b.example")
    assert await due(house) == []
    [waiting] = await house.services.addressing.approvals.list_all()
    assert (waiting.row.kind, waiting.row.subject, waiting.text.reason) == ("leak", "정보보호", "주민번호")
    kim = house.accounts["kim@a.example"]
    own = Actor(kim.id, kim.organization_id, "kim@a.example", False, Origin("web"))
    with pytest.raises(Forbidden):
        await house.services.addressing.approvals.decide(own, waiting.row.id, approve=True)
    await house.services.addressing.approvals.decide(CLI, waiting.row.id, approve=True)
    assert await due(house) == [waiting.row.entry_id]
    assert NUMBER in (await leaving(house))["x@b.example",].get_content()
    assert [one.row.action for one in await incidents(house)] == ["approve"]


REVIEWED = pytest.mark.parametrize("by", ["the rule", "the line"])


@DOORS
@REVIEWED
async def test_what_is_reviewed_leaves_once_and_no_decision_touches_it(house, door, by):
    approvals, kim = house.services.addressing.approvals, house.accounts["kim@a.example"]
    lee = house.accounts["lee@a.example"]
    line = Line("사후", (Step(Who("people", people=(lee.id,))),), afterwards=by == "the line")
    await approvals.lines.put(CLI, kim.organization_id, line)
    await rule(house, LeakAction("approve" if by == "the line" else "review", line="사후"))
    await door(house, SECRET, "x@b.example")
    [left] = await due(house)
    reader = Actor(lee.id, lee.organization_id, lee.login, False, Origin("web"))
    [waiting] = await approvals.inbox(reader)
    assert (waiting.row.entry_id, waiting.line.afterwards, waiting.text.reason) == (left, True, "주민번호")
    rows = {entry.id: rows for entry, rows in await house.store.queue_entries(100)}[left]
    assert (await leaving(house))["x@b.example",].get_content().strip() == f"주민등록번호 {NUMBER}"
    letter = await approvals.reading.read(reader, waiting.row.id)
    assert (letter.recipients, NUMBER in letter.text) == (("x@b.example",), True)
    await approvals.decide(reader, waiting.row.id, approve=False, note="가리고 보내야 함", digest=waiting.row.digest)
    assert {entry.id: rows for entry, rows in await house.store.queue_entries(100)}[left] == rows
    assert await due(house) == [left]
    assert [one.row.action for one in await incidents(house)] == ["object", "review"]
    [objection, _] = await incidents(house)
    assert (objection.text.reason, objection.text.recipients) == ("가리고 보내야 함", ("x@b.example",))
    assert objection.row.exit == ("smtp" if door is submit else "jmap")
    with pytest.raises(NotFound):
        await approvals.reading.read(reader, waiting.row.id)


@DOORS
async def test_what_has_to_wait_anyway_is_decided_on_before(house, door):
    await rule(house, LeakAction("review"))
    await rule(house, LeakAction("approve"), condition={"fact": "finding", "in": ["kr.rrn"], "least": 1})
    await door(house, SECRET, "x@b.example")
    assert await due(house) == []
    [waiting] = await house.services.addressing.approvals.list_all()
    assert not waiting.line.afterwards


@DOORS
async def test_what_stays_inside_is_another_direction(house, door):
    await rule(house, "block")
    await door(house, SECRET, "lee@a.example")
    made = await rule(house, "block", direction="internal")
    again = SECRET.replace(b"<1@", b"<9@")
    await refused(door, house, again, "lee@a.example")
    await house.services.leaks.rules.end(CLI, made.id)
    await door(house, again, "lee@a.example")


async def test_an_internal_letter_is_held_too(house):
    await rule(house, "approve", direction="internal")
    await submit(house, SECRET, "lee@a.example")
    [waiting] = await house.services.addressing.approvals.list_all()
    await house.services.addressing.approvals.decide(CLI, waiting.row.id, approve=True)
    assert (await leaving(house)).get(("lee@a.example",)) or await arrived(house, "lee@a.example")


@DOORS
async def test_a_rule_that_only_logs_lets_it_go(house, door):
    made = await rule(house, "block", stage="log")
    await door(house, SECRET, "x@b.example")
    assert list(await leaving(house)) == [("x@b.example",)]
    assert [one.row.action for one in await incidents(house)] == ["log"]
    await house.services.leaks.rules.turn(CLI, made.id, "on")
    await refused(door, house, SECRET.replace(b"<1@", b"<3@"), "x@b.example")


@DOORS
async def test_a_delay_keeps_it_for_its_minutes(house, door):
    await rule(house, LeakAction("delay", minutes=5))
    await door(house, SECRET, "x@b.example")
    assert await due(house) == []
    house.clock.go(5 * MINUTE + 1)
    assert len(await due(house)) == 1
    assert [one.row.action for one in await incidents(house)] == ["delay"]


async def test_a_warning_asks_for_a_reason(house):
    await rule(house, "warn", message="정말 보내시겠습니까?")
    assert "정말 보내시겠습니까?" in await refused(by_jmap, house, SECRET, "x@b.example")
    assert await incidents(house) == []
    reasoned = mail(f"주민등록번호 {NUMBER}", more="X-SmartMail-Reason: customer asked for it\r\n")
    await by_jmap(house, reasoned, "x@b.example")
    [one] = (await leaving(house)).values()
    assert one["X-SmartMail-Reason"] is None
    assert [(each.row.action, each.text.reason) for each in await incidents(house)] == [
        ("log", "customer asked for it")
    ]


async def test_a_mail_program_that_cannot_be_asked_has_its_letter_held(house):
    await rule(house, "warn")
    await submit(house, SECRET, "x@b.example")
    assert len(await house.services.addressing.approvals.list_all()) == 1
    reasoned = mail(f"주민등록번호 {NUMBER}", number=7, more="X-SmartMail-Reason: customer asked for it\r\n")
    await submit(house, reasoned, "y@b.example")
    one = (await leaving(house))["y@b.example",]
    assert one["X-SmartMail-Reason"] is None
    assert [each.text.reason for each in await incidents(house)] == ["customer asked for it", ""]


@DOORS
async def test_what_cannot_be_looked_into_is_held(house, door):
    """No child reads files in this house: what is in one nobody knows."""
    await rule(house, "block")
    await door(house, letter(b"PK\x03\x04 nobody reads this"), "x@b.example")
    [waiting] = await house.services.addressing.approvals.list_all()
    assert waiting.text.reason == "uninspectable"
    assert [(one.row.action, one.row.rule_id) for one in await incidents(house)] == [("approve", 0)]


@DOORS
async def test_what_this_way_cannot_do_is_held(house, door):
    await rule(house, "encrypt")
    await door(house, SECRET, "x@b.example")
    assert len(await house.services.addressing.approvals.list_all()) == 1


async def test_planned_mail_is_asked_again_at_its_hour(house):
    kim = house.accounts["kim@a.example"]
    actor = Actor(kim.id, kim.organization_id, "kim@a.example", False, Origin("jmap"))
    await by_jmap(house, SECRET, "x@b.example")
    [sent] = await house.services.submissions.list_all(actor, kim.id, None)
    assert await house.services.submissions.check_again(kim.id, sent.row.id) is None
    made = await rule(house, "approve")
    assert isinstance(await house.services.submissions.check_again(kim.id, sent.row.id), LeakBlocked)
    await house.services.leaks.rules.end(CLI, made.id)
    assert await house.services.submissions.check_again(kim.id, sent.row.id) is None


async def test_what_was_approved_is_not_held_a_second_time(house):
    kim = house.accounts["kim@a.example"]
    actor = Actor(kim.id, kim.organization_id, "kim@a.example", False, Origin("jmap"))
    await rule(house, "approve")
    await by_jmap(house, SECRET, "x@b.example")
    [sent] = await house.services.submissions.list_all(actor, kim.id, None)
    assert await house.services.submissions.check_again(kim.id, sent.row.id) is None


# --- incidents ---


async def test_unmasking_needs_a_reason_and_is_recorded(house):
    await rule(house, "block")
    await refused(submit, house, SECRET, "x@b.example")
    [one] = await incidents(house)
    home = house.accounts["kim@a.example"].organization_id
    service = house.services.leaks.incidents
    with pytest.raises(Invalid):
        await service.unmask(CLI, home, one.row.id, " ")
    assert await service.unmask(CLI, home, one.row.id, "고객 문의로 번호를 확인합니다") == (NUMBER.replace("-", ""),)
    kim = house.accounts["kim@a.example"]
    with pytest.raises(Forbidden):
        await service.unmask(
            Actor(kim.id, home, "kim@a.example", False, Origin("web")), home, one.row.id, "because I want to"
        )
    written = await house.store._db.rows("select actor, object from audit where action = 'leak-incident.unmask'")
    assert [tuple(row) for row in written] == [("cli", f"leak-incident:{one.row.id}")]


async def test_values_are_forgotten_and_the_incident_stays(house):
    await rule(house, "block")
    await refused(submit, house, SECRET, "x@b.example")
    [one] = await incidents(house)
    house.clock.go(91 * 24 * 60 * MINUTE)
    await house.services.leaks.incidents.forget()
    [left] = await incidents(house)
    assert left.text == one.text
    with pytest.raises(NotFound):
        await house.services.leaks.incidents.unmask(
            CLI, one.row.organization_id, one.row.id, "고객 문의로 번호를 확인합니다"
        )


# --- rules ---


async def test_a_rule_with_an_unknown_detector_is_refused(house):
    with pytest.raises(Invalid, match="kr.rnn"):
        await rule(house, "block", condition={"fact": "finding", "in": ["kr.rnn"]})
    with pytest.raises(Invalid):
        await rule(house, "pass")


async def test_an_exception_lets_one_person_through_until_it_ends(house):
    kim = house.accounts["kim@a.example"]
    blocked = await rule(house, "block")
    await rule(
        house, "pass", scope=Scope("account", str(kim.id)), valid_until=house.clock.now() + 10 * MINUTE, locked=False
    )
    await submit(house, SECRET, "x@b.example")
    house.clock.go(11 * MINUTE)
    await refused(submit, house, replace_id(SECRET), "x@b.example")
    assert blocked.id


def replace_id(octets: bytes) -> bytes:
    return octets.replace(b"<1@", b"<11@")


async def test_rules_of_one_company_do_not_speak_for_another(house):
    organization = await house.services.provisioning.organization("other")
    await house.services.directory.add_domain("c.example", organization)
    await house.person("park@c.example")
    other = house.accounts["park@c.example"].organization_id
    await rule(house, "block", scope=Scope("organization", str(other)))
    await submit(house, SECRET, "x@b.example")
    assert list(await leaving(house)) == [("x@b.example",)]


@pytest.mark.parametrize(
    ("action", "title"),
    [
        (LeakAction("block"), "보내지 못한 메일: hi"),
        (LeakAction("approve"), "승인을 기다리는 메일: hi"),
        (LeakAction("delay", minutes=10), "나중에 보내는 메일: hi"),
    ],
)
async def test_a_mail_program_is_told_in_ascii_and_its_person_by_a_notice(house, action, title):
    made = await rule(house, action, message="개인정보는 보안메일로 보내세요.")
    if action.kind == "block":
        said = await refused(submit, house, SECRET, "x@b.example")
        assert said.isascii() and said.startswith("550 5.7.1 ") and f"rule {made.id} " in said
    else:
        await submit(house, SECRET, "x@b.example")
    told = (await leaving(house))["kim@a.example",]
    assert told["subject"] == title
    text = told.get_content()
    assert "개인정보는 보안메일로 보내세요." in text
    assert f"규칙: 주민번호 ({made.id})" in text and "x@b.example" in text
    assert "- 본문: 900101-" in text and NUMBER not in text
    [one] = await incidents(house)
    assert f"{one.row.id:x}" in text


async def test_a_letter_that_is_refused_after_a_rule_held_it_has_no_notice(house):
    """A mail program asks for secure mail of a longer time than policy lets it have."""
    await rule(house, "approve")
    secure = SECRET.replace(b"Subject: hi", b"Subject: hi\r\nX-SmartMail-Secure: yes; days=9999")
    with pytest.raises(smtplib.SMTPDataError):
        await submit(house, secure, "x@b.example")
    assert await house.store.queue_entries(10) == []
    assert [one.row.action for one in await incidents(house)] == ["approve"]


@pytest.mark.parametrize("action", [LeakAction("approve"), LeakAction("delay", minutes=10)])
async def test_a_letter_that_waits_and_its_notice_are_one_commit(house, action, monkeypatch):
    await rule(house, action)
    holder, name = (house.store.approving, "ask") if action.kind == "approve" else (house.store, "enqueue_all")
    own, seen = getattr(holder, name), []

    async def failing(*given, **more):
        seen.append(await house.store.queue_entries(10))
        raise Unavailable

    monkeypatch.setattr(holder, name, failing)
    with pytest.raises(smtplib.SMTPDataError):
        await submit(house, SECRET, "x@b.example")
    assert seen == [[]] and await house.store.queue_entries(10) == []
    monkeypatch.setattr(holder, name, own)
    await submit(house, SECRET, "x@b.example")
    assert len(await house.store.queue_entries(10)) == 2


async def test_what_is_told_at_once_is_not_told_by_mail_and_a_flood_is_bounded(house):
    await rule(house, "block")
    await refused(by_jmap, house, SECRET, "x@b.example")
    assert await leaving(house) == {}
    for number in range(MOST + 3):
        await refused(submit, house, SECRET.replace(b"<1@", b"<%d@" % (number + 20)), "x@b.example")
    assert len(await house.store.queue_entries(100)) == MOST


LABELLED = {"fact": "label", "in": ["confidential"]}
MARKED = security_label.line("confidential", "대외비").decode()


async def label(house):
    home = house.accounts["kim@a.example"].organization_id
    await house.services.security_labels.replace(CLI, home, (SecurityLabel(id="confidential", name="대외비", rank=10),))


@DOORS
async def test_a_rule_asks_for_the_label_of_the_letter(house, door):
    await label(house)
    await rule(house, "block", condition=LABELLED)
    await refused(door, house, mail("hello", more=MARKED), "x@b.example")
    await door(house, CLEAN, "x@b.example")
    assert len(await due(house)) == 1


@DOORS
async def test_the_label_that_a_program_asks_for_by_sensitivity_counts(house, door):
    home = house.accounts["kim@a.example"].organization_id
    asked = SecurityLabel(id="confidential", name="대외비", rank=10, outside="approve")
    await house.services.security_labels.replace(CLI, home, (asked,))
    await rule(house, "block", condition=LABELLED)
    await refused(door, house, mail("hello", more="Sensitivity: Private\r\n"), "x@b.example")


@DOORS
async def test_a_rule_asks_for_the_label_of_an_attached_letter(house, door):
    await label(house)
    await rule(house, "block", condition=LABELLED)
    inner = f"From: lee@a.example\r\n{MARKED}Subject: plan\r\n\r\nhello\r\n"
    boundary = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n'
    head = "From: kim@a.example\r\nTo: x@b.example\r\nSubject: hi\r\nMessage-ID: <9@a.example>\r\n"
    for number, part in enumerate((inner, inner.replace(MARKED, ""))):
        parts = f"--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{part}\r\n--b--\r\n"
        octets = (head.replace("<9", f"<9{number}") + boundary + "\r\n" + parts).encode()
        if number:
            await door(house, octets, "x@b.example")
        else:
            await refused(door, house, octets, "x@b.example")
    assert len(await due(house)) == 1


class OneIsKnown:
    """A sender who has written to x@b.example and to nobody else."""

    async def has_written(self, _account, recipient):
        return recipient == "x@b.example", False


async def test_one_known_recipient_makes_a_domain_known(house, monkeypatch):
    monkeypatch.setattr(house.services.leaks.judge, "_acquaintances", OneIsKnown())
    account = house.accounts["kim@a.example"]
    firsts = house.services.leaks.judge._firsts
    people = ["y@b.example", "x@b.example", "z@c.example"]
    for order in (people, people[::-1]):
        assert await firsts(account, order) == ({"c.example"}, {"b.example", "c.example"})


async def test_a_rule_that_is_not_in_force_is_tried_on_a_text_and_on_a_whole_message(house):
    trying, kim = house.services.leaks.trying, house.accounts["kim@a.example"].id
    draft = LeakRule(Scope("system"), "draft", RRN, (LeakAction("block"),))
    told = await trying.text(kim, "web", ["x@b.example"], "", f"번호 {NUMBER}", draft)
    assert (told.action, told.rule and told.rule.name) == (LeakAction("block"), "draft")
    assert (await trying.message(kim, "smtp", ["x@b.example"], CLEAN, draft)).action is None
    assert (await trying.message(kim, "smtp", ["x@b.example"], SECRET, draft)).action == LeakAction("block")
    assert (await trying.message(kim, "smtp", ["x@b.example"], SECRET)).action is None
    with pytest.raises(Invalid):
        await trying.message(
            kim, "smtp", ["x@b.example"], SECRET, replace(draft, condition={"fact": "finding", "in": ["?"]})
        )
    begun = await rule(house, "block")
    # In the place of the one that it is to replace: that one says nothing any more.
    milder = replace(begun, actions=(LeakAction("warn"),))
    told = await trying.message(kim, "smtp", ["x@b.example"], SECRET, milder)
    assert told.action == LeakAction("warn") and len(told.tried) == 1
    assert await incidents(house) == []


async def test_a_rule_is_changed_in_one_step_and_only_within_its_scope(house):
    leaks = house.services.leaks
    begun = await rule(house, "block")
    epoch, _ = await leaks.rules.rules(CLI)
    await leaks.proposing.change(CLI, begun.id, replace(begun, name="번호"), "")
    after, [changed] = await leaks.rules.rules(CLI)
    assert (after, changed.name, changed.stage) == (epoch + 1, "번호", "on")
    await leaks.proposing.change(CLI, changed.id, replace(changed, stage="log"), "")
    _, [logs] = await leaks.rules.rules(CLI)
    assert logs.stage == "log"
    actions = [one.action for one in await house.store.policy_revisions(9)]
    assert actions[:3] == ["leak-rule.log", "leak-rule.change", "leak-rule.new"]
    with pytest.raises(Invalid):
        await leaks.proposing.change(CLI, logs.id, replace(logs, scope=Scope("domain", "a.example")), "")
    with pytest.raises(NotFound):
        await leaks.proposing.change(CLI, begun.id, logs, "")
