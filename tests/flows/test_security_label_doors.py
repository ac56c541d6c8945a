"""Security labels by SMTP as by JMAP, the same words; a stranger's label means nothing (BR-17)."""

from smtplib import SMTPDataError

import msgspec
import pytest
from tests.flows.house import open_house
from tests.flows.test_big_attachments import CLI, arrived, leaving, submit
from tests.flows.test_footers import by_jmap

from smartmail.domain.errors import PolicyRejected
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.security_labels import SecurityLabel
from smartmail.formats import security_label
from smartmail.formats.headers import Header
from smartmail.service.flow.authentication.forgeries import forgeries, without
from smartmail.service.kernel.clock import DAY

SECRET = SecurityLabel(id="confidential", name="대외비", rank=10, outside="refuse", mark=True)
FIELD = security_label.line(SECRET.id, SECRET.name)
PLAIN = b"From: kim@a.example\r\nTo: x@b.example\r\nSubject: plan\r\nMessage-ID: <1@a.example>\r\n%s\r\nhello\r\n"


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        kim = await opened.person("kim@a.example")
        await opened.person("lee@a.example")
        await opened.services.security_labels.replace(CLI, kim.organization_id, (SECRET,))
        yield opened


@pytest.mark.parametrize("door", [submit, by_jmap])
@pytest.mark.parametrize("asked", [FIELD, b"Sensitivity: Private\r\n"])
async def test_it_is_refused_by_both_doors_in_words_and_nothing_leaves(house, door, asked):
    with pytest.raises((PolicyRejected, SMTPDataError), match="mail labelled confidential does not leave the company"):
        await door(house, PLAIN % asked, "x@b.example", "lee@a.example")
    assert await leaving(house) == {}


@pytest.mark.parametrize("door", [submit, by_jmap])
async def test_inside_it_arrives_with_label_and_mark_whatever_sent_it(house, door):
    await door(house, PLAIN % FIELD, "lee@a.example")
    inside = (await leaving(house)).get(("lee@a.example",)) or await arrived(house, "lee@a.example")
    assert inside["subject"] == "[대외비] plan"
    assert security_label.read_field(inside["sio-label"].encode()) == "confidential"
    assert inside.get_content().strip() == "hello"


@pytest.mark.parametrize("door", [submit, by_jmap])
async def test_mail_without_one_is_byte_for_byte_what_it_was(house, door):
    await door(house, PLAIN % b"", "x@b.example")
    [one] = (await leaving(house)).values()
    assert one.as_bytes().replace(b"\n", b"\r\n").endswith(PLAIN % b"")


@pytest.mark.parametrize("door", [submit, by_jmap])
async def test_both_doors_hold_a_letter_whose_sender_asks_for_a_lower_label(house, door):
    kim = house.accounts["kim@a.example"]
    general = SecurityLabel(id="general", name="일반", rank=0)
    await house.services.security_labels.replace(CLI, kim.organization_id, (general, SECRET))
    await by_jmap(house, PLAIN % FIELD, "lee@a.example")
    lower = security_label.line("general", "일반") + b"In-Reply-To: <1@a.example>\r\n"
    answer = (PLAIN % (lower + b"X-SmartMail-Label-Reason: no prices\r\n")).replace(
        b"<1@a.example>\r\nSIO", b"<2@a.example>\r\nSIO"
    )
    await door(house, answer, "x@b.example")
    [waiting] = await house.services.addressing.approvals.list_all()
    assert (waiting.row.kind, waiting.text.lowered) == ("label", ("대외비", "일반", "no prices"))
    [rows] = [rows for entry, rows in await house.store.queue_entries(100) if entry.id == waiting.row.entry_id]
    assert {one.state for one in rows} == {"held"}
    await house.services.addressing.approvals.decide(CLI, waiting.row.id, approve=True)
    out = (await leaving(house))["x@b.example",]
    assert security_label.read_field(out["sio-label"].encode()) == "general"
    assert (out["subject"], out["x-smartmail-label-reason"]) == ("plan", None)


@pytest.mark.parametrize("door", [submit, by_jmap])
async def test_a_label_whose_term_is_over_keeps_nothing_inside_and_the_header_stays(house, door):
    kim = house.accounts["kim@a.example"]
    brief = msgspec.structs.replace(SECRET, term=30)
    await house.services.security_labels.replace(CLI, kim.organization_id, (brief,))
    foreseeing, actor = (
        house.services.submissions.foreseeing,
        Actor(kim.id, kim.organization_id, kim.login, False, Origin("web")),
    )
    await by_jmap(house, PLAIN % FIELD, "lee@a.example")
    answer = (PLAIN % b"In-Reply-To: <1@a.example>\r\n").replace(b"<1@a.example>\r\nIn", b"<2@a.example>\r\nIn")
    assert await foreseeing.least_label(actor, kim.id, ["1@a.example"]) == "confidential"
    with pytest.raises((PolicyRejected, SMTPDataError), match="mail labelled confidential"):
        await door(house, answer, "x@b.example")
    house.clock.ahead += 30 * DAY
    assert await foreseeing.least_label(actor, kim.id, ["1@a.example"]) == ""
    await door(house, answer.replace(b"<2@", b"<3@"), "x@b.example")
    out = (await leaving(house))["x@b.example",]
    assert (out["subject"], out["sio-label"]) == ("plan", None)
    sent = (await leaving(house)).get(("lee@a.example",)) or await arrived(house, "lee@a.example")
    assert security_label.read_field(sent["sio-label"].encode()) == "confidential", "what was sent stays as it was sent"


def test_a_label_from_outside_is_cut_and_another_houses_stays():
    other = b'SIO-Label: marking="TOP SECRET"; type=":ess"; label="abc"\r\n'
    header = b"From: a@b.example\r\n" + FIELD + other + b"Subject: x\r\n"
    assert without(header, forgeries(header, "mx.a.example")) == b"From: a@b.example\r\n" + other + b"Subject: x\r\n"


@pytest.mark.parametrize(
    "value", [b"", b";;;", b"label=confidential", b'type="', b"label*=x''%ff; type*0=a", b"\xff" * 900]
)
def test_broken_fields_name_no_label(value):
    assert security_label.read(Header(b"SIO-Label: " + value + b"\r\n")).labels == ()
