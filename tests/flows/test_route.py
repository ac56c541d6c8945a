"""Where mail comes from: found out at the door, kept with the message, told to filters; and what is not told outside."""

import asyncio
import smtplib
from datetime import datetime

import pytest
from tests.flows.house import PASSWORD, LocalBus, compose_house, open_house

from smartmail.adapters.geoip.files import read_table
from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.headers import Header
from smartmail.service.kernel.inspection.service import InspectionService

KIM = "kim@a.example"
BENCH = "192.0.2.0/24,KR\n198.51.100.0/24,NG\n203.0.113.0/24,US\n"
NETWORKS = "192.0.2.0/24,AS4766\n198.51.100.0/24,37148\n"
DATE = "Thu, 26 Nov 2026 18:00:00 +0900"
SYSTEM = Scope("system")
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


class Aligned:
    """Stands for authentication: it proves whoever says so in the subject."""

    name = "aligned"

    async def examine(self, specimen) -> None:
        specimen.findings.aligned = "proved" in specimen.summary.subject


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(KIM)
        for name, text in (("country", BENCH), ("asn", NETWORKS)):
            (tmp_path / f"{name}.csv").write_text(text)
            await opened.services.geo.replace(read_table(str(tmp_path / f"{name}.csv")))
        delivery = opened.services.delivery
        delivery.inspection = InspectionService([Aligned(), *delivery.inspection._inspectors])
        yield opened


def received(address: str, name: str = "relay.example") -> str:
    return f"Received: from {name} ({name} [{address}])\r\n\tby gw.example (Postfix) with ESMTPS id 4A; {DATE}\r\n"


def mail(*lines: str, subject: str = "hello", sender: str = "lee@b.example") -> bytes:
    return (
        "".join(lines) + f"From: {sender}\r\nTo: {KIM}\r\nSubject: {subject}\r\nDate: {DATE}\r\n\r\ntext\r\n"
    ).encode()


async def send(house, octets: bytes, port: str = "smtp", login: str = "") -> None:
    def work() -> None:
        with smtplib.SMTP("127.0.0.1", house.ports[port], timeout=60) as client:
            if login:
                client.login(login, PASSWORD)
            client.sendmail(login or "lee@b.example", [KIM], octets)

    await asyncio.to_thread(work)


def actor(house) -> Actor:
    account = house.accounts[KIM]
    return Actor(account.id, account.organization_id, KIM, is_admin=False, origin=Origin("jmap"))


async def newest(house):
    """Return the newest message of the account: what was found out, and its octets."""
    rows = await house.store.all_messages(house.accounts[KIM].id)
    row = max(rows, key=lambda one: one.id)
    found = await house.services.findings.of(actor(house), row_account(house), [row.id])
    octets = await house.services.reading.octets(actor(house), row_account(house), row.id)
    return found.get(row.id), octets


def row_account(house):
    return house.accounts[KIM].id


async def test_a_forged_chain_never_colours_a_hop_as_verified(house):
    await send(house, mail(received("192.0.2.7", "mail.korea.kr"), received("203.0.113.5")))
    found, _octets = await newest(house)
    assert [(hop.verified, hop.address, hop.country, hop.asn) for hop in found.hops] == [
        (True, "127.0.0.1", "-", 0), (False, "192.0.2.7", "KR", 4766), (False, "203.0.113.5", "US", 0),
    ]  # fmt: skip
    assert (found.country, found.asn) == ("-", 0)
    assert found.hops[0].by == "mx.test" and found.hops[0].protocol == "ESMTP" and found.hops[0].at


async def test_behind_a_trusted_relay_the_host_that_it_saw_is_authoritative(house):
    await house.services.relays.trust(CLI, "127.0.0.0/8")
    await send(house, mail(received("198.51.100.7", "mail.ng"), received("192.0.2.7", "mail.korea.kr")))
    found, _octets = await newest(house)
    assert [(hop.verified, hop.country) for hop in found.hops] == [(True, "-"), (True, "NG"), (False, "KR")]
    assert (found.country, found.asn) == ("NG", 37148)


async def test_the_country_field_is_ours_alone(house):
    await house.services.relays.trust(CLI, "127.0.0.1")
    forged = ("X-SmartMail-Country: KR\r\n", "x-smartmail-country: JP\r\n\tfolded\r\n")
    await send(house, mail(received("198.51.100.7"), *forged))
    _found, octets = await newest(house)
    assert Header(octets).all("x-smartmail-country") == []
    assert b"folded" not in octets
    await house.services.governing.set_knob(CLI, PolicyRule("route.country-header", SYSTEM, value=True))
    await send(house, mail(received("198.51.100.7"), *forged, subject="again"))
    _found, octets = await newest(house)
    assert Header(octets).all("x-smartmail-country") == [b"NG"]


async def test_who_submits_tells_nobody_where_they_sit(house):
    await send(house, mail(sender=KIM), "submission", login=KIM)
    found, octets = await newest(house)
    [line] = Header(octets).all("received")
    assert b"127.0.0.1" not in octets and line.startswith(b"from submission\r\n\tby mx.test with ESMTPA id ")
    assert found is None
    await house.services.governing.set_knob(CLI, PolicyRule("received.client-address", SYSTEM, value=True))
    await send(house, mail(sender=KIM, subject="again"), "submission", login=KIM)
    _found, octets = await newest(house)
    assert b"[127.0.0.1]" in Header(octets).first("received")


async def test_filters_ask_for_country_network_and_hops_of_the_verified_way(house):
    await house.services.relays.trust(CLI, "127.0.0.1")
    script = (
        'require ["vnd.smartmail.country", "fileinto", "mailbox", "relational"];\r\n'
        'if country "KR" { fileinto :create "korea"; }\r\n'
        'elsif asn "37148" { fileinto :create "lagos"; }\r\n'
        'elsif hops :value "ge" "4" { fileinto :create "far"; }\r\n'
    )
    who = actor(house)
    kept = await house.services.filters.put(who, who.account_id, "main", script.encode())
    await house.services.filters.activate(who, who.account_id, kept.id)
    for lines in (
        [received("192.0.2.7"), received("198.51.100.7")],
        [received("198.51.100.7"), received("192.0.2.7")],
        [received("10.0.0.7"), received("192.0.2.7"), received("192.0.2.8")],
        [received("10.0.0.7"), received("192.0.2.7")],
    ):
        await send(house, mail(*lines, subject=str(hash(tuple(lines)))))
    counts = {}
    for box in await house.services.mailboxes.list_all(who, who.account_id):
        counts[box.name] = box.row.total
    assert {name: counts[name] for name in ("korea", "lagos", "far", "INBOX")} == {
        "korea": 1, "lagos": 1, "far": 1, "INBOX": 1,
    }  # fmt: skip


async def test_a_sender_who_always_sent_from_one_country_is_noticed_elsewhere(house):
    await house.services.relays.trust(CLI, "127.0.0.1")
    for day, address, subject, expected in [
        ("2026-11-15", "192.0.2.7", "proved", []),
        ("2026-11-16", "198.51.100.9", "the first month says nothing yet", []),
        ("2027-01-15", "192.0.2.8", "proved", []),
        ("2027-02-15", "198.51.100.7", "forged", [(1.5, ("NG", "KR", "4"))]),
        ("2027-03-15", "198.51.100.7", "proved", [(0.5, ("NG", "KR", "5"))]),
        # Now two countries are known: there is no habit any more.
        ("2027-04-15", "203.0.113.7", "proved", []),
    ]:
        house.services.delivery.desk.clock = At(house.clock, day)
        await send(house, mail(received(address), subject=subject))
        found, _octets = await newest(house)
        told = [(one.weight, one.facts) for one in found.reasons if one.rule == "country-changed"]
        assert told == expected, day


async def test_where_policy_forbids_it_nothing_is_learnt_of_senders_and_nothing_told(house):
    await house.services.relays.trust(CLI, "127.0.0.1")

    async def reasons(day: str, address: str, subject: str) -> list[str]:
        house.services.delivery.desk.clock = At(house.clock, day)
        await send(house, mail(received(address), subject=subject))
        found, _octets = await newest(house)
        return [one.rule for one in found.reasons if one.rule == "country-changed"]

    assert await reasons("2026-11-15", "192.0.2.7", "proved") == []
    await house.services.governing.set_knob(CLI, PolicyRule("route.sender-memory", SYSTEM, value=False))
    assert await reasons("2027-01-15", "198.51.100.7", "forged") == []
    assert await reasons("2027-01-16", "203.0.113.7", "proved") == []
    # What was not learnt ends no habit: with leave again, the one of before is known.
    await house.services.governing.set_knob(CLI, PolicyRule("route.sender-memory", SYSTEM, value=True))
    assert await reasons("2027-02-15", "198.51.100.7", "forged") == ["country-changed"]


class At:
    """The house's clock, on another day."""

    def __init__(self, clock, day: str) -> None:
        self._clock = clock
        self._at = int(datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp() * 1000)

    def now(self) -> int:
        return self._at

    def new_id(self) -> int:
        return self._clock.new_id()

    def random(self, octets: int) -> bytes:
        return self._clock.random(octets)


async def test_a_table_that_was_brought_reaches_another_process_and_goes_away_again(tmp_path):
    (tmp_path / "data").mkdir()
    bus = LocalBus()
    async with compose_house(tmp_path / "data", bus=bus) as one:
        (tmp_path / "bench.csv").write_text(BENCH)
        assert one.services.geo.look("192.0.2.7").country is None
        shipped = one.services.geo.look("168.126.63.1")
        assert shipped.country == "KR"
        brought = await one.services.geo.replace(read_table(str(tmp_path / "bench.csv"), licence="ours"))
        assert (brought.version, brought.facts.licence, brought.facts.source) == (1, "ours", "bench.csv")
        assert one.services.geo.look("192.0.2.7").country == "KR"
        # The table of networks is still the one that came with the program.
        assert one.services.geo.look("168.126.63.1").country is None
        assert one.services.geo.look("168.126.63.1").asn == shipped.asn
        other = type(one.services.geo)(one.store, one.clock, bus, {})
        await other.refresh()
        assert other.look("192.0.2.7").country == "KR"
        await one.services.geo.reset("country")
        await other.refresh()
        assert other.look("192.0.2.7").country is None
        assert one.services.geo.look("168.126.63.1") == shipped


async def test_a_damaged_table_changes_nothing(house):
    for octets in (b"", b"SMGT", b"rubbish" * 1000):
        with pytest.raises(Invalid):
            await house.services.geo.replace(octets)
    assert house.services.geo.look("192.0.2.7").country == "KR"


@pytest.mark.parametrize("text", ["nonsense", "0.0.0.0/0", "10.0.0.0/7", "::/0", ""])
async def test_relays_that_cannot_be_trusted_as_a_whole_are_refused(house, text):
    with pytest.raises(Invalid):
        await house.services.relays.trust(CLI, text)


async def test_who_trusts_a_relay_and_who_does_no_more_is_on_record(house):
    await house.services.relays.trust(CLI, "192.0.2.1")
    await house.services.relays.distrust(CLI, "192.0.2.1/32")
    found = [(one.record.action, one.record.object) for one in await house.store.unchained_records("audit", 0, 100)]
    acts = [("geo.trust-relay", "network:192.0.2.1/32"), ("geo.remove-relay", "network:192.0.2.1/32")]
    assert [one for one in found if one in acts] == acts
    with pytest.raises(NotFound):
        await house.services.relays.distrust(CLI, "192.0.2.1")


async def test_an_edition_that_a_filter_makes_and_a_copy_keep_what_was_found_out(house):
    await house.services.relays.trust(CLI, "127.0.0.1")
    script = 'require ["editheader"]; addheader "X-Seen" "yes"; keep;'
    who = actor(house)
    kept = await house.services.filters.put(who, who.account_id, "main", script.encode())
    await house.services.filters.activate(who, who.account_id, kept.id)
    await send(house, mail(received("192.0.2.7")))
    edition, octets = await newest(house)
    assert b"X-Seen: yes" in octets and edition.country == "KR"
    inbox = (await house.services.mailboxes.by_role(who, who.account_id, "inbox")).row.id
    # The mailbox holds it already, so the copy is a new message.
    await house.services.messages.copy(who, who.account_id, inbox, [1], inbox)
    assert len(await house.store.all_messages(who.account_id)) == 2
    copy, _octets = await newest(house)
    assert copy == edition
