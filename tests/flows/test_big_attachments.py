"""Big attachments of mail programs: outside they arrive as links, inside as files or links by policy; DKIM comes after."""

import asyncio
import base64
import email
import email.policy
import os
import re
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
MEBIBYTE = 1 << 20


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        await opened.person("lee@a.example")
        await set_knob(opened, "big-files.switch-octets", MEBIBYTE)
        yield opened


async def set_knob(house, name, value):
    await house.services.governing.set_knob(CLI, PolicyRule(name, Scope("system"), value))


def letter(octets: bytes, content_type: str = "multipart/mixed") -> bytes:
    coded = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    return (
        b"From: kim@a.example\r\nTo: lee@a.example, park@b.example, choi@c.example\r\nSubject: plans\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: " + content_type.encode() + b"; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: text/plain\r\n\r\nHere they are.\r\n"
        b"--b\r\nContent-Type: application/zip; name=plans.zip\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename=plans.zip\r\n\r\n" + coded + b"--b--\r\n"
    )


async def submit(house, octets: bytes, *recipients: str) -> None:
    def send() -> None:
        with smtplib.SMTP("127.0.0.1", house.ports["submission"]) as client:
            client.login("kim@a.example", PASSWORD)
            client.sendmail("kim@a.example", recipients, octets)

    await asyncio.to_thread(send)


async def leaving(house) -> dict[tuple[str, ...], email.message.EmailMessage]:
    """Return what waits to go outside, by its recipients."""
    found = {}
    for entry, rows in await house.store.queue_entries(100):
        keys = await house.services.queue._keyring.queue(entry.organization_id)
        key = keys.unwrap(entry.blob.id, entry.wrapped_key)
        octets = await house.services.big_files.giving._contents._blobs.read(entry.blob, entry.organization_id, key)
        from smartmail.service.kernel.envelope import open_recipient

        named = tuple(open_recipient(keys, row).address for row in rows)
        found[named] = email.message_from_bytes(octets, policy=email.policy.default)
    return found


def shape(mail) -> list[str]:
    return [part.get_content_type() for part in mail.walk()]


async def arrived(house, login: str):
    account = house.accounts[login]
    actor = Actor(account.id, account.organization_id, login, False, Origin("jmap"))
    for _ in range(1000):
        rows = await house.store.all_messages(account.id)
        if rows:
            break
        await asyncio.sleep(0.05)
    octets = await house.services.reading.octets(actor, account.id, rows[0].id)
    return email.message_from_bytes(octets, policy=email.policy.default)


async def test_outside_gets_links_of_their_own_and_inside_the_file(house):
    octets = os.urandom(3 * MEBIBYTE)
    await submit(house, letter(octets), "park@b.example", "choi@c.example")
    waiting = await leaving(house)
    assert set(waiting) == {("park@b.example",), ("choi@c.example",)}
    urls = set()
    for mail in waiting.values():
        assert shape(mail) == ["multipart/mixed", "text/plain", "text/plain"]
        first, note = mail.iter_parts()
        assert "Here they are." in first.get_content()
        urls.add(re.search(r"https://\S+/files/\S+", note.get_content())[0])
        assert "plans.zip" in note.get_content() and "3.0 MB" in note.get_content()
        assert len(bytes(mail)) < 10_000
    assert len(urls) == 2
    await house.services.big_files.verdicts.settle()
    kim = house.accounts["kim@a.example"]
    actor = Actor(kim.id, kim.organization_id, kim.login, False, Origin("jmap"))
    [file] = await house.services.big_files.links.files(actor)
    assert (file.row.state, file.row.size, file.text.name) == ("ready", len(octets), "plans.zip")
    links = await house.services.big_files.links.list_all(actor)
    assert {one.text.recipient for one in links} == {"park@b.example", "choi@c.example"}
    offer = await house.services.big_files.giving.find(links[0].text.token)
    ticket = await house.services.big_files.giving.taken(
        await house.services.big_files.giving.take(offer, Origin("links", "127.0.0.1"), "")
    )
    pieces = [piece async for piece in house.services.big_files.giving.pieces(ticket, 0, len(octets))]
    assert b"".join(pieces) == octets


async def test_one_link_for_all_where_policy_says_so(house):
    await set_knob(house, "big-files.per-recipient", False)
    await submit(house, letter(os.urandom(2 * MEBIBYTE)), "park@b.example", "choi@c.example")
    assert set(await leaving(house)) == {("park@b.example", "choi@c.example")}


async def test_who_is_inside_gets_the_file_or_a_link_by_policy(house):
    octets = os.urandom(2 * MEBIBYTE)
    await submit(house, letter(octets), "lee@a.example")
    mail = await arrived(house, "lee@a.example")
    assert [part.get_content() for part in mail.iter_attachments()] == [octets]
    await set_knob(house, "big-files.inside", "link")
    await house.person("han@a.example")
    await submit(house, letter(octets), "han@a.example")
    assert "application/zip" not in shape(await arrived(house, "han@a.example"))


async def test_a_mixed_letter_has_two_forms(house):
    octets = os.urandom(2 * MEBIBYTE)
    await submit(house, letter(octets), "lee@a.example", "park@b.example")
    mail = await arrived(house, "lee@a.example")
    assert [part.get_content() for part in mail.iter_attachments()] == [octets]
    assert shape((await leaving(house))[("park@b.example",)]) == ["multipart/mixed", "text/plain", "text/plain"]


async def test_small_and_signed_letters_stay_as_they_are(house):
    await submit(house, letter(os.urandom(MEBIBYTE // 2)), "park@b.example")
    assert "application/zip" in shape((await leaving(house))[("park@b.example",)])
    signed = 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256'
    await submit(house, letter(os.urandom(2 * MEBIBYTE), signed), "choi@c.example")
    assert "application/zip" in shape((await leaving(house))[("choi@c.example",)])


async def test_links_of_a_group_that_only_shows_say_so_and_give_nothing(house, monkeypatch):
    await set_knob(house, "big-files.view-only", True)
    await submit(house, letter(os.urandom(2 * MEBIBYTE)), "park@b.example")
    [mail] = (await leaving(house)).values()
    _first, note = mail.iter_parts()
    assert "보기 전용" in note.get_content() and "볼 수 있습니다" in note.get_content()
    token = re.search(r"/files/(\S+)", note.get_content())[1]
    giving = house.services.big_files.giving
    await house.services.big_files.verdicts.settle()
    offer = await giving.find(token)
    assert offer.text.view_only
    ticket = await giving.take(offer, Origin("links", "127.0.0.1"), "")
    with pytest.raises(NotFound):
        await giving.taken(ticket)
    # What is too large to be shown is refused as mail: nobody gets half of it.
    monkeypatch.setattr("smartmail.service.mailbox.previewing.MAX_OCTETS", MEBIBYTE)
    with pytest.raises(smtplib.SMTPResponseException):
        await submit(house, letter(os.urandom(2 * MEBIBYTE)), "choi@c.example")
    assert set(await leaving(house)) == {("park@b.example",)}
