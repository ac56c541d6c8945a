"""Hosts that attack are shut out, slowed or cut; all others are served as if nothing were."""

import asyncio
import ipaddress

import msgspec
import pytest
from tests.flows.attackers import ADMIN, Peer, doors, greet, log_in, plain, send, until
from tests.flows.house import PASSWORD, LocalBus, compose_house, open_house

from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.principal import Origin
from smartmail.edge.net.limits import Limits
from smartmail.service.kernel.clock import DAY, MINUTE
from smartmail.service.protection.defence.settings import DefenceSettings, decode

BAD, CLEAN, OFFICE = "198.51.100.7", "203.0.113.9", "192.0.2.33"
MAIL = b"From: a@outside.test\r\nSubject: hello\r\n\r\nhello\r\n"


async def tune(house, **values) -> None:
    made = msgspec.structs.replace(DefenceSettings(), tarpit_s=0.0, greet_pause_s=0.0, **values)
    await house.store.put_setting("system", "defence", msgspec.json.encode(made).decode())
    house.services.defence.parts.bans.tell()
    await house.services.defence.ready()


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, domains=("a.test",)) as opened:
        await opened.person("kim@a.test")
        await opened.person("lee@a.test")
        await tune(opened)
        yield opened


async def harvest(address: str, port: int, count: int) -> tuple[int, bool]:
    """Try unknown recipients; return how many were answered, and whether the connection was ended."""
    peer = await greet(address, port)
    await peer.say("MAIL FROM:<spy@outside.test>")
    answered = 0
    for number in range(count):
        reply = await peer.say(f"RCPT TO:<nobody{number}@a.test>")
        if not reply.startswith("550"):
            await peer.close()
            return answered, reply.startswith("421") or not reply
        answered += 1
    await peer.close()
    return answered, False


async def test_a_harvester_is_cut_and_shut_out_with_evidence(house):
    async with doors(house) as ports:
        answered, ended = await harvest(BAD, ports["smtp"], 200)
        assert ended
        assert answered <= 26
        await until(house.services.defence.bans)
        assert (await (await Peer.from_(BAD, ports["smtp"])).rest()).startswith(b"421")
        # Nobody else is touched, neighbours included, and no door opens for the harvester.
        assert (await send("198.51.100.8", ports["smtp"], "a@outside.test", "kim@a.test", MAIL)).startswith("250")
        assert (await (await Peer.from_(BAD, ports["imap"])).rest()).startswith(b"421")
        [ban] = await house.services.defence.bans()
    assert (ban.subject, ban.reason, ban.by, ban.level) == ("198.51.100.7/32", "harvest", "system", 0)
    assert ban.evidence["harvest"] >= 25
    assert 9 * MINUTE < ban.until - house.clock.now() <= 10 * MINUTE


async def test_a_ban_is_released_by_one_call_and_audited(house):
    defence = house.services.defence
    async with doors(house) as ports:
        await harvest(BAD, ports["smtp"], 60)
        await until(defence.bans)
        await defence.release(ADMIN, BAD)
        await defence.ready()
        assert (await send(BAD, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)).startswith("250")
        with pytest.raises(NotFound):
            await defence.release(ADMIN, BAD)
    [ended] = await defence.history()
    assert ended.released_by == "cli"
    actions = [row.record.action for row in await house.store.unchained_records("audit", 0, 100)]
    assert [one for one in actions if one.startswith("defence.")] == ["defence.ban", "defence.release"]


async def test_open_connections_of_a_banned_host_end_and_logins_stay(house):
    async with doors(house) as ports:
        strangers = [await Peer.from_(BAD, ports[door]) for door in ("smtp", "imap", "pop3")]
        for peer in strangers:
            await peer.reader.readline()
        member, other = await greet(BAD, ports["submission"]), await greet(CLEAN, ports["smtp"])
        assert (await member.say(f"AUTH PLAIN {plain('kim@a.test', PASSWORD)}")).startswith("235")
        await house.services.defence.ban(ADMIN, BAD, house.clock.now() + MINUTE)
        for peer in strangers:
            assert await peer.rest() == b""
        for peer in (member, other):
            assert (await peer.say("MAIL FROM:<kim@a.test>")).startswith("250")


async def test_who_comes_again_is_shut_out_for_longer(house):
    defence = house.services.defence
    bans = defence.parts.bans
    spans = []
    for _ in range(3):
        ban = await bans.ban("198.51.100.7/32", "errors", {"errors": 40})
        spans.append((ban.until - ban.since) // 1000)
    assert spans == [600, 3600, 6 * 3600]
    # One that was taken back is no history.
    await defence.release(ADMIN, BAD)
    assert (await bans.ban("198.51.100.7/32", "errors", {})).level == 0


async def test_a_ban_reaches_other_processes_with_and_without_the_hint(tmp_path, house):
    deaf, defence = LocalBus(), house.services.defence
    async with compose_house(tmp_path, bus=deaf) as other:
        await other.services.defence.ready()
        assert other.services.defence.admit(BAD) == ""
        await defence.ban(ADMIN, BAD, house.clock.now() + MINUTE, "by hand")
        # Its bus hears nothing: the look each second finds it.
        await until(lambda: other.services.defence.admit(BAD) == "banned", 30.0)
        await defence.release(ADMIN, BAD)
        deaf.publish("defence-bans", "")
        await until(lambda: other.services.defence.admit(BAD) == "", 30.0)
        [kept] = await other.services.defence.history()
        assert other.services.defence.note(kept) == "by hand"
        assert b"by hand" not in (kept.sealed_note or b"")


async def test_processes_count_together(tmp_path, house):
    """Guesses spread over processes are guesses of one host."""
    bus = LocalBus()
    async with compose_house(tmp_path, bus=bus) as one, compose_house(tmp_path, bus=bus) as two:
        for each in (one, two):
            await each.services.defence.ready()
        for _ in range(25):
            one.services.defence.parts.strikes.strike("harvest", BAD)
        assert two.services.defence.parts.strikes.within("harvest", BAD)
        await until(lambda: not two.services.defence.parts.strikes.within("harvest", BAD), 30.0)
        two.services.defence.parts.strikes.strike("harvest", BAD)
        two.services.defence.parts.strikes.strike("harvest", BAD)
        await until(one.services.defence.bans, 30.0)


async def test_an_office_with_good_history_is_never_shut_out_whole(house):
    async with doors(house) as ports:
        assert (await log_in(OFFICE, ports["submission"], "kim@a.test", PASSWORD)).startswith("235")
        await house.services.defence.settle()
        await harvest(OFFICE, ports["smtp"], 60)
        await until(lambda: house.services.defence.parts.strikes.is_slow(OFFICE, "harvest"))
        assert await house.services.defence.bans() == []
        # The colleague's mail program, and mail from there, are served.
        assert (await log_in(OFFICE, ports["submission"], "lee@a.test", PASSWORD)).startswith("235")
        assert (await send(OFFICE, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)).startswith("250")


async def test_many_bad_neighbours_make_one_ban(house):
    strikes = house.services.defence.parts.strikes
    for number in range(8):
        for _ in range(26):
            strikes.strike("harvest", f"198.51.100.{number + 10}")
        await house.services.defence.settle()
    assert "198.51.100.0/24" in {ban.subject for ban in await house.services.defence.bans()}
    assert house.services.defence.admit("198.51.100.200") == "banned"
    assert house.services.defence.admit("198.51.101.1") == ""


async def test_an_exception_protects_until_its_end(house):
    defence = house.services.defence
    await defence.allow_address(ADMIN, "198.51.100.0/24", house.clock.now() + DAY)
    await defence.ready()
    async with doors(house) as ports:
        answered, ended = await harvest(BAD, ports["smtp"], 60)
        assert (answered, ended) == (60, False)
    assert await defence.bans() == []
    await defence.disallow_address(ADMIN, "198.51.100.0/24")
    with pytest.raises(NotFound):
        await defence.disallow_address(ADMIN, "198.51.100.0/24")


@pytest.mark.parametrize("text", ["0.0.0.0/0", "127.0.0.1", "nobody", "10.0.0.0/7", "::/8"])
async def test_what_cannot_be_named_is_refused(house, text):
    with pytest.raises(Invalid):
        await house.services.defence.ban(ADMIN, text, house.clock.now() + MINUTE)


async def test_early_talk_bare_newlines_and_mistakes_count(house):
    async with doors(house) as ports:
        # Behind EHLO without waiting for its answer (RFC 2920 §3.1).
        peer = await Peer.from_(BAD, ports["smtp"], b"EHLO x.test\r\nMAIL FROM:<a@b.test>\r\n")
        assert b"554 5.5.0" in await peer.rest()
        strikes = house.services.defence.parts.strikes
        assert 4 < strikes._addresses["errors"].used("198.51.100.7/32", house.clock.now()) <= 5
        for _ in range(8):
            talker = await Peer.from_(BAD, ports["smtp"], b"EHLO x.test\r\nMAIL FROM:<a@b.test>\r\n")
            await talker.rest()
        await until(house.services.defence.bans)
        [ban] = await house.services.defence.bans()
        assert ban.reason == "errors"
        smuggler = await greet("198.51.100.99", ports["smtp"])
        await smuggler.say("MAIL FROM:<a@b.test>")
        await smuggler.say("RCPT TO:<kim@a.test>")
        await smuggler.say("DATA")
        smuggler.send(b"Subject: x\r\n\r\nhello\n.\nMAIL FROM:<b@b.test>\r\n.\r\n")
        assert (await smuggler.reply()).startswith("554 5.6.0")
        assert strikes._addresses["errors"].used("198.51.100.99/32", house.clock.now()) > 2


async def test_a_suspect_waits_for_the_greeting_and_who_does_not_is_cut(house):
    await tune(house)
    made = msgspec.structs.replace(DefenceSettings(), greet_pause_s=0.3, tarpit_s=0.0)
    await house.store.put_setting("system", "defence", msgspec.json.encode(made).decode())
    house.services.defence.parts.bans.tell()
    await house.services.defence.ready()
    for _ in range(4):
        house.services.defence.parts.strikes.strike("errors", BAD)
    async with doors(house) as ports:
        assert (await (await Peer.from_(BAD, ports["smtp"], b"EHLO x.test\r\n")).rest()).startswith(b"554 5.5.0")
        began = asyncio.get_running_loop().time()
        peer = await greet(BAD, ports["smtp"])
        assert asyncio.get_running_loop().time() - began >= 0.3
        await peer.close()
        began = asyncio.get_running_loop().time()
        await (await greet(CLEAN, ports["smtp"])).close()
        assert asyncio.get_running_loop().time() - began < 0.3


async def test_connections_of_one_host_are_capped_and_others_are_not(house):
    await tune(house, connection_burst=20, connections_per_s=1.0)
    async with doors(house) as ports:
        answers = [await (await Peer.from_(BAD, ports["smtp"])).reply() for _ in range(40)]
        assert sum(one.startswith("220") for one in answers) in range(20, 24)
        assert (await send(CLEAN, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)).startswith("250")


async def test_an_address_that_people_log_in_from_has_room_for_them(house, monkeypatch):
    """An office behind one address is told from a flood by who has logged in there."""
    monkeypatch.setattr("smartmail.service.protection.defence.known.ANEW_MS", 0)
    defence = house.services.defence
    assert [defence.room(OFFICE, open_now) for open_now in (0, 29, 60, 200)] == [60] * 4
    # Nobody waited: the store was asked behind, and knew nobody.
    await defence.settle()
    now = house.clock.now()
    await house.store.note_places([(number, f"{OFFICE}/32", "192.0.2.0/24", now) for number in range(1, 101)])
    defence.room(OFFICE, 60)
    await defence.settle()
    assert defence.room(OFFICE, 60) == 60 + 100 * 20
    assert defence.room(BAD, 60) == 60
    # Who logs in now counts at once.
    defence.parts.logins.succeeded("new@a.test", 500, Origin("imap", OFFICE, 1, tls=True))
    assert defence.room(OFFICE, 60) == 60 + 101 * 20
    # A host that is never to be shut out has no bound.
    await defence.allow_address(ADMIN, CLEAN, now + DAY)
    await defence.ready()
    assert defence.room(CLEAN, 10_000) == 0


async def test_three_thousand_of_one_office_come_in_at_once_and_a_flood_does_not(house):
    defence, refused = house.services.defence, []
    defence.on_refusal = refused.append
    await house.store.note_places(
        [(number, f"{OFFICE}/32", "192.0.2.0/24", house.clock.now()) for number in range(1, 3001)]
    )
    defence.parts.places.people(f"{OFFICE}/32")
    await defence.settle()
    assert {defence.admit(OFFICE) for _ in range(9_000)} == {""}
    answers = [defence.admit(BAD) for _ in range(9_000)]
    # Ten more come back each second.
    assert 400 <= answers.count("") < 600 and set(answers) == {"", "rate"}
    assert set(refused) == {BAD}
    # What the office did does not count against its neighbours.
    assert defence.admit("192.0.2.34") == ""


async def test_slow_strangers_are_shed_when_room_is_scarce(house, monkeypatch):
    """Forty that say nothing fill a listener of forty: the next ones get in all the same."""
    for place in ("limits.SCARCE_S", "listener.SCARCE_S", "listener._RELIEF_S"):
        monkeypatch.setattr(f"smartmail.edge.net.{place}", 0.3)
    async with doors(house, limits=Limits(total=40, per_address=0, per_network=0)) as ports:
        idle = [await Peer.from_(f"198.51.{number}.7", ports["smtp"]) for number in range(40)]
        for peer in idle[:38]:
            assert (await peer.reply()).startswith("220")
        async with asyncio.timeout(60):
            reply = await send(CLEAN, ports["smtp"], "a@outside.test", "kim@a.test", MAIL)
        assert reply.startswith("250")
        for peer in idle:
            await peer.close()


async def test_a_message_that_crawls_is_cut_and_one_that_is_large_is_not(house, monkeypatch):
    monkeypatch.setattr("smartmail.edge.smtpd.session.GRACE_S", 0.3)
    monkeypatch.setattr("smartmail.edge.smtpd.session.LEAST_OCTETS_PER_S", 100_000)
    async with doors(house) as ports:
        slow = await greet(BAD, ports["smtp"])
        for line in ("MAIL FROM:<a@outside.test>", "RCPT TO:<kim@a.test>", "DATA"):
            assert (await slow.say(line))[:1] in "23"
        async with asyncio.timeout(5):
            while not slow.reader.at_eof() and not slow.reader._buffer:
                slow.send(b"x")
                await asyncio.sleep(0.02)
        assert (await slow.reply()).startswith("421 4.4.2")
        large = MAIL + (b"y" * 70 + b"\r\n") * 30_000
        assert (await send(CLEAN, ports["smtp"], "a@outside.test", "kim@a.test", large)).startswith("250")


def test_settings_are_checked():
    from smartmail.service.protection.defence.settings import changed

    assert changed(DefenceSettings(), "greylisting", "on").greylisting == "on"
    assert changed(DefenceSettings(), "guesses", "7").guesses == 7
    assert decode(None) == DefenceSettings()
    for name, value in (("guesses", "-1"), ("guesses", "many"), ("greylisting", "perhaps"), ("nothing", "1"), ("greylist_s", "10"), ("ladder", "[]")):  # fmt: skip
        with pytest.raises(ValueError):
            changed(DefenceSettings(), name, value)


async def test_this_machine_is_never_judged(house):
    for _ in range(200):
        house.services.defence.parts.strikes.strike("harvest", "127.0.0.1")
        assert house.services.defence.admit("127.0.0.1") == ""
        assert house.services.defence.admit("::1") == ""
    assert await house.services.defence.bans() == []
    assert ipaddress.ip_address("::1").is_loopback
