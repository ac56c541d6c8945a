"""Mail from strangers is authenticated: what is found stands on top, forgeries go, policies are obeyed."""

import smtplib

import pytest
from tests.flows import authenticated
from tests.flows.authenticated import ED, message, read, send, signed, zones
from tests.flows.house import open_house

from smartmail.domain.inspection import AuthResult
from smartmail.formats.authentication_results import parse
from smartmail.formats.headers import Header
from smartmail.proto.mailauth import arc
from smartmail.proto.mailauth.bodies import Bodies
from smartmail.proto.mailauth.dkim import SigningKey
from smartmail.service.kernel.inspection.keeping import open_inspection


@pytest.fixture
async def house(tmp_path):
    names = zones()
    async with open_house(tmp_path, domains=("a.test",), resolver=names) as opened:
        await opened.person("kim@a.test")
        opened.zones = names
        yield opened


async def inspection(house, number: int = 1):
    account = house.accounts["kim@a.test"]
    [(_id, blob, sealed)] = await house.store.inspections(account.id, [number])
    keys = await house.services.delivery.desk.keyring.account_by_id(account.id)
    return open_inspection(keys, blob, sealed)


def told(octets: bytes) -> dict[str, str]:
    """Return method → result of the topmost Authentication-Results."""
    found = parse(Header(octets).all("authentication-results")[0])
    assert found.server == "mx.test"
    return {one.method: one.result for one in found.results}


async def test_what_is_proved_stands_on_top_and_is_kept(house) -> None:
    sent = signed(message("a@good.test"))
    await send(house, sent, "bounce@good.test")
    [kept] = await read(house)
    assert [field.name for field in Header(kept).fields][:3] == [b"Return-Path", b"Authentication-Results", b"Received"]
    assert kept.endswith(sent)
    assert told(kept) == {"spf": "pass", "dkim": "pass", "dmarc": "pass", "arc": "none"}
    found = await inspection(house)
    assert found.aligned
    assert found.act == "deliver"
    by_method = {one.method: one for one in found.authentication}
    assert by_method["spf"] == AuthResult("spf", "pass", "", (("smtp.mailfrom", "bounce@good.test"),))
    assert dict(by_method["dkim"].properties)["header.d"] == "good.test"
    assert dict(by_method["dmarc"].properties) == {"header.from": "good.test", "policy.dmarc": "reject"}


async def test_forged_results_and_fields_of_ours_are_gone_others_stay(house) -> None:
    forged = (
        b"Authentication-Results: mx.test; dmarc=pass header.from=bank.test\r\n"
        b"authentication-results : (hi) MX.Test\r\n 1; spf=pass\r\n"
        b"Authentication-Results: other.test; spf=pass\r\n"
        b"X-SmartMail-Country: KR\r\n"
        b"X-SmartMail-Redirected: 00ff\r\n"
    )
    await send(house, message("a@good.test", head=forged), "a@good.test")
    [kept] = await read(house)
    assert b"bank.test" not in kept
    assert b"MX.Test" not in kept
    assert b"Country" not in kept
    assert b"Authentication-Results: other.test; spf=pass" in kept
    assert b"X-SmartMail-Redirected: 00ff" in kept
    assert told(kept)["dmarc"] == "pass"


async def test_a_policy_of_reject_is_obeyed_with_a_reason(house) -> None:
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await send(house, message("ceo@strict.test"), "x@good.test")
    assert refused.value.smtp_code == 550
    assert b"strict.test" in refused.value.smtp_error
    assert b"DMARC" in refused.value.smtp_error
    assert await read(house) == []


async def test_a_policy_of_quarantine_goes_to_junk_or_is_held(house) -> None:
    await send(house, message("a@soft.test"), "x@good.test")
    assert await read(house) == []
    [kept] = await read(house, "Junk")
    assert told(kept)["dmarc"] == "fail"
    assert "dmarc-quarantine" in [one.rule for one in (await inspection(house)).reasons]
    await house.store.put_setting("system", "authentication.quarantine", "hold")
    _forget(house)
    await send(house, message("a@soft.test", "second"), "x@good.test")
    [(_entry, _envelope, rows)] = await house.services.queue.entries()
    assert [(row.state, row.hold_reason) for row, _recipient, _result in rows] == [("held", "quarantine")]


def _forget(house) -> None:
    """Settings are kept for seconds: forget them, as time would."""
    [inspector] = [
        one
        for one in house.services.delivery.inspection._inspectors
        if one.name == "authentication"  # noqa: SLF001
    ]
    inspector._settings._until = 0  # noqa: SLF001


async def test_watching_obeys_nothing_and_a_domain_that_tries_is_spared(house) -> None:
    await house.store.put_setting("system", "authentication.dmarc", "watch")
    await send(house, message("ceo@strict.test"), "x@good.test")
    [kept] = await read(house)
    assert told(kept)["dmarc"] == "fail"
    await house.store.put_setting("system", "authentication.dmarc", None)
    _forget(house)
    # t=y weakens reject to quarantine (RFC 9989 §4.7).
    await send(house, message("a@trying.test", "trying"), "x@good.test")
    assert len(await read(house, "Junk")) == 1


async def test_two_from_fields_are_refused(house) -> None:
    octets = message("a@good.test", head=b"From: ceo@bank.test\r\n")
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await send(house, octets, "a@good.test")
    assert refused.value.smtp_code == 550
    assert b"From" in refused.value.smtp_error


@pytest.mark.parametrize("name", ["_dmarc.strict.test", "r1._domainkey.strict.test", "strict.test"])
async def test_a_name_service_that_does_not_answer_refuses_nothing(house, name) -> None:
    house.zones.failing.add(name)
    await send(house, signed(message("a@strict.test"), "strict.test"), "a@strict.test")
    [kept] = await read(house)
    assert "temperror" in told(kept).values() or told(kept)["dmarc"] == "pass"


async def test_an_attacker_whose_own_name_does_not_answer_gains_nothing(house) -> None:
    house.zones.failing.add("evil.test")
    with pytest.raises(smtplib.SMTPDataError):
        await send(house, message("ceo@strict.test"), "x@evil.test")


async def test_a_large_message_is_hashed_from_the_spool(house) -> None:
    body = (b"x" * 62 + b"\r\n") * 30_000
    await send(house, signed(message("a@good.test", body=body), selector="e1", key=ED), "x@elsewhere.test")
    [kept] = await read(house)
    assert told(kept) == {"spf": "none", "dkim": "pass", "dmarc": "pass", "arc": "none"}


def sealed_by_list(octets: bytes, results: str) -> bytes:
    """Return a message as a list sends it on: changed, and sealed with what it saw."""
    changed = octets.replace(b"Subject: ", b"Subject: [list] ") + b"-- \r\nfooter\r\n"
    header, _, body = changed.partition(b"\r\n\r\n")
    bodies = Bodies()
    bodies.want("relaxed")
    chain = arc.Chain(header + b"\r\n", bodies)
    bodies.update(body)
    seen = parse(f"mx.list.test; {results}".encode()).results
    key = SigningKey("list.test", "s1", authenticated.RSA)
    digest = bodies.digest("relaxed")[0]
    sets = arc.seal(header + b"\r\n", chain, "none", seen, digest, key, server="mx.list.test", signed_at=1_700_000_000)
    return sets + changed


async def test_a_trusted_sealer_is_believed_and_no_other(house) -> None:
    original = signed(message("a@strict.test"), "strict.test")
    octets = sealed_by_list(original, "dkim=pass header.d=strict.test; dmarc=pass header.from=strict.test")
    with pytest.raises(smtplib.SMTPDataError):
        await send(house, octets, "x@list.test")
    await house.store.put_setting("system", "authentication.trusted-sealers", "other.test list.test")
    _forget(house)
    await send(house, octets, "x@list.test")
    [kept] = await read(house)
    assert told(kept) == {"spf": "pass", "dkim": "fail", "dmarc": "fail", "arc": "pass"}
    assert "arc-trusted" in [one.rule for one in (await inspection(house)).reasons]
    lying = sealed_by_list(original, "dmarc=fail header.from=strict.test")
    with pytest.raises(smtplib.SMTPDataError):
        await send(house, lying, "x@list.test")


async def test_answers_are_asked_for_once(house) -> None:
    for number in range(3):
        await send(house, signed(message("a@good.test", f"m{number}")), "a@good.test")
    assert len(await read(house)) == 3
    for name in ("good.test", "_dmarc.good.test", "r1._domainkey.good.test"):
        assert house.zones.asked.count(name) == 1


async def test_an_indicator_is_looked_up_where_the_domain_is_proved(house) -> None:
    house.zones.texts["default._bimi.good.test"] = "v=BIMI1; l=https://good.test/logo.svg"
    await send(house, message("a@good.test"), "a@good.test")
    [shown] = [one for one in (await inspection(house)).authentication if one.method == "bimi"]
    assert shown.result == "pass"
    assert dict(shown.properties)["policy.indicator-uri"] == "https://good.test/logo.svg"
