"""Secure mail from a mail program: outside a notice with a link of one's own goes, inside the letter; recall and what it leaves."""

import asyncio
import email
import email.policy
import re
import smtplib
import sqlite3
from contextlib import suppress

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.strength import rounds

from smartmail.domain.errors import AuthFailed, NotFound, RateLimited
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import SealError
from smartmail.service.kernel.envelope import open_recipient
from smartmail.service.mailbox.secure_mail import Over, TooEarly

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
THERE = Origin("links", "203.0.113.9")
SECRET = "The price is 42,000,000 won."


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        opened.directory = tmp_path / "data"
        await opened.person("kim@a.example")
        await opened.person("lee@a.example")
        await set_knob(opened, "secure-mail.proof", "link")
        yield opened


async def set_knob(house, name, value):
    await house.services.governing.set_knob(CLI, PolicyRule(name, Scope("system"), value))


def letter(field: str = "yes", subject: str = "Quotation for May") -> bytes:
    asked = f"X-SmartMail-Secure: {field}\r\n" if field else ""
    return (
        f"From: Kim <kim@a.example>\r\nTo: lee@a.example, park@b.example\r\nSubject: {subject}\r\n{asked}"
        "Message-ID: <first@a.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\n{SECRET}\r\n"
        "--b\r\nContent-Type: text/csv; name=prices.csv\r\nContent-Disposition: attachment; filename=prices.csv\r\n\r\n"
        "a,b\r\n--b--\r\n"
    ).encode()


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
        octets = await house.services.secure_mail.opening._blobs.read(entry.blob, entry.organization_id, key)
        named = tuple(open_recipient(keys, row).address for row in rows)
        found[named] = email.message_from_bytes(octets, policy=email.policy.default)
    return found


def actor(house, login: str = "kim@a.example") -> Actor:
    account = house.accounts[login]
    return Actor(account.id, account.organization_id, login, False, Origin("jmap", "127.0.0.1"))


def token_in(mail) -> str:
    return re.search(r"https://\S+/secure/(\S+)", mail.get_content())[1]


async def sent(house, field: str = "yes", *recipients: str) -> str:
    """Send a letter, return the token of its first recipient."""
    recipients = recipients or ("park@b.example",)
    await submit(house, letter(field), *recipients)
    return token_in((await leaving(house))[(recipients[0],)])


async def opened(house, token: str, shown: str = "") -> str:
    opening = house.services.secure_mail.opening
    found = await opening.find(token, THERE)
    await opening.prove(found, shown)
    return await opening.open(found, THERE, "test")


async def text_of(house, secret: str) -> str:
    opening = house.services.secure_mail.opening
    reading = await opening.reading(secret)
    content = opening.content(reading)
    return (await opening.octets(reading, content, 0, 1 << 20)).decode()


async def arrived(house, login: str):
    account = house.accounts[login]
    for _ in range(1000):
        rows = await house.store.all_messages(account.id)
        if rows:
            break
        await asyncio.sleep(0.01)
    octets = await house.services.reading.octets(actor(house, login), account.id, rows[0].id)
    return email.message_from_bytes(octets, policy=email.policy.default)


async def test_outside_gets_notices_of_their_own_and_inside_the_letter(house):
    await submit(house, letter("yes; proof=link"), "lee@a.example", "park@b.example", "choi@c.jp")
    waiting = await leaving(house)
    assert {("park@b.example",), ("choi@c.jp",)} <= set(waiting)
    inside = await arrived(house, "lee@a.example")
    assert SECRET in inside.get_body().get_content() and inside["x-smartmail-secure"] is None
    tokens = set()
    for (address,), mail in waiting.items():
        told = bytes(mail).decode()
        assert mail["to"] == address and mail["from"] == "Kim <kim@a.example>"
        assert SECRET not in told and "Quotation" not in told and "prices" not in told and "lee@a" not in told
        assert mail["references"] == "<first@a.example>" and mail["message-id"] != "<first@a.example>"
        tokens.add(token_in(mail))
    assert len(tokens) == 2 and all(len(one) == 32 for one in tokens)
    assert (
        "セキュアメール" in waiting[("choi@c.jp",)]["subject"] and "보안메일" in waiting[("park@b.example",)]["subject"]
    )
    for token in tokens:
        assert SECRET in await text_of(house, await opened(house, token))


@pytest.mark.parametrize("subject", ["[보안] 견적서", "[secure] quote", "Re: [Secure] quote"])
async def test_a_subject_tag_asks_for_it_where_policy_says_so(house, subject):
    await submit(house, letter("", subject), "park@b.example")
    [mail] = (await leaving(house)).values()
    token_in(mail)
    [told] = await house.services.secure_mail.console.list_all(actor(house))
    assert told.letter.text.subject == subject.rpartition("] ")[2]
    await set_knob(house, "secure-mail.subject-tag", False)
    await submit(house, letter("", subject), "choi@b.example")
    assert SECRET in (await leaving(house))[("choi@b.example",)].get_body().get_content()


async def test_ordinary_mail_stays_so_and_policy_may_force_it(house):
    await submit(house, letter(""), "park@b.example")
    assert SECRET in (await leaving(house))[("park@b.example",)].get_body().get_content()
    await set_knob(house, "secure-mail.always", True)
    for field, address in (("", "choi@b.example"), ("no", "han@b.example")):
        await submit(house, letter(field), address)
        assert SECRET not in bytes((await leaving(house))[(address,)]).decode()


@pytest.mark.parametrize(
    "field",
    ["maybe", "yes; views=many", "yes; colour=red", "yes; days=9999", "yes; from=2099-01-01T00:00Z", "yes; views=0x"],
)
async def test_what_is_asked_for_and_not_understood_is_refused_and_nothing_leaves(house, field):
    with pytest.raises((smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused)):
        await submit(house, letter(field), "park@b.example")
    assert await leaving(house) == {}


async def test_a_code_goes_to_the_recipient_and_opens_once(house):
    token = await sent(house, "yes; proof=code")
    opening = house.services.secure_mail.opening
    found = await opening.find(token, THERE)
    with pytest.raises(AuthFailed):
        await opening.prove(found, "")
    await opening.send_code(found)
    with pytest.raises(RateLimited):
        await opening.send_code(await opening.find(token, THERE))
    codes = [
        mail
        for (to,), mail in (await leaving(house)).items()
        if to == "park@b.example" and "/secure/" not in mail.get_content()
    ]
    code = re.search(r"\d{6}", codes[-1]["subject"])[0]
    secret = await opened(house, token, code)
    assert SECRET in await text_of(house, secret)
    with pytest.raises(AuthFailed):
        await opened(house, token, code)


async def test_who_sends_asks_for_no_less_than_policy_says(house):
    await set_knob(house, "secure-mail.proof", "code")
    for field, proof in (("yes", "code"), ("yes; proof=link", "code"), ("yes; proof=password", "password")):
        await submit(house, letter(field), "park@b.example")
        assert (await house.services.secure_mail.console.list_all(actor(house)))[0].letter.text.proof == proof


async def test_a_password_is_made_and_told_to_the_sender_alone(house):
    token = await sent(house, "yes; proof=password")
    words = await arrived_text(house)
    password = re.search(r"비밀번호는 (\w+)입니다", words)[1]
    assert len(password) == 10
    notice = bytes((await leaving(house))[("park@b.example",)]).decode()
    assert password not in notice
    with pytest.raises(AuthFailed):
        await opened(house, token, "wrong")
    assert SECRET in await text_of(house, await opened(house, token, password))


async def arrived_text(house, login: str = "kim@a.example") -> str:
    for to, mail in (await leaving(house)).items():
        if to == (login,):
            return mail.get_content()
    return (await arrived(house, login)).get_content()


async def test_five_wrong_ones_rest_ten_lock_and_a_new_password_opens_again(house):
    token = await sent(house, "yes; proof=password")
    for _ in range(5):
        with pytest.raises(AuthFailed):
            await opened(house, token, "wrong")
    with pytest.raises(RateLimited):
        await opened(house, token, "wrong")
    house.clock.go(1000 * 15 * 60)
    for _ in range(4):
        with pytest.raises(AuthFailed):
            await opened(house, token, "wrong")
    with pytest.raises(Over) as locked:
        await opened(house, token, "wrong")
    assert locked.value.end == "locked"
    with pytest.raises(Over):
        await house.services.secure_mail.opening.find(token, THERE)
    console = house.services.secure_mail.console
    [told] = await console.list_all(actor(house))
    assert told.tickets[0].state == "locked"
    made = await console.change(actor(house), told.letter.row.id, password="")
    assert SECRET in await text_of(house, await opened(house, token, made))


async def test_views_are_counted_for_each_and_in_all(house):
    await submit(house, letter("yes; proof=link; views=3; each=2"), "park@b.example", "choi@b.example")
    waiting = await leaving(house)
    park, choi = (token_in(waiting[(one,)]) for one in ("park@b.example", "choi@b.example"))
    for _ in range(20):
        await house.services.secure_mail.opening.find(park, THERE)
    first, _second = await opened(house, park), await opened(house, park)
    with pytest.raises(Over) as over:
        await opened(house, park)
    assert over.value.end == "used"
    await opened(house, choi)
    with pytest.raises(Over):
        await opened(house, choi)
    # What was opened may be read on.
    assert SECRET in await text_of(house, first)


async def test_the_window_is_that_of_the_servers_clock(house):
    now = house.clock.now()
    begin, end = now + 3_600_000, now + 2 * 3_600_000

    def shown(at: int) -> str:
        import datetime

        return datetime.datetime.fromtimestamp(at / 1000, datetime.UTC).isoformat()

    token = await sent(house, f"yes; proof=link; from={shown(begin)}; until={shown(end)}")
    house.clock.go(begin - house.clock.now() - 1000)
    with pytest.raises(TooEarly):
        await opened(house, token)
    house.clock.go(1000)
    secret = await opened(house, token)
    house.clock.go(end - house.clock.now() - 1000)
    await opened(house, token)
    house.clock.go(1000)
    with pytest.raises(Over) as over:
        await opened(house, token)
    assert over.value.end == "expired"
    with pytest.raises((Over, NotFound)):
        await house.services.secure_mail.opening.reading(secret)


async def test_a_recall_ends_everything_and_says_what_it_could_not(house):
    await submit(house, letter("yes; proof=link"), "park@b.example", "choi@b.example")
    waiting = await leaving(house)
    park, choi = (token_in(waiting[(one,)]) for one in ("park@b.example", "choi@b.example"))
    secret = await opened(house, park)
    secure = house.services.secure_mail
    [told] = await secure.console.list_all(actor(house))
    assert [(one.text.recipient, one.state) for one in told.tickets] == [
        ("choi@b.example", "sent"),
        ("park@b.example", "opened"),
    ]
    [(view, who)] = told.tickets[1].views
    assert (who.address, who.agent) == ("203.0.113.9", "test") and view.at
    with pytest.raises(NotFound):
        await secure.console.recall(actor(house, "lee@a.example"), told.letter.row.id)
    done = await secure.console.recall(actor(house), told.letter.row.id)
    assert {one.ticket_id: one.views for one in done} == {told.tickets[0].row.id: 0, told.tickets[1].row.id: 1}
    for token in (park, choi):
        with pytest.raises(Over) as over:
            await secure.opening.find(token, THERE)
        assert over.value.end == "recalled"
    with pytest.raises(Over):
        await text_of(house, secret)
    [told] = await secure.console.list_all(actor(house))
    assert [one.state for one in told.tickets] == ["recalled", "recalled-after"]


async def test_of_an_opening_and_a_recall_at_once_one_comes_first_and_the_sender_is_told_which(house):
    secure = house.services.secure_mail

    async def see(token) -> str:
        """Return what is on the page; "" where it opens no more."""
        try:
            secret = await opened(house, token)
        except Over:
            return ""
        with suppress(Over, SealError):
            return await text_of(house, secret)
        return "called back while it was shown"

    for turn in range(rounds(25, 200)):
        await submit(
            house, letter("yes; proof=link").replace(b"<first@", b"<%d@" % turn), f"r{turn % 5}@b.example"
        )  # more are a theft
        [told, *_] = await secure.console.list_all(actor(house))
        token, letter_id = told.tickets[0].text.token, told.letter.row.id
        seeing = asyncio.ensure_future(see(token))
        for _ in range(turn % 10 * 4):
            await asyncio.sleep(0)
        [done] = await secure.console.recall(actor(house), letter_id)
        seen = await seeing
        assert done.views == (1 if seen else 0), turn
        [told, *_] = await secure.console.list_all(actor(house))
        assert told.letter.row.id == letter_id
        assert told.tickets[0].state == ("recalled-after" if seen else "recalled"), turn
        assert await see(token) == ""
        house.clock.go(60_000)


async def test_the_last_ticket_recalled_alone_ends_the_letter(house):
    await submit(house, letter("yes; proof=link"), "park@b.example", "choi@b.example")
    secure = house.services.secure_mail
    [told] = await secure.console.list_all(actor(house))
    await secure.console.recall_ticket(actor(house), told.tickets[0].row.id)
    assert not (await house.store.secure_mail.letter(told.letter.row.id)).ended
    await secure.console.recall_ticket(actor(house), told.tickets[1].row.id)
    assert (await house.store.secure_mail.letter(told.letter.row.id)).ended == "recalled"


async def test_a_backup_taken_after_a_recall_cannot_open_it(house):
    """Crypto-shredding: the wrapped key is in no octet of the database any more, and what is kept of the row opens nothing."""
    token = await sent(house, "yes; proof=link")
    secure = house.services.secure_mail
    secret = await opened(house, token)
    reading = await secure.opening.reading(secret)
    before = reading.invitation.letter.row
    assert before.content_key in await backup(house, "before")
    await secure.console.recall(actor(house), before.id)
    later = await backup(house, "later")
    assert before.sealed in later, "the records of the letter are still there for its sender"
    assert before.content_key not in later and before.content_key[14:46] not in later
    row = await house.store.secure_mail.letter(before.id)
    opened_row = await secure.opening._keys.open(row)
    with pytest.raises(SealError):
        secure.opening._keys.content(opened_row)


async def backup(house, name: str) -> bytes:
    """Return the octets of a copy of the database as it is now, page by page."""
    source = house.directory / "mail.db"
    target = house.directory / f"{name}.copy"

    def copy() -> bytes:
        with sqlite3.connect(f"file:{source}?mode=ro", uri=True) as one, sqlite3.connect(target) as other:
            one.backup(other)
        other.close()
        one.close()
        return target.read_bytes()

    return await asyncio.to_thread(copy)


async def test_of_an_opening_and_a_recall_at_a_time_one_wins(house):
    secure = house.services.secure_mail
    for number in range(8):
        await submit(house, letter("yes; proof=link"), f"park{number}@b.example")
        token = token_in((await leaving(house))[(f"park{number}@b.example",)])
        found = await secure.opening.find(token, THERE)
        acts = [secure.opening.open(found, THERE, ""), secure.console.recall(actor(house), found.letter.row.id)]
        if number % 2:
            acts.reverse()
        results = await asyncio.gather(*acts, return_exceptions=True)
        has_opened = any(isinstance(one, str) for one in results)
        [told] = next(one for one in results if isinstance(one, list))
        assert told.views == int(has_opened)
        assert has_opened != any(isinstance(one, Over) for one in results)


async def test_keys_of_letters_whose_time_is_over_are_destroyed_by_the_job(house):
    token = await sent(house, "yes; proof=link; days=1")
    secure = house.services.secure_mail
    [told] = await secure.console.list_all(actor(house))
    house.clock.go(1000 * 86_400)
    await secure.upkeep.turn()
    row = await house.store.secure_mail.letter(told.letter.row.id)
    assert row.ended == "expired" and row.content_key != told.letter.row.content_key
    with pytest.raises(Over) as over:
        await secure.opening.find(token, THERE)
    assert over.value.end == "expired"
    house.clock.go(1000 * 366 * 86_400)
    await secure.upkeep.turn()
    assert await secure.console.list_all(actor(house)) == []


async def test_a_notice_goes_again_and_extends(house):
    await sent(house, "yes; proof=link; days=1")
    console = house.services.secure_mail.console
    [told] = await console.list_all(actor(house))
    await console.send_again(actor(house), told.tickets[0].row.id)
    entries = [rows for _entry, rows in await house.store.queue_entries(100)]
    assert len(entries) == 2
    await console.change(actor(house), told.letter.row.id, expires_at=house.clock.now() + 5 * 86_400_000, most=7)
    [told] = await console.list_all(actor(house))
    assert told.letter.row.most == 7 and told.letter.row.expires_at > house.clock.now() + 4 * 86_400_000


async def test_from_elsewhere_than_the_letter_says_nothing_is_opened(house):
    token = await sent(house, "yes; proof=link")
    opening = house.services.secure_mail.opening
    assert await opening.find(token, Origin("links", "198.51.100.1"))
    with pytest.raises(NotFound):
        await opening.find("x" * 32, THERE)
