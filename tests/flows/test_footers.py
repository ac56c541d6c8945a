"""The company's footer: below what leaves by SMTP and by JMAP alike, by policy, once; never in what is signed."""

import pytest
from tests.flows.house import open_house
from tests.flows.test_big_attachments import CLI, arrived, leaving, letter, set_knob, submit

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.submission_request import Request

WORDS = ("[ko]", "이 메일은 대외비입니다.", "[en]", "<p>This mail is <b>confidential</b>.</p>")
KO, EN = "이 메일은 대외비입니다.", "This mail is confidential."
PLAIN = b"From: kim@a.example\r\nTo: x@b.example\r\nSubject: hi\r\nMessage-ID: <1@a.example>\r\n\r\nhello\r\n"


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        await opened.person("lee@a.example")
        await set_knob(opened, "footer.text", WORDS)
        yield opened


async def by_jmap(house, octets: bytes, *recipients: str) -> None:
    """Send a draft as the webmail does."""
    kim = house.accounts["kim@a.example"]
    actor = Actor(kim.id, kim.organization_id, "kim@a.example", False, Origin("jmap"))
    box = await house.services.mailboxes.by_role(actor, kim.id, "drafts")
    intake = await house.services.messages.begin(actor, kim.id, len(octets))
    await intake.feed(octets)
    added = await house.services.messages.add(actor, kim.id, await intake.finish(), [box.row.id])
    [identity, *_] = await house.services.identities.list_all(actor, kim.id)
    request = Request(identity.row.id, added.message_id, rcpt_to=recipients)
    await house.services.submissions.submit(actor, kim.id, request)


@pytest.mark.parametrize("door", [submit, by_jmap])
async def test_br_16_web_and_smtp_are_equal(house, door):
    await door(house, PLAIN, "x@b.example", "lee@a.example")
    [(recipients, one)] = (await leaving(house)).items()
    assert "x@b.example" in recipients
    assert one.get_content().replace("\r\n", "\n") == f"hello\n\n{'-' * 40}\n{KO}\n"
    assert one["subject"] == "hi"


@pytest.mark.parametrize("door", [submit, by_jmap])
async def test_what_stays_in_the_house_carries_none_unless_policy_says_so(house, door):
    await door(house, PLAIN, "lee@a.example")
    # What programs submit is delivered at once, what the webmail sends goes by the queue.
    inside = (await leaving(house)).get(("lee@a.example",)) or await arrived(house, "lee@a.example")
    assert inside.get_content().strip() == "hello"
    await set_knob(house, "footer.where", "all")
    again = PLAIN.replace(b"<1@", b"<2@")
    await door(house, again, "x@b.example")
    assert KO in (await leaving(house))["x@b.example",].get_content()


@pytest.mark.parametrize("door", [submit, by_jmap])
async def test_an_answer_that_quotes_it_and_what_is_signed_stay_as_they_are(house, door):
    answer = PLAIN.replace(b"hello\r\n", f"yes\r\n> hello\r\n> {KO[:6]}\r\n> {KO[6:]}\r\n".encode())
    answer = answer.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", 1)
    await door(house, answer, "x@b.example")
    signed = letter(b"x", 'multipart/signed; protocol="application/pkcs7-signature"')
    await door(house, signed, "y@b.example")
    waiting = await leaving(house)
    assert waiting["x@b.example",].get_content().count("대외비") == 1
    assert waiting["y@b.example",].as_bytes().endswith(signed[signed.index(b"--b\r\n") :].replace(b"\r\n", b"\n"))
    await set_knob(house, "footer.once-per-thread", False)
    await door(house, answer.replace(b"<1@", b"<3@"), "z@b.example")
    assert (await leaving(house))["z@b.example",].get_content().count("대외비") == 2


async def test_the_words_are_those_of_the_nearest_scope_in_the_senders_language(house):
    kim = house.accounts["kim@a.example"]
    own = PolicyRule("footer.text", Scope("account", str(kim.id)), ("[en]", *WORDS[3:]))
    await house.services.governing.set_knob(CLI, own)
    both = letter(b"octets").replace(b"text/plain\r\n\r\nHere they are.", b"text/html\r\n\r\n<b>Here</b></body>")
    await submit(house, both, "x@b.example")
    [one] = (await leaving(house)).values()
    html = one.get_body(("html",)).get_content()
    assert "<b>confidential</b>" in html
    assert html.rstrip().endswith("</div></body>")
    assert [part.get_filename() for part in one.iter_attachments()] == ["plans.zip"]
    told = await house.services.saving.told(Actor(kim.id, kim.organization_id, "kim@a.example", False, Origin("jmap")))
    assert told["footer"] == {"where": "outside", "text": EN, "once": True}


async def test_a_footer_begins_with_its_language(house):
    for wrong in (("no language",), ("[tlh]", "nuqneH"), ("[ko]", "x" * 3000)):
        with pytest.raises(Exception, match="lines behind a language"):
            await set_knob(house, "footer.text", wrong)
