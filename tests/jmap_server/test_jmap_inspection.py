"""`inspection` of an Email: what was found out about it, for who names our capability, also of copies and what comes back."""

import hashlib

import msgspec
import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.test_jmap_vault import LETTER

from smartmail.domain.inspection import AuthResult, Hop, Inspection, Reason
from smartmail.formats.mark_certificate import fingerprint
from smartmail.service.kernel.inspection.keeping import seal_inspection
from smartmail.service.kernel.intake import Intake, new_message

OWN = "https://smartmail.example/jmap"
FOUND = Inspection(
    authentication=(AuthResult("dkim", "pass", "", (("header.d", "b.example"),)), AuthResult("spf", "fail", "not listed")),
    aligned=True,
    hops=(
        Hop(True, "gw.b.example", "198.51.100.7", "mx.test", "ESMTPS", "TLSv1.3", 1_795_683_600, 7, "NG", 37148),
        Hop(False, "pc", "10.0.0.9", "gw.b.example", "ESMTP", "", 1_795_683_593, 0, "-"),
        Hop(False, "", "", "x", "", "", 0, 0),
    ),
    country="NG", asn=37148, nature="suspect", score=3.5, act="deliver", tls="TLSv1.3 TLS_AES_256_GCM_SHA384", spam_percent=20,
    reasons=(Reason("country-changed", 1.5, ("NG", "KR", "12")), Reason("of-another-version", 2.0, ("x",))),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


async def arrive(house, account, octets=LETTER, found=FOUND) -> str:
    """Store a message as delivery does, with what was found out about it."""
    keys = await house.services.delivery.desk.keyring.account(account)
    intake = await Intake.begin(house.services.delivery.desk.blobs, account.organization_id)
    await intake.feed(octets)
    content = await intake.finish()
    box = await house.services.delivery.desk.mailbox(account.id, "inbox")
    message = new_message(
        keys, content, (box,), received_at=house.services.delivery.desk.clock.now(),
        inspection=seal_inspection(keys, content.blob.row.id, found),
    )  # fmt: skip
    added = await house.store.write(account.id, lambda tx: tx.add_message(message))
    return f"e{added.message_id}"


async def inspection(browser, email, *more):
    [found] = (await browser.call("Email/get", ids=[email], properties=["inspection", *more]))["list"]
    return found["inspection"]


async def test_everything_is_told_with_reasons_in_the_readers_language(house, kim, browser):
    found = await inspection(browser, await arrive(house, kim))
    assert found["authentication"] == [
        {"method": "dkim", "result": "pass", "reason": None, "properties": {"header.d": "b.example"}},
        {"method": "spf", "result": "fail", "reason": "not listed", "properties": {}},
    ]
    assert [(hop["verified"], hop["address"], hop["country"], hop["isInside"], hop["asn"]) for hop in found["hops"]] == [
        (True, "198.51.100.7", "NG", False, 37148), (False, "10.0.0.9", None, True, None), (False, None, None, False, None),
    ]  # fmt: skip
    assert [(hop["at"], hop["delay"], hop["tls"]) for hop in found["hops"]] == [
        ("2026-11-26T09:00:00Z", 7, "TLSv1.3"), ("2026-11-26T08:59:53Z", 0, None), (None, None, None),
    ]  # fmt: skip
    assert {key: found[key] for key in ("aligned", "country", "isInside", "asn", "tls", "nature", "act", "score", "spamPercent")} == {
        "aligned": True, "country": "NG", "isInside": False, "asn": 37148, "tls": "TLSv1.3 TLS_AES_256_GCM_SHA384",
        "nature": "suspect", "act": "deliver", "score": 3.5, "spamPercent": 20,
    }  # fmt: skip
    assert found["virus"] is None
    first, second = found["reasons"]
    assert first == {
        "rule": "country-changed", "weight": 1.5,
        "text": "이 발신자는 최근 12개월 동안 KR에서만 보냈습니다. 이번 메일은 NG에서 왔습니다.",
    }  # fmt: skip
    assert second["text"] == "of-another-version x"


async def test_who_does_not_name_the_capability_has_no_such_property(house, kim, browser, monkeypatch):
    email = await arrive(house, kim)
    monkeypatch.setattr(jmap_house, "USING", [one for one in jmap_house.USING if one != OWN])
    assert await browser.error("Email/get", ids=[email], properties=["inspection"]) == "invalidArguments"


async def test_mail_that_nobody_inspected_says_null_and_one_look_serves_all(house, kim, browser, monkeypatch):
    plain = f"e{await house.deliver(kim, LETTER)}"
    emails = [await arrive(house, kim), plain, await arrive(house, kim)]
    asked = []
    look = house.store.inspections

    async def counted(account_id, ids):
        asked.append(list(ids))
        return await look(account_id, ids)

    monkeypatch.setattr(house.store, "inspections", counted)
    answer = await browser.call("Email/get", ids=emails, properties=["subject", "inspection", "sentBy"])
    assert [one["inspection"] is None for one in answer["list"]] == [False, True, False]
    assert len(asked) == 1 and all(one["subject"] == "계약서" for one in answer["list"])


async def test_rows_of_a_list_ask_for_the_verified_country_alone(house, kim, browser, monkeypatch):
    plain, inside = f"e{await house.deliver(kim, LETTER)}", await arrive(house, kim, found=Inspection(country="-"))
    emails = [await arrive(house, kim), plain, inside]
    answer = await browser.call("Email/get", ids=emails, properties=["fromCountry"])
    assert [(one["id"], one["fromCountry"]) for one in answer["list"]] == list(
        zip(emails, ("NG", None, None), strict=True)
    )
    assert all(set(one) == {"id", "fromCountry"} for one in answer["list"])
    # Rights are asked as for the mail itself.
    choi = await house.browser("choi@a.example")
    assert (await choi.call("Email/get", ids=emails, properties=["fromCountry"]))["list"] == []
    monkeypatch.setattr(jmap_house, "USING", [one for one in jmap_house.USING if one != OWN])
    assert await browser.error("Email/get", ids=emails, properties=["fromCountry"]) == "invalidArguments"


async def test_a_rule_by_country_finds_mail_that_is_there(house, kim, browser):
    emails = [await arrive(house, kim), f"e{await house.deliver(kim, LETTER)}"]
    script = b'require ["vnd.smartmail.country", "relational", "imap4flags", "spamtestplus"];\r\n'
    for test in (b'country "NG"', b'asn "37148"', b'hops :value "gt" "2"', b'spamtest :percent :value "ge" "20"'):
        body = script + b"if " + test + b' { addflag "$found"; }'
        sent = await browser.ask(
            "POST", f"/jmap/upload/{browser.account}/", body, {"content-type": "application/sieve"}
        )
        blob = sent.json["blobId"]
        found = (await browser.call("SieveScript/foresee", blobId=blob, emailIds=emails))["list"]
        assert [one["id"] for one in found] == emails[:1], test


async def test_the_session_tells_which_country_is_home(browser):
    session = (await browser.ask("GET", "/jmap/session")).json
    assert session["accounts"][browser.account]["accountCapabilities"][OWN]["homeCountries"] == ["KR"]


async def test_the_capability_names_whom_the_licence_wants_named(browser):
    session = (await browser.ask("GET", "/jmap/session")).json
    [told] = session["accounts"][browser.account]["accountCapabilities"][OWN]["geoAttribution"]
    assert told["url"] == "https://db-ip.com"


async def test_a_copy_in_another_account_keeps_it_under_that_accounts_key(house, kim, browser):
    choi = house.accounts["choi@a.example"]
    await house.share(kim, choi, "lrs")
    guest = await house.browser("choi@a.example")
    email = await arrive(house, kim)
    [box] = [one["id"] for one in (await guest.call("Mailbox/get", ids=None))["list"] if one["role"] == "inbox"]
    [[_, answer, _]] = await guest.calls(
        ["Email/copy", {"accountId": guest.account, "fromAccountId": browser.account,
                        "create": {"k": {"id": email, "mailboxIds": {box: True}}}}]
    )  # fmt: skip
    copied = answer["created"]["k"]["id"]
    assert (await inspection(guest, copied))["country"] == "NG"
    own = (await guest.call("Email/get", ids=[copied], properties=["inspection"]))["list"][0]["inspection"]
    assert own == await inspection(browser, email)


async def test_it_stays_without_attachments_and_comes_back_with_the_message(house, kim, browser):
    email = await arrive(house, kim)
    before = await inspection(browser, email)
    made = (await browser.call("Email/detach", emails={email: None}))["detached"][email]["id"]
    assert await inspection(browser, made) == before
    await browser.call("Email/set", destroy=[made])
    rows, _total = await house.store.vault(kim.id, position=0, limit=9)
    actor = house.actor(kim)
    [new] = (await house.services.vault.restore(actor, kim.id, [rows[0].message_id])).values()
    assert await inspection(browser, f"e{new}") == before


async def test_damaged_findings_cost_nothing_else(house, kim, browser):
    email = await arrive(house, kim)
    look = house.store.inspections

    async def damaged(account_id, ids):
        return [(one, blob, octets[:-1] + b"\0") for one, blob, octets in await look(account_id, ids)]

    house.store.inspections = damaged
    [found] = (await browser.call("Email/get", ids=[email], properties=["inspection", "subject"]))["list"]
    assert found["inspection"] is None and found["subject"] == "계약서"


async def test_a_proved_logo_is_told_and_served_from_our_own_host(house, kim, browser, monkeypatch):
    from tests.unit.formats.mark_house import LOGO, Authority

    from smartmail.domain.brands import BrandLogo
    from smartmail.domain.principal import Actor, Origin
    from smartmail.service.flow.authentication.brands import source_of

    authority = Authority()
    admin = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    await house.services.brands.trust.add_root(admin, kim.organization_id, authority.pem())
    places = ("https://b.example/l.svg", "https://b.example/m.pem")
    picture = hashlib.sha256(LOGO).digest()
    row = BrandLogo(
        "b.example", source_of(*places), house.services.delivery.desk.clock.now() + 60_000, picture, LOGO, "verified", "Brand Co",
        "Mark Authority", fingerprint(authority.root),
    )  # fmt: skip
    await house.store.put_brand_logo(row)
    proofs = (
        AuthResult("dmarc", "pass", "", (("header.from", "b.example"), ("policy.dmarc", "reject"))),
        AuthResult("bimi", "pass", "", (
            ("header.d", "b.example"), ("policy.indicator-uri", places[0]), ("policy.authority-uri", places[1]),
        )),
    )  # fmt: skip
    email = await arrive(house, kim, found=msgspec.structs.replace(FOUND, authentication=proofs))
    logo = (await inspection(browser, email))["logo"]
    assert logo == {
        "url": f"/jmap/logo/{picture.hex()}", "domain": "b.example", "owner": "Brand Co", "issuer": "Mark Authority",
        "kind": "verified",
    }  # fmt: skip
    answer = await browser.ask("GET", logo["url"])
    assert (answer.status, answer.body) == (200, LOGO)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    assert (await browser.ask("GET", "/jmap/logo/" + "0" * 64)).status == 404
    # Without proof of the sender there is none, whatever lies there.
    forged = await arrive(house, kim, found=msgspec.structs.replace(FOUND, authentication=proofs, aligned=False))
    assert (await inspection(browser, forged))["logo"] is None
