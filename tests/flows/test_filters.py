"""Filters run at delivery: over a real store, by SMTP and LMTP in, looked at by IMAP."""

import asyncio
import imaplib
import smtplib

import pytest
from tests.flows.house import PASSWORD, House, open_house

from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.filters.scripts import ScriptInUse, ScriptRefused
from smartmail.service.flow.filters.vacation import Vacation

KIM, LEE = "kim@a.example", "lee@a.example"


def mail(
    subject: str = "회의",
    to: str = KIM,
    sender: str = "x@b.example",
    message_id: str = "m1@b.example",
    more: str = "",
    body: str = "안녕하세요",
) -> bytes:
    return (
        f"From: 박서준 <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{message_id}>\r\n{more}"
        f"Date: Wed, 25 Nov 2026 09:00:00 +0900\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n"
    ).encode()


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(KIM)
        await opened.person(LEE)
        yield opened


def actor(house: House, login: str = KIM) -> Actor:
    account = house.accounts[login]
    return Actor(account.id, account.organization_id, login, is_admin=False, origin=Origin("sieve"))


async def use(house: House, script: str, login: str = KIM, name: str = "main") -> AccountId:
    who = actor(house, login)
    kept = await house.services.filters.put(who, who.account_id, name, script.encode())
    await house.services.filters.activate(who, who.account_id, kept.id)
    return who.account_id


async def send(house: House, message: bytes, to=(KIM,), *, sender="x@b.example", port="smtp", login: str = ""):
    def work():
        kind = smtplib.LMTP if port == "lmtp" else smtplib.SMTP
        with kind("127.0.0.1", house.ports[port]) as client:
            if login:
                client.login(login, PASSWORD)
            return client.sendmail(sender, list(to), message)

    return await asyncio.to_thread(work)


async def look(house: House, mailbox: str = "INBOX", login: str = KIM) -> list[tuple[bytes, bytes]]:
    """Return (flags line, octets) of each message of a mailbox; none when there is no such mailbox."""
    from smartmail.proto.imap.mutf7 import encode

    def work():
        client = imaplib.IMAP4("127.0.0.1", house.ports["imap"])
        client.login(login, PASSWORD)
        kind, count = client.select(b'"' + encode(mailbox) + b'"', readonly=True)
        if kind != "OK" or count == [b"0"]:
            client.logout()
            return []
        answer = client.fetch("1:*", "(FLAGS BODY.PEEK[])")[1]
        client.logout()
        return [(one[0], one[1]) for one in answer if isinstance(one, tuple)]

    return await asyncio.to_thread(work)


async def queued(house: House):
    """Return (envelope, recipients, octets) of everything in the queue."""
    from smartmail.service.kernel import envelope as opening

    found = []
    for work in await house.services.queue.lease("test", limit=100, busy={}):
        octets = await house.services.queue.octets(work, 0, 1 << 20)
        found.append((work.envelope, [one.address for _row, one in work.recipients], octets))
    assert opening
    return found


async def test_without_filters_mail_goes_to_the_inbox(house):
    await send(house, mail())
    assert len(await look(house)) == 1


async def test_fileinto_a_korean_mailbox_that_is_made(house):
    await use(
        house,
        'require ["fileinto", "mailbox", "imap4flags"];\r\n'
        'if header :contains "subject" "회의" { addflag ["\\\\Seen", "$Label1"]; fileinto :create "부서/회의록"; }',
    )
    await send(house, mail())
    await send(house, mail("다른 일", message_id="m2@b.example"))
    filed = await look(house, "부서/회의록")
    assert len(filed) == 1
    assert b"\\Seen" in filed[0][0]
    assert b"$label1" in filed[0][0].lower()
    assert filed[0][1].endswith(mail())
    assert [b"m2@b.example" in octets for _flags, octets in await look(house)] == [True]


async def test_a_missing_mailbox_keeps_the_mail_and_tells(house):
    account_id = await use(house, 'require "fileinto"; fileinto "없는 곳";')
    await send(house, mail())
    assert len(await look(house)) == 1
    problem = await house.services.filters.problem(actor(house), account_id)
    assert problem is not None
    assert problem.problem.sentence("ko") == "‘없는 곳’ 메일함이 없어 메일을 받은메일함에 두었습니다."


async def test_a_script_that_fails_keeps_the_mail(house):
    account_id = await use(house, 'require ["ihave", "fileinto"]; discard; error "그만";')
    await send(house, mail())
    assert len(await look(house)) == 1
    told = (await house.services.filters.problem(actor(house), account_id)).problem
    assert (told.line, told.column, told.told("en")) == (1, 41, "그만")
    await use(house, "keep;")
    assert await house.services.filters.problem(actor(house), account_id) is None


async def test_discard_accepts_and_stores_nothing(house):
    await use(house, "discard;")
    await send(house, mail())
    assert await look(house) == []


async def test_two_copies_and_a_changed_one(house):
    await use(
        house,
        'require ["fileinto", "copy", "editheader", "mailbox"];\r\n'
        'fileinto :copy :create "원본"; addheader "X-Checked" "예"; keep;',
    )
    await send(house, mail())
    (_flags, original), (_more, changed) = (await look(house, "원본"))[0], (await look(house))[0]
    assert original.endswith(mail())
    assert b"X-Checked" not in original
    assert changed.startswith(b"X-Checked: =?utf-8?")
    assert changed.endswith(mail())
    # The peer did not hear our answer and says it again: nothing is stored twice.
    await send(house, mail())
    assert (len(await look(house)), len(await look(house, "원본"))) == (1, 1)


async def test_redirect_goes_through_the_queue_once(house):
    await use(house, 'require "copy"; redirect :copy "out@c.example";')
    await send(house, mail())
    await send(house, mail())
    found = await queued(house)
    [(envelope, recipients)] = [(one[0], one[1]) for one in found]
    # What leaves for outside has a way back through us (formats/srs.py).
    assert envelope.reverse_path.startswith("SRS0=") and envelope.reverse_path.endswith("=b.example=x@a.example")
    assert recipients == ["out@c.example"]
    octets = found[0][2]
    assert octets.startswith(b"X-SmartMail-Redirected: ")
    assert octets.count(b"Return-Path:") == 0
    assert octets.endswith(mail())
    assert len(await look(house)) == 1


async def test_redirect_alone_leaves_nothing_here(house):
    await use(house, 'redirect "out@c.example";')
    await send(house, mail())
    assert await look(house) == []
    assert len(await queued(house)) == 1


async def test_a_redirect_cannot_loop(house):
    """Two people redirect to each other: the message ends in the mailbox of the first."""
    await use(house, f'redirect "{LEE}";', KIM)
    await use(house, f'redirect "{KIM}";', LEE)
    await send(house, mail())
    for _round in range(4):
        for work in await house.services.queue.lease("test", limit=100, busy={}):
            await house.services.queue.report("test", work, await house.services.delivery.deliver_queued(work))
    assert len(await look(house, login=KIM)) == 1
    assert await look(house, login=LEE) == []
    assert await queued(house) == []


async def test_a_redirect_to_oneself_keeps(house):
    await use(house, f'redirect "{KIM}";')
    await send(house, mail())
    assert len(await look(house)) == 1


async def test_vacation_answers_each_sender_once(house):
    await use(house, 'require "vacation"; vacation :days 7 "휴가 중입니다.";')
    await send(house, mail())
    await send(house, mail("둘째", message_id="m2@b.example"))
    found = await queued(house)
    assert [(one[0].reverse_path, one[1]) for one in found] == [("", ["x@b.example"])]
    text = found[0][2].decode()
    assert "Auto-Submitted: auto-replied" in text
    assert "In-Reply-To: <m1@b.example>" in text
    assert f"<{KIM}>" in text
    assert len(await look(house)) == 2


@pytest.mark.parametrize(
    ("message", "sender"),
    [
        (mail(), ""),
        (mail(more="List-Id: <l.b.example>\r\n"), "x@b.example"),
        (mail(more="Precedence: bulk\r\n"), "x@b.example"),
        (mail(more="Auto-Submitted: auto-generated\r\n"), "x@b.example"),
        (mail(to="somebody@else.example"), "x@b.example"),
        (mail(), "mailer-daemon@b.example"),
        (mail(), "list-request@b.example"),
        (mail(), KIM),
    ],
)
async def test_vacation_is_silent(house, message, sender):
    await use(house, 'require "vacation"; vacation "away";')
    await send(house, message, sender=sender)
    assert await queued(house) == []
    assert len(await look(house)) == 1


async def test_the_absence_of_the_form_answers_beside_a_script(house):
    who = actor(house)
    await use(house, 'require ["fileinto", "mailbox"]; fileinto :create "A";')
    away = Vacation(is_enabled=True, subject="부재중", text="다음 주에 뵙겠습니다.", html="<p>다음 주</p>")
    await house.services.filters.set_vacation(who, who.account_id, away)
    assert await house.services.filters.vacation(who, who.account_id) == away
    await send(house, mail())
    found = await queued(house)
    assert [one[1] for one in found] == [["x@b.example"]]
    assert b"multipart/alternative" in found[0][2]
    assert len(await look(house, "A")) == 1


async def test_an_absence_without_text_speaks_the_persons_language(house):
    who = actor(house)
    await house.services.filters.set_vacation(who, who.account_id, Vacation(is_enabled=True))
    await send(house, mail())
    from email import message_from_bytes, policy

    answer = message_from_bytes((await queued(house))[0][2], policy=policy.default)
    assert answer["subject"] == "자동 회신: 회의"
    assert "자리를 비운" in answer.get_content()


async def test_an_absence_has_a_begin_and_an_end(house):
    who = actor(house)
    now = house.clock.now()
    for away in (
        Vacation(is_enabled=True, from_date=now + 3_600_000),
        Vacation(is_enabled=True, to_date=now - 1),
        Vacation(is_enabled=False),
    ):
        await house.services.filters.set_vacation(who, who.account_id, away)
        await send(house, mail(message_id=f"{away.from_date}{away.to_date}@b.example"))
    assert await queued(house) == []
    assert len(await look(house)) == 3


async def test_reject_answers_in_the_dialog(house):
    await use(house, 'require "reject"; reject "not wanted";')
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await send(house, mail())
    assert refused.value.smtp_code == 550
    assert b"not wanted" in refused.value.smtp_error
    assert await look(house) == []


async def test_reject_of_one_of_two_recipients_goes_to_junk(house):
    await use(house, 'require "ereject"; ereject "no";')
    await send(house, mail(), (KIM, LEE))
    assert len(await look(house, login=LEE)) == 1
    assert len(await look(house, "Junk")) == 1
    assert await queued(house) == []


async def test_reject_by_lmtp_is_for_that_recipient(house):
    await use(house, 'require "reject"; reject "no";')

    def work():
        with smtplib.LMTP("127.0.0.1", house.ports["lmtp"]) as client:
            client.ehlo()
            for command in ("MAIL FROM:<x@b.example>", f"RCPT TO:<{KIM}>", f"RCPT TO:<{LEE}>", "DATA"):
                client.docmd(command)
            client.send(mail() + b".\r\n")
            # `sendmail` reads one answer to DATA; RFC 2033 §4.2 gives one for each recipient.
            return [client.getreply() for _recipient in (KIM, LEE)]

    first, second = await asyncio.to_thread(work)
    assert (first[0], second[0]) == (550, 250)
    assert b"no" in first[1]
    assert len(await look(house, login=LEE)) == 1
    assert await look(house) == []


async def test_reject_of_a_colleagues_mail_is_reported(house):
    """A sender who logged in is known to be true, so a report reaches nobody else."""
    await use(house, 'require "reject"; reject "no";')
    await send(house, mail(sender=LEE), (KIM, LEE), sender=LEE, port="submission", login=LEE)
    for _round in range(3):
        for work in await house.services.queue.lease("test", limit=100, busy={}):
            await house.services.queue.report("test", work, await house.services.delivery.deliver_queued(work))
    assert await look(house) == []
    texts = [octets for _flags, octets in await look(house, login=LEE)]
    assert len(texts) == 2
    assert any(b"multipart/report" in one for one in texts)


async def test_duplicates_are_known_by_id(house):
    await use(
        house,
        'require ["duplicate", "fileinto", "mailbox"];\r\nif duplicate { fileinto :create "중복"; stop; } keep;',
    )
    await send(house, mail("하나"))
    await send(house, mail("둘"))
    assert len(await look(house)) == 1
    assert len(await look(house, "중복")) == 1


async def test_notify_writes_a_mail(house):
    await use(house, 'require "enotify"; notify :importance "1" "mailto:boss@c.example";')
    await send(house, mail())
    found = await queued(house)
    assert [(one[0].reverse_path, one[1]) for one in found] == [("", ["boss@c.example"])]
    assert b"Auto-Submitted: auto-notified" in found[0][2]


async def test_fcc_keeps_a_copy_of_the_answer(house):
    await use(
        house,
        'require ["vacation", "fcc", "mailbox"]; vacation :fcc "답장" :create "away";',
    )
    await send(house, mail())
    kept = await look(house, "답장")
    assert len(kept) == 1
    assert b"away" in kept[0][1]
    assert b"Return-Path" not in kept[0][1]


async def test_body_of_a_stored_message_is_searched(house):
    await use(house, 'require ["body", "fileinto", "mailbox"]; if body :contains "계약서" { fileinto :create "계약"; }')
    await send(house, mail(body="x\r\n" * 100_000 + "계약서"))
    await send(house, mail(message_id="m2@b.example"))
    assert len(await look(house, "계약")) == 1
    assert len(await look(house)) == 1


async def test_a_large_message_keeps_its_end_when_the_header_changes(house):
    await use(house, 'require "editheader"; addheader "X-A" "b";')
    big = mail(body="y" * 70 + "\r\n" + "z\r\n" * 400_000 + "end")
    await send(house, big)
    octets = (await look(house))[0][1]
    assert octets.startswith(b"X-A: b\r\n")
    assert octets.endswith(big)


async def test_included_scripts_run(house):
    who = actor(house)
    await house.services.filters.put(
        who, who.account_id, "공통", b'require ["fileinto", "mailbox"]; fileinto :create "C";'
    )
    await use(house, 'require "include"; include :personal "공통";')
    await send(house, mail())
    assert len(await look(house, "C")) == 1


async def test_queued_mail_goes_through_filters(house):
    """A recipient elsewhere sends the whole message to the queue; our recipient's copy is filtered there."""
    await use(house, 'require ["fileinto", "mailbox"]; fileinto :create "Q";')
    await send(house, mail(sender=LEE), (KIM, "out@c.example"), sender=LEE, port="submission", login=LEE)
    for work in await house.services.queue.lease("test", limit=100, busy={}):
        if work.domain == "a.example":
            await house.services.queue.report("test", work, await house.services.delivery.deliver_queued(work))
    assert len(await look(house, "Q")) == 1


async def test_scripts_are_checked_and_kept(house):
    who, filters = actor(house), house.services.filters
    with pytest.raises(ScriptRefused) as refused:
        await filters.put(who, who.account_id, "a", b"\r\nkeepp;")
    assert refused.value.public == "2행 1열: 알 수 없는 명령 ‘keepp’입니다."
    one = await filters.put(who, who.account_id, "필터", b"keep;")
    again = await filters.put(who, who.account_id, "필터", b"discard;")
    assert again.id == one.id
    assert await filters.content(who, who.account_id, one.id) == b"discard;"
    await filters.activate(who, who.account_id, one.id)
    with pytest.raises(ScriptInUse):
        await filters.delete(who, who.account_id, one.id)
    renamed = await filters.rename(who, who.account_id, one.id, "새 이름")
    assert (renamed.is_active, renamed.name) == (True, "새 이름")
    await filters.activate(who, who.account_id, None)
    await filters.delete(who, who.account_id, one.id)
    assert await filters.list_all(who, who.account_id) == []


async def test_scripts_are_sealed_at_rest(house, tmp_path):
    await use(house, "# 비밀스러운 규칙 SECRETWORD\r\nkeep;", name="SECRETNAME")
    octets = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert b"SECRETWORD" not in octets
    assert b"SECRETNAME" not in octets


async def test_an_absence_says_something_else_to_the_outside(house):
    who = actor(house)
    away = Vacation(is_enabled=True, text="안에서만 아는 이야기", outside="other", outside_text="I am on leave.")
    await house.services.filters.set_vacation(who, who.account_id, away)
    await send(house, mail())
    [(_, recipients, octets)] = await queued(house)
    assert recipients == ["x@b.example"] and b"I am on leave." in octets
    await house.services.filters.set_vacation(who, who.account_id, Vacation(is_enabled=True, outside="none"))
    await send(house, mail("둘째", message_id="m2@b.example"), sender="y@b.example")
    assert len(await look(house)) == 2
    assert await queued(house) == []


async def test_an_absence_tells_colleagues_what_is_meant_for_them(house):
    who = actor(house)
    away = Vacation(is_enabled=True, text="only inside", outside="none")
    await house.services.filters.set_vacation(who, who.account_id, away)
    await send(house, mail(sender=LEE), sender=LEE, port="submission", login=LEE)
    answers = [one for one in await queued(house) if one[0].reverse_path == ""]
    assert answers and b"only inside" in answers[0][2]
