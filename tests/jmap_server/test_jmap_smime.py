"""S/MIME signatures over JMAP (RFC 9219): properties, errors in the reader's language, conditions."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import mail
from tests.unit.formats import smime_house as signing

from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor, Origin

VERIFY = "urn:ietf:params:jmap:smimeverify"
PROPERTIES = ["smimeStatus", "smimeStatusAtDelivery", "smimeErrors", "smimeVerifiedAt"]
TODAY = datetime.now(UTC)
CA = signing.authority()
KIM = signing.person(CA, start=TODAY - timedelta(days=9), end=TODAY + timedelta(days=9))


@pytest.fixture(autouse=True)
def _verifying(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, VERIFY])


@pytest.fixture
async def trusted(house, kim):
    actor = Actor(AccountId(0), kim.organization_id, "", is_admin=True, origin=Origin("cli"))
    await house.services.smime.trust.add_root(actor, kim.organization_id, CA.pem)
    return actor


async def states(browser, *numbers):
    answer = await browser.call("Email/get", ids=[f"e{one}" for one in numbers], properties=["id", *PROPERTIES])
    return {one.pop("id"): one for one in answer["list"]}


async def test_the_session_offers_it_for_the_account(browser):
    session = (await browser.ask("GET", "/jmap/session")).json
    assert session["capabilities"][VERIFY] == {}
    assert all(one["accountCapabilities"][VERIFY] == {} for one in session["accounts"].values())


async def test_each_kind_of_mail_tells_its_state(house, browser, kim, trusted):
    plain = await house.deliver(kim, mail(subject="보통"))
    good = await house.deliver(kim, signing.message(KIM))
    inside = await house.deliver(kim, signing.message(KIM, opaque=True))
    spoilt = await house.deliver(kim, signing.message(KIM).replace("초안".encode(), "원본".encode()))
    sealed = await house.deliver(kim, _encrypted())
    found = await states(browser, plain, good, inside, spoilt, sealed)
    assert found[f"e{plain}"] == dict.fromkeys(PROPERTIES)
    for number in (good, inside):
        state = found[f"e{number}"]
        assert (state["smimeStatus"], state["smimeErrors"]) == ("signed/verified", None)
        assert datetime.fromisoformat(state["smimeVerifiedAt"]) >= TODAY - timedelta(seconds=1)
    assert found[f"e{spoilt}"]["smimeStatus"] == "signed/failed"
    assert found[f"e{spoilt}"]["smimeErrors"] == ["서명한 후에 내용이 바뀌었습니다. 보낸 사람에게 확인하세요."]
    assert found[f"e{sealed}"]["smimeStatus"] == "unknown"
    assert found[f"e{sealed}"]["smimeVerifiedAt"] is None


def _encrypted() -> bytes:
    head = b'From: kim@b.test\r\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name="smime.p7m"\r\n'
    # ContentInfo of enveloped data: enough of it to tell what it is.
    der = bytes.fromhex("300f06092a864886f70d010703a0020500")
    import base64

    return head + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.b64encode(der) + b"\r\n"


async def test_queries_find_signed_and_verified_mail_alone(house, browser, kim, trusted):
    plain = await house.deliver(kim, mail(subject="보통"))
    good = await house.deliver(kim, signing.message(KIM))
    spoilt = await house.deliver(kim, signing.message(KIM).replace("초안".encode(), "원본".encode()))

    async def query(**condition):
        answer = await browser.call("Email/query", filter=condition)
        assert answer["canCalculateChanges"] is False
        return set(answer["ids"])

    assert await query(hasSmime=True) == {f"e{good}", f"e{spoilt}"}
    assert await query(hasSmime=False) == {f"e{plain}"}
    assert await query(hasVerifiedSmime=True) == {f"e{good}"}
    assert await query(hasVerifiedSmime=False, hasSmime=True) == {f"e{spoilt}"}
    assert await query(hasVerifiedSmime=True, subject="보통") == set()
    assert await query(hasVerifiedSmimeAtDelivery=True) == set()


async def test_without_the_capability_nothing_of_it_is_there(house, browser, kim, monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [one for one in jmap_house.USING if one != VERIFY])
    number = await house.deliver(kim, signing.message(KIM))
    assert await browser.error("Email/get", ids=[f"e{number}"], properties=["smimeStatus"]) == "invalidArguments"
    assert await browser.error("Email/query", filter={"hasSmime": True}) == "unsupportedFilter"


async def test_an_authority_that_is_trusted_no_more_counts_no_more(house, browser, kim, trusted):
    number = await house.deliver(kim, signing.message(KIM))
    trust = house.services.smime.trust
    [row] = await trust.roots(kim.organization_id)
    await trust.remove_root(trusted, kim.organization_id, row.fingerprint)
    [state] = (await states(browser, number)).values()
    assert state["smimeStatus"] == "signed/failed"
    assert len(state["smimeErrors"]) == 1
