"""What leaves is signed by the domain that it is from; what is sent on for others is sealed; keys change without a gap."""

import asyncio
import smtplib

import dkim as oracle
import pytest
from tests.flows.authenticated import message, read, send, send_now, signed, zones
from tests.flows.house import PASSWORD, open_house

from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.authentication_results import parse
from smartmail.formats.headers import Header
from smartmail.proto.mailauth import arc
from smartmail.proto.mailauth.bodies import Bodies
from smartmail.proto.mailauth.dkim import Verifier
from smartmail.service.flow.queue import Outcome
from smartmail.service.kernel.envelope import Result

KIM = "kim@a.test"
ADMIN = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture
async def house(tmp_path):
    names = zones()
    async with open_house(tmp_path, domains=("a.test", "sub.a.test", "b.test"), resolver=names) as opened:
        await opened.person(KIM)
        await opened.person("lee@a.test")
        opened.zones = names

        async def lookup(name: str) -> list[str]:
            return [names.texts[name]] if name in names.texts else []

        opened.lookup = lookup
        yield opened


async def key(house, domain: str = "a.test", selector: str = "sm1", kind: str = "rsa", *, seen: bool = True):
    administration = house.services.administration
    row = await administration.domain(domain)
    made = await administration.create_dkim(ADMIN, row, selector, kind)
    if seen:
        house.zones.texts[made.name] = made.text
    return made


async def leaving(house) -> list[bytes]:
    """Return what the relay would send: each entry behind its prefix, twice the same."""
    found = []
    for work in await house.services.queue.lease("w1", limit=10):
        prefix = await house.services.signing.prefix(work)
        assert await house.services.signing.prefix(work) == prefix
        found.append(prefix + await house.services.queue.octets(work, 0, house.services.queue.size(work)))
        outcomes = [Outcome(row.number, "delivered", Result(250, "2.0.0", "ok")) for row, _one in work.recipients]
        await house.services.queue.report("w1", work, outcomes)
    return found


async def submit(house, octets: bytes, to: str = "out@else.test", sender: str = KIM) -> None:
    def work() -> None:
        with smtplib.SMTP("127.0.0.1", house.ports["submission"], timeout=60) as client:
            client.login(KIM, PASSWORD)
            client.sendmail(sender, [to], octets)

    await asyncio.to_thread(work)


async def use(house, script: str, login: str = KIM) -> None:
    account = house.accounts[login]
    who = Actor(account.id, account.organization_id, login, is_admin=False, origin=Origin("sieve"))
    kept = await house.services.filters.put(who, who.account_id, "main", script.encode())
    await house.services.filters.activate(who, who.account_id, kept.id)


def verify(house, octets: bytes, index: int = 0) -> bool:
    texts = house.zones.texts
    return oracle.DKIM(octets).verify(
        index, dnsfunc=lambda name, timeout=5: texts.get(name.decode().rstrip("."), "").encode()
    )


def selectors(octets: bytes) -> list[bytes]:
    header = octets.partition(b"\r\n\r\n")[0]
    return [one.partition(b" s=")[2].partition(b";")[0] for one in header.split(b"DKIM-Signature:")[1:]]


async def chain_of(house, octets: bytes):
    header, _, body = octets.partition(b"\r\n\r\n")
    bodies = Bodies()
    chain = arc.Chain(header + b"\r\n", bodies)
    bodies.update(body)

    return chain, await chain.judge(house.lookup)


async def test_two_kinds_of_keys_sign_side_by_side(house) -> None:
    await key(house)
    await key(house, selector="ed1", kind="ed25519")
    await submit(house, message(KIM))
    [octets] = await leaving(house)
    assert sorted(selectors(octets)) == [b"ed1", b"sm1"]
    header, _, body = octets.partition(b"\r\n\r\n")
    verifier = Verifier(header + b"\r\n")
    verifier.update(body)
    verdicts = await verifier.finish(house.lookup, 1_800_000_000)
    assert [(one.result, one.domain) for one in verdicts] == [("pass", "a.test")] * 2


async def test_a_key_signs_when_it_is_seen_and_the_old_one_rests(house) -> None:
    administration = house.services.administration
    row = await administration.domain("a.test")
    await key(house)
    made = await key(house, selector="sm2", seen=False)
    assert made.state == "published"
    await submit(house, message(KIM))
    assert [selectors(one) for one in await leaving(house)] == [[b"sm1"]]
    with pytest.raises(Invalid, match="missing"):
        await administration.activate_dkim(ADMIN, row, "sm2")
    house.zones.texts[made.name] = house.zones.texts["sm1._domainkey.a.test"]
    assert (await administration.check_dkim(row))["sm2"] == "different"
    house.zones.failing.add(made.name)
    assert (await administration.check_dkim(row))["sm2"] == "unanswered"
    house.zones.failing.clear()
    house.zones.texts[made.name] = made.text
    assert await administration.activate_dkim(ADMIN, row, "sm2") == ["sm1"]
    assert await administration.activate_dkim(ADMIN, row, "sm2") == []
    await submit(house, message(KIM, "second"))
    [octets] = await leaving(house)
    assert selectors(octets) == [b"sm2"]
    assert verify(house, octets)
    with pytest.raises(Invalid, match="signs mail"):
        await administration.remove_dkim(ADMIN, row, "sm2")
    with pytest.raises(Invalid, match="7 days"):
        await administration.remove_dkim(ADMIN, row, "sm1")
    await administration.remove_dkim(ADMIN, row, "sm1", now=True)
    with pytest.raises(NotFound):
        await administration.retire_dkim(ADMIN, row, "sm1")
    assert await administration.retire_dkim(ADMIN, row, "sm2") is False
    await submit(house, message(KIM, "third"))
    assert [selectors(one) for one in await leaving(house)] == [[]]


async def test_the_domain_in_from_signs_and_not_that_of_the_envelope(house) -> None:
    await key(house, "a.test", "mine")
    await key(house, "b.test", "other")
    await house.person("kim2@b.test")
    await submit(house, message(KIM), sender=KIM)
    [octets] = await leaving(house)
    assert b"d=a.test; s=mine" in octets


async def test_a_domain_below_is_signed_by_the_one_above(house) -> None:
    await key(house, "a.test", "mine")
    account = await house.person("sue@sub.a.test")
    assert account

    def work() -> None:
        with smtplib.SMTP("127.0.0.1", house.ports["submission"], timeout=60) as client:
            client.login("sue@sub.a.test", PASSWORD)
            client.sendmail("sue@sub.a.test", ["out@else.test"], message("sue@sub.a.test"))

    await asyncio.to_thread(work)
    [octets] = await leaving(house)
    assert b"d=a.test; s=mine" in octets
    assert verify(house, octets)


async def test_another_organisation_signs_nothing_of_ours(house) -> None:
    stranger = await house.services.provisioning.organization("stranger")
    await house.services.directory.add_domain("theirs.test", stranger)
    made = await house.services.signing.keys.create("theirs.test", stranger)
    assert made.row.state == "active"
    mine = house.accounts[KIM].organization_id
    assert await house.services.signing.keys.for_domain("theirs.test", mine) == []
    assert len(await house.services.signing.keys.for_domain("theirs.test", stranger)) == 1


async def test_what_is_sent_on_for_others_is_sealed_with_what_was_found(house) -> None:
    await key(house)
    await use(house, 'redirect "out@else.test";')
    original = signed(message("a@good.test"))
    await send(house, original, "a@good.test")
    [octets] = await leaving(house)
    chain, verdict = await chain_of(house, octets)
    assert (verdict.result, verdict.sealers) == ("pass", ("a.test",))
    told = chain.results(1)
    assert told.server == "mx.test"
    assert {one.method: one.result for one in told.results} == {
        "spf": "pass", "dkim": "pass", "dmarc": "pass", "arc": "none",
    }  # fmt: skip
    # Nobody of ours wrote it: none of our domains says so. The sender's own signature still holds.
    assert selectors(octets) == [b"r1"]
    assert verify(house, octets)
    texts = house.zones.texts
    found = oracle.arc_verify(octets, dnsfunc=lambda name, timeout=5: texts.get(name.decode().rstrip("."), "").encode())
    assert found[0] == b"pass"


async def test_a_chain_is_continued_and_a_broken_one_left_alone(house) -> None:
    await key(house)
    await use(house, 'redirect "out@else.test";')
    await send(house, message("a@good.test"), "a@good.test")
    [once] = await leaving(house)
    await send(house, once.replace(b"X-SmartMail-Redirected", b"X-Mark"), "a@good.test")
    [twice] = await leaving(house)
    _chain, verdict = await chain_of(house, twice)
    assert (verdict.result, verdict.sets) == ("pass", 2)
    spoiled = once.replace(b"X-SmartMail-Redirected", b"X-Mark").replace(b"spf=pass", b"spf=fail", 1)
    await send(house, spoiled.replace(b"hello", b"hello2"), "a@good.test")
    [thrice] = await leaving(house)
    assert thrice.count(b"ARC-Seal:") == 1


async def test_a_redirect_of_one_of_ours_is_signed_as_ours(house) -> None:
    await key(house)
    await use(house, 'redirect "out@else.test";', "lee@a.test")
    await submit(house, message(KIM), to="lee@a.test")
    [octets] = await leaving(house)
    assert b"ARC-Seal" not in octets
    assert selectors(octets) == [b"sm1"]
    assert verify(house, octets)


async def test_our_own_answers_are_signed(house) -> None:
    await key(house)
    await use(house, 'require "vacation"; vacation "away";')
    await send(house, message("a@good.test"), "a@good.test")
    [octets] = await leaving(house)
    assert b"Auto-Submitted: auto-replied" in octets
    assert selectors(octets) == [b"sm1"]
    assert verify(house, octets)


async def test_what_one_house_sends_another_proves(house, tmp_path) -> None:
    """Submission, signature, journey, judgement; then sent on, and the third sees that it was proved there."""
    await key(house)
    await key(house, selector="ed1", kind="ed25519")
    house.zones.texts["_dmarc.a.test"] = "v=DMARC1; p=reject"
    (tmp_path / "second").mkdir()
    async with open_house(tmp_path / "second", domains=("c.test",), resolver=house.zones) as second:
        second.zones = house.zones
        await second.person("choi@c.test")
        made = await second.services.signing.keys.create(
            "c.test", (await second.services.directory.organizations())[0].id, "c1"
        )
        house.zones.texts[made.name] = made.text
        await use(second, 'require "copy"; redirect :copy "out@else.test";', "choi@c.test")
        await submit(house, message(KIM), to="choi@c.test")
        [octets] = await leaving(house)
        await asyncio.to_thread(send_now, second.ports["smtp"], octets, KIM, ("choi@c.test",))
        [kept] = await read(second, login="choi@c.test")
        told = parse(Header(kept).all("authentication-results")[0])
        assert [(one.method, one.result) for one in told.results] == [
            ("spf", "none"), ("dkim", "pass"), ("dkim", "pass"), ("dmarc", "pass"), ("arc", "none"),
        ]  # fmt: skip
        [onward] = await leaving(second)
        chain, verdict = await chain_of(house, onward)
        assert (verdict.result, verdict.sealers) == ("pass", ("c.test",))
        assert ("dmarc", "pass") in [(one.method, one.result) for one in chain.results(1).results]


async def test_a_header_longer_than_the_first_look_is_signed_whole(house) -> None:
    await key(house)
    long = b"".join(b"X-Long-%d: %s\r\n" % (number, b"y" * 70) for number in range(600))
    await submit(house, message(KIM, head=long))
    [octets] = await leaving(house)
    assert octets.index(b"Subject:") > 40_000
    assert verify(house, octets)
