"""What leak rules change in a letter: masked texts, files taken out, copies for an auditor; by SMTP submission and by JMAP alike."""

import base64
import email
import email.policy

import pytest
from tests.flows.test_big_attachments import CLI, arrived, leaving, set_knob
from tests.flows.test_footers import by_jmap
from tests.flows.test_leaks import DOORS, NUMBER, due, house, incidents, mail, rule

from smartmail.domain.errors import Invalid, Unavailable
from smartmail.domain.leaks import LeakAction
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.outgoing.changed_letters import ChangedLetters
from smartmail.service.kernel.clock import DAY

__all__ = ["house"]
SHOWN = "900101-1******"


def letter(text: str, html: str = "", *files: tuple[str, str], subject: str = "hi", kind: str = "mixed") -> bytes:
    def part(head: str, content: str) -> str:
        return (
            f"--b\r\n{head}Content-Transfer-Encoding: base64\r\n\r\n{base64.b64encode(content.encode()).decode()}\r\n"
        )

    parts = [part("Content-Type: text/plain; charset=utf-8\r\n", text)]
    if html:
        parts.append(part("Content-Type: text/html; charset=utf-8\r\n", html))
    for name, content in files:
        parts.append(
            part(
                f'Content-Type: text/csv; name="{name}"\r\nContent-Disposition: attachment; filename="{name}"\r\n',
                content,
            )
        )
    head = mail("", subject).partition(b"Content-Type:")[0]
    return (
        head
        + f"MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary=b\r\n\r\n{''.join(parts)}--b--\r\n".encode()
    )


SECRET = f"주민등록번호 {NUMBER}"


async def sent(house) -> bytes:
    """Return the octets that leave for x@b.example."""
    return (await queued(house, "x@b.example")).as_bytes()


async def queued(house, address: str):
    """Return the one letter in the queue for an address."""
    [found] = [one for named, one in (await leaving(house)).items() if address in named]
    return found


def texts(octets: bytes) -> list[str]:
    message = email.message_from_bytes(octets, policy=email.policy.default)
    return [one.get_content() for one in message.walk() if one.get_content_maintype() == "text"]


async def waiting(house):
    return await house.services.addressing.approvals.list_all()


async def as_written(house) -> list[bytes]:
    """Return what lies in the sender's own mailboxes."""
    kim = house.accounts["kim@a.example"]
    actor = Actor(kim.id, kim.organization_id, "kim@a.example", False, Origin("jmap"))
    rows = await house.store.all_messages(kim.id)
    return [await house.services.reading.octets(actor, kim.id, row.id) for row in rows]


@DOORS
async def test_what_is_found_is_masked_in_subject_text_and_html_and_the_senders_own_stays(house, door):
    await rule(house, "mask")
    written = letter(SECRET, "<p>주민등록번호 <b>900101</b>-<i>1234568</i></p>", subject="rrn 900101-1234568")
    await door(house, written, "x@b.example")
    assert await waiting(house) == []
    octets = await sent(house)
    message = email.message_from_bytes(octets, policy=email.policy.default)
    plain, page = texts(octets)
    assert SHOWN in plain and "<b>900101</b>-<i>1******</i>" in page
    assert "1234568" not in plain + page + message["Subject"] and message["Subject"].endswith(SHOWN)
    assert [one.row.action for one in await incidents(house)] == ["mask"]
    if door is by_jmap:
        own = await as_written(house)
        assert any(NUMBER in "".join(texts(one)) for one in own)


@DOORS
async def test_what_an_officer_found_to_be_no_leak_is_not_masked(house, door):
    await rule(house, "mask")
    await door(house, mail(SECRET, number=7), "y@b.example")
    until = house.clock.now() + DAY
    [noted] = await incidents(house)
    await house.services.leaks.exceptions.make(
        CLI, noted.row.organization_id, noted.row.id, until, "시험용 번호입니다."
    )
    other = "900101-2234567"
    await door(house, letter(f"{SECRET} {other}", "", ("people.csv", SECRET)), "x@b.example")
    assert await waiting(house) == []
    plain, file = texts(await sent(house))
    assert NUMBER in plain and other not in plain and "900101-2******" in plain and NUMBER in file


@DOORS
async def test_a_letter_of_one_part_is_masked_too(house, door):
    await rule(house, "mask")
    await door(house, mail(SECRET), "x@b.example")
    [text] = texts(await sent(house))
    assert SHOWN in text and NUMBER not in text


@DOORS
async def test_a_file_with_a_finding_is_taken_out_and_a_note_says_so(house, door):
    await rule(house, "strip")
    await door(house, letter("hello", "", ("people.csv", SECRET), ("clean.csv", "nothing")), "x@b.example")
    assert await waiting(house) == []
    octets = await sent(house)
    assert NUMBER not in "".join(texts(octets)) and base64.b64encode(SECRET.encode()) not in octets
    assert "hello" in texts(octets)[0] and "people.csv" in texts(octets)[1]
    assert texts(octets)[2].strip() == "nothing"
    assert [one.row.action for one in await incidents(house)] == ["strip"]


@DOORS
async def test_text_and_file_by_one_rule(house, door):
    await rule(house, "mask", "strip")
    await door(house, letter(SECRET, "", ("people.csv", SECRET)), "x@b.example")
    octets = await sent(house)
    assert SHOWN in texts(octets)[0] and NUMBER not in "".join(texts(octets))


@DOORS
async def test_a_name_with_a_number_is_not_told_by_the_note(house, door):
    await rule(house, "strip")
    await door(house, letter("hello", "", (f"rrn {NUMBER}.csv", "nothing")), "x@b.example")
    assert "1234568" not in (await sent(house)).decode()


@DOORS
@pytest.mark.parametrize("written", [
    letter("hello", "", ("people.csv", SECRET)),
    letter(SECRET, "", ("people.csv", SECRET)),
    letter(SECRET, kind="signed; micalg=sha-256; protocol=application/pgp-signature"),
    letter("hello\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\n" + SECRET),
])  # fmt: skip
async def test_what_masking_does_not_reach_is_held_as_it_is(house, door, written):
    await rule(house, "mask")
    await door(house, written, "x@b.example")
    assert len(await waiting(house)) == 1 and await due(house) == []
    assert NUMBER in "".join(texts(await sent(house)))
    assert [one.row.action for one in await incidents(house)] == ["approve"]


@DOORS
async def test_what_taking_out_does_not_reach_is_held(house, door):
    await rule(house, "strip")
    await door(house, letter(SECRET, "", ("clean.csv", "nothing")), "x@b.example")
    assert len(await waiting(house)) == 1 and await due(house) == []


@DOORS
async def test_an_auditor_gets_the_letter_as_it_was_written(house, door):
    await house.person("audit@a.example")
    await rule(house, "mask", LeakAction("copy", address="audit@a.example"))
    await door(house, mail(SECRET), "x@b.example")
    assert NUMBER not in "".join(texts(await sent(house)))
    copy = await queued(house, "audit@a.example")
    assert NUMBER in "".join(texts(copy.as_bytes()))
    assert "x@b.example" in copy.as_string()


@DOORS
async def test_a_copy_alone_lets_the_letter_go_as_it_is(house, door):
    await house.person("audit@a.example")
    await rule(house, LeakAction("copy", address="audit@a.example"))
    await door(house, mail(SECRET), "x@b.example")
    assert NUMBER in "".join(texts(await sent(house)))
    assert NUMBER in "".join(texts((await queued(house, "audit@a.example")).as_bytes()))
    assert [one.row.action for one in await incidents(house)] == ["copy"]


@DOORS
async def test_who_approves_decides_about_what_will_leave(house, door):
    await rule(house, "mask", "approve")
    await door(house, mail(SECRET, subject=NUMBER), "x@b.example")
    [asked] = await waiting(house)
    assert NUMBER not in asked.text.subject
    assert NUMBER not in "".join(texts(await sent(house)))
    await house.services.addressing.approvals.decide(CLI, asked.row.id, approve=True)
    assert await due(house) == [asked.row.entry_id]
    assert SHOWN in texts(await sent(house))[0]


async def test_planned_mail_that_was_masked_leaves_at_its_hour_and_a_rule_that_came_later_stops_it(house):
    kim = house.accounts["kim@a.example"]
    actor = Actor(kim.id, kim.organization_id, "kim@a.example", False, Origin("jmap"))
    await rule(house, "mask")
    await by_jmap(house, mail(SECRET), "x@b.example")
    [submission] = await house.services.submissions.list_all(actor, kim.id, None)
    assert await house.services.submissions.check_again(kim.id, submission.row.id) is None
    await rule(house, "mask", LeakAction("delay", minutes=1))
    assert await house.services.submissions.check_again(kim.id, submission.row.id) is not None


@DOORS
async def test_where_a_letter_cannot_be_written_anew_nothing_leaves(house, door, monkeypatch):
    await rule(house, "mask")

    async def fails(*_args):
        raise Unavailable

    with monkeypatch.context() as broken:
        broken.setattr(ChangedLetters, "write", fails)
        with pytest.raises(Exception, match="451|not available|unavailable|Unavailable") as _:
            await door(house, mail(SECRET), "x@b.example")
        assert not any("x@b.example" in named for named in await leaving(house)) and await waiting(house) == []
    await door(house, mail(SECRET, number=5), "x@b.example")
    assert SHOWN in texts(await sent(house))[0]


@DOORS
async def test_the_sender_is_told_what_was_masked(house, door):
    await rule(house, "mask")
    await door(house, mail(SECRET), "x@b.example")
    told = await queued(house, "kim@a.example")
    assert SHOWN in told.get_body().get_content() and NUMBER not in told.as_string()


@DOORS
async def test_a_file_with_a_finding_is_put_behind_a_link(house, door):
    await rule(house, "link")
    await door(house, letter("hello", "", ("people.csv", SECRET), ("clean.csv", "nothing")), "x@b.example")
    assert await waiting(house) == []
    octets = await sent(house)
    assert NUMBER not in "".join(texts(octets)) and base64.b64encode(SECRET.encode()) not in octets
    assert "people.csv" in texts(octets)[1] and "http" in texts(octets)[1]
    assert texts(octets)[2].strip() == "nothing"
    assert [one.row.action for one in await incidents(house)] == ["link"]


@DOORS
async def test_text_links_and_files_that_go_in_one_letter(house, door):
    await rule(house, "mask", "link")
    await rule(house, "strip", condition={"fact": "finding", "in": ["card"]})
    files = ("card.csv", "card 4111-1111-1111-1111"), ("people.csv", SECRET)
    await door(house, letter(SECRET, "", *files), "x@b.example")
    plain, taken, linked = texts(await sent(house))
    assert (
        SHOWN in plain and "http" not in taken and "card.csv" in taken and "http" in linked and "people.csv" in linked
    )


@DOORS
async def test_without_links_by_policy_it_is_held(house, door):
    await set_knob(house, "big-files.allowed", False)
    await rule(house, "link")
    await door(house, letter("hello", "", ("people.csv", SECRET)), "x@b.example")
    assert len(await waiting(house)) == 1 and await due(house) == []


@DOORS
async def test_a_name_with_a_number_is_no_name_of_a_link(house, door):
    await rule(house, "link")
    await door(house, letter("hello", "", (f"rrn {NUMBER}.csv", SECRET)), "x@b.example")
    assert len(await waiting(house)) == 1 and await due(house) == []


@DOORS
async def test_people_outside_get_it_as_secure_mail_and_people_inside_as_it_is(house, door):
    await rule(house, "secure")
    await door(house, mail(SECRET), "x@b.example", "lee@a.example")
    assert await waiting(house) == []
    octets = await sent(house)
    assert "http" in "".join(texts(octets)) and NUMBER not in "".join(texts(octets))
    inside = [one for named, one in (await leaving(house)).items() if "lee@a.example" in named]
    own = inside[0] if inside else await arrived(house, "lee@a.example")
    assert NUMBER in "".join(texts(own.as_bytes()))
    assert [one.row.action for one in await incidents(house)] == ["secure"]


@DOORS
async def test_without_secure_mail_by_policy_it_is_held(house, door):
    await set_knob(house, "secure-mail.allowed", False)
    await rule(house, "secure")
    await door(house, mail(SECRET), "x@b.example")
    assert len(await waiting(house)) == 1 and await due(house) == []


@DOORS
async def test_secure_mail_that_an_approval_is_wanted_for_is_held_as_ordinary_mail(house, door):
    await rule(house, "secure", "approve")
    await door(house, mail(SECRET), "x@b.example")
    [asked] = await waiting(house)
    await house.services.addressing.approvals.decide(CLI, asked.row.id, approve=True)
    assert await due(house) == [asked.row.entry_id]
    assert NUMBER in "".join(texts(await sent(house)))


async def test_secure_mail_is_no_action_of_a_rule_about_mail_inside(house):
    with pytest.raises(Invalid):
        await rule(house, "secure", direction="internal")
