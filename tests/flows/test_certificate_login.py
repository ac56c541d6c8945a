"""Logging in with a certificate as the second factor: good ones enter, every bad one is refused for a reason of its own."""

import asyncio
import datetime

import pytest
from cryptography.hazmat.primitives import hashes
from tests.flows.certificate_house import HONG, CertificateHouse, open_certificate_house, response
from tests.flows.factor_house import CLI, MINUTE, page
from tests.flows.house import PASSWORD
from tests.lab import npki
from tests.lab.npki import DAY, Issued, Pki

from smartmail.domain.errors import AuthFailed, ProofNeeded, RateLimited
from smartmail.domain.identity_certificates import CertificateRule
from smartmail.service.identity.factors.service import SignedIn, Waiting

HOUR = 60 * MINUTE


@pytest.fixture
async def it(tmp_path):
    async with open_certificate_house(tmp_path / "house") as opened:
        yield opened


async def refused(it: CertificateHouse, who: Issued, **changes: object) -> str:
    """Return why a login was refused."""
    await it.forget_strikes()
    with pytest.raises(AuthFailed) as caught:
        await it.log_in(who, **changes)
    return caught.value.reason


async def set_rule(it: CertificateHouse, **facts: object) -> None:
    await it.services.trust_lists.set_rule(CLI, CertificateRule(it.organization_id, "", "npki", **facts))


async def test_a_certificate_opens_what_the_password_alone_does_not(it):
    person = it.leaf()
    await it.enrol_certificate(person)
    waiting = await it.sign_in()
    assert isinstance(waiting, Waiting) and waiting.kinds == ("certificate", "recovery")
    signed = await it.log_in(person)
    actor = await it.actor(signed)
    assert actor.account_id == it.kim.id
    assert (await it.results())[-2:] == ["second_factor_needed", "ok"]
    [info], left = await it.services.enrolment.list(actor)
    assert (info.kind, info.label, left) == ("certificate", f"{HONG} · yessign", 10)
    assert it.places.asked.count("/ocsp") == 2


async def test_every_bad_certificate_is_refused_for_its_own_reason(it):
    key = npki.rsa_key(HONG)
    good = it.leaf()
    await it.enrol_certificate(good)
    revoked = it.leaf("폐지()1", key=key)
    it.pki.revoke(revoked)
    other = Pki("strange")
    await set_rule(it, policies=(npki.PERSONAL,))
    encryption = it.leaf(usages=("key_encipherment", "data_encipherment"))
    no_authority = it.pki.authority("no authority", it.pki.sub, ca=False)
    cases = {
        "expired": (it.leaf(until=-DAY / 2), {}),
        "not_yet_valid": (it.leaf(since=DAY), {}),
        "unknown_root": (other.leaf(HONG, key=key), {"others": [other.sub, other.root]}),
        "chain_weak": (it.leaf(digest=hashes.SHA1()), {}),
        "not_authority": (it.leaf(by=no_authority), {"others": [no_authority]}),
        "key_usage": (encryption, {}),
        "policy": (it.leaf(policy=npki.COMPANY), {}),
        "revoked": (revoked, {}),
        "not_bound": (it.leaf("이몽룡()2"), {}),
        "weak_algorithm": (good, {"digest": "sha1"}),
        "signature": (it.leaf("남의것()3"), {"certificate": good}),
        "structure": (good, {"leave": ["signing_time"]}),
        "origin": (good, {"origin": "https://mail.evil.example"}),
        "account": (good, {"account": "ceo@a.example"}),
        "nonce_unknown": (good, {"nonce": "A" * 43}),
        "nonce_expired": (good, {"time": 1_000_000_000}),
    }
    found = {}
    for expected, (who, changes) in cases.items():
        it.time.on(MINUTE)
        it.places.ahead += datetime.timedelta(minutes=1)
        found[expected] = await refused(it, who, **changes)
    assert found == {name: name for name in cases}
    await it.forget_strikes()
    it.time.on(MINUTE)
    assert isinstance(await it.log_in(good), SignedIn)


async def test_a_signature_opens_once_and_for_two_minutes(it):
    person = it.leaf()
    await it.enrol_certificate(person)
    token, shown = await it.question()
    answer = response(shown, person)
    await it.services.factors.answer(token, "certificate", answer, page())
    token, shown = await it.question()
    with pytest.raises(AuthFailed) as caught:
        await it.services.factors.answer(token, "certificate", answer, page())
    assert caught.value.reason == "nonce_unknown"
    with pytest.raises(AuthFailed) as caught:
        await it.services.factors.answer(token, "certificate", response(shown, person), page())
    assert caught.value.reason == "nonce_replayed"
    token, shown = await it.question()
    it.time.on(2 * MINUTE + 2000)
    with pytest.raises(AuthFailed) as caught:
        await it.services.factors.answer(token, "certificate", response(shown, person), page())
    assert caught.value.reason == "nonce_expired"


async def test_two_at_once_with_one_signature_open_one_session(it):
    person = it.leaf()
    await it.enrol_certificate(person)
    token, shown = await it.question()
    answers = [it.services.factors.answer(token, "certificate", response(shown, person), page()) for _ in range(2)]
    found = await asyncio.gather(*answers, return_exceptions=True)
    assert sorted(type(one).__name__ for one in found) == ["AuthFailed", "SignedIn"]


async def test_ten_questions_a_minute_and_account(it):
    await it.enrol_certificate(it.leaf())
    it.time.on(MINUTE)
    waiting = await it.sign_in()
    start = it.house.clock.now() // MINUTE
    with pytest.raises(RateLimited):
        for _ in range(21):
            await it.services.factors.ask(waiting.token, "certificate", page())
    assert it.house.clock.now() // MINUTE - start <= 1
    it.time.on(2 * MINUTE)
    assert (await it.services.factors.ask(waiting.token, "certificate", page()))["account"] == "kim@a.example"


# -- whom an organisation trusts


async def test_a_family_that_is_switched_off_opens_nothing(it):
    person = it.leaf()
    await it.enrol_certificate(person)
    await set_rule(it, enabled=False)
    assert await refused(it, person) == "unknown_root"
    await set_rule(it, enabled=True)
    await it.forget_strikes()
    assert isinstance(await it.log_in(person), SignedIn)


async def test_what_is_said_for_a_domain_counts_there_alone(it):
    trust, services = it.services.trust_lists, it.services
    await services.directory.add_domain("b.example", it.organization_id)
    lee = await it.house.person("lee@b.example")
    other = Pki("second", ocsp=it.pki.ocsp, crl=it.pki.crl)
    for one in (other.root, other.sub):
        await trust.add(CLI, it.organization_id, one.der, "gpki", "b.example")
    await it.set("certificate.revocation", "off")
    person = other.leaf("이몽룡()2")
    await it.enrol_certificate(person, "lee@b.example")
    assert isinstance(await it.log_in(person, "lee@b.example"), SignedIn)
    with pytest.raises(AuthFailed) as caught:
        await it.enrol_certificate(person)
    assert caught.value.reason == "unknown_root"
    await trust.set_rule(CLI, CertificateRule(it.organization_id, "b.example", "gpki", enabled=False))
    await it.forget_strikes(lee)
    with pytest.raises(AuthFailed) as caught:
        await it.log_in(person, "lee@b.example")
    assert caught.value.reason == "unknown_root"


async def test_an_authority_taken_off_the_list_opens_nothing_at_once(it):
    person = it.leaf()
    await it.enrol_certificate(person)
    rows = await it.services.trust_lists.authorities(CLI, it.organization_id)
    for row in rows:
        await it.services.trust_lists.remove(CLI, it.organization_id, row.fingerprint)
    assert await refused(it, person) == "unknown_root"


# -- revocation


async def test_a_responder_that_is_away_gives_way_to_the_list(it):
    person, gone = it.leaf(), it.leaf("폐지()1")
    await it.enrol_certificate(person)
    it.places.down = True
    assert isinstance(await it.log_in(person), SignedIn)
    assert it.places.asked[-1] == "/one.crl"
    asked = it.places.asked.count("/one.crl")
    it.time.on(MINUTE)
    assert isinstance(await it.log_in(person), SignedIn)
    assert it.places.asked.count("/one.crl") == asked  # it is fresh for a day
    it.pki.revoke(gone)
    assert await refused(it, gone) == "not_bound"  # the list that is here is older
    it.time.on(25 * HOUR)
    it.places.list_age = -datetime.timedelta(hours=25)
    assert await refused(it, gone) == "revoked"


async def test_hard_refuses_what_nobody_vouches_for_and_soft_remembers(it):
    person = it.leaf()
    await it.enrol_certificate(person)
    it.places.down = it.places.list_down = True
    it.time.on(30 * MINUTE)
    assert isinstance(await it.sign_in(), Waiting)
    it.time.on(HOUR)
    assert await refused(it, person) == "revocation_unknown"
    await it.set("certificate.revocation", "soft")
    await it.set("certificate.soft-hours", 3)
    await it.forget_strikes()
    assert isinstance(await it.log_in(person), SignedIn)
    it.time.on(2 * HOUR)
    assert await refused(it, person) == "revocation_unknown"
    await it.set("certificate.revocation", "off")
    await it.forget_strikes()
    assert isinstance(await it.log_in(person), SignedIn)


async def test_a_host_that_is_not_allowed_is_never_asked(it):
    person = it.leaf()
    await it.services.trust_lists.allow_source(CLI, it.organization_id, "127.0.0.1", allowed=False)
    with pytest.raises(AuthFailed) as caught:
        await it.enrol_certificate(person)
    assert caught.value.reason == "revocation_unknown"
    assert it.places.asked == []


async def test_a_closed_network_loads_its_lists_by_file(it):
    await it.services.trust_lists.allow_source(CLI, it.organization_id, "127.0.0.1", allowed=False)
    lists, person = it.services.revocation_lists, it.leaf()
    row = await lists.load(CLI, it.organization_id, it.pki.list())
    assert row.until - row.since == 86_400
    await it.enrol_certificate(person)
    assert isinstance(await it.log_in(person), SignedIn)
    it.pki.revoke(person)
    await lists.load(CLI, it.organization_id, it.pki.list())
    assert await refused(it, person) == "revoked"
    assert it.places.asked == []
    assert [one.source for one in await lists.facts(CLI, it.organization_id)] == ["file"]


# -- renewal, identity, several people


async def test_a_renewed_certificate_waits_or_takes_the_old_ones_place(it):
    old = it.leaf()
    await it.enrol_certificate(old)
    new = it.leaf(key=npki.rsa_key("renewed"), random=b"r" * 20)
    proof = new.vid_proof()
    assert await refused(it, new, identity=proof) == "renewal_waits"
    await set_rule(it, rebind=True)
    assert await refused(it, new) == "renewal_waits"
    assert await refused(it, new, identity=old.vid_proof()) == "renewal_waits"
    namesake = it.leaf("홍길동()0099040000000000", key=npki.rsa_key("namesake"), random=b"n" * 20)
    assert await refused(it, namesake, identity=namesake.vid_proof()) == "not_bound"
    await it.forget_strikes()
    assert isinstance(await it.log_in(new, identity=proof), SignedIn)
    assert len(await it.held()) == 1
    it.time.on(MINUTE)
    assert isinstance(await it.log_in(new), SignedIn)
    assert await refused(it, old) == "renewal_waits"


async def test_where_the_identity_number_is_asked_for_it_must_be_proved(it):
    person = it.leaf()
    await set_rule(it, identity=True)
    with pytest.raises(AuthFailed) as caught:
        await it.enrol_certificate(person)
    assert caught.value.reason == "identity"
    await it.enrol_certificate(person, identity=person.vid_proof())
    _token, shown = await it.question()
    assert shown["identity"] is True
    for wrong in (b"", person.vid_proof("9999999999"), b"x" * 32):
        assert await refused(it, person, identity=wrong) == "identity"
    await it.forget_strikes()
    it.time.on(MINUTE)
    assert isinstance(await it.log_in(person, identity=person.vid_proof()), SignedIn)


async def test_the_certificate_of_an_office_opens_several_people_each_as_themselves(it):
    office = it.leaf("한빛구청 민원실")
    people = [it.kim, *[await it.house.person(f"p{number}@a.example") for number in range(4)]]
    for one in people:
        await it.enrol_certificate(office, one.login)
    signed = await asyncio.gather(*(it.log_in(office, one.login) for one in people))
    actors = [await it.actor(one) for one in signed]
    assert [actor.account_id for actor in actors] == [one.id for one in people]
    assert len({actor.named for actor in actors}) == 5


async def test_nothing_of_the_certificate_lies_open_in_the_store(it):
    person = it.leaf()
    await it.enrol_certificate(person)
    [row] = await it.held()
    assert "홍길동".encode() not in row.sealed + row.sealed_label
    octets = (it.directory / "mail.db").read_bytes() + (it.directory / "mail.db-wal").read_bytes()
    assert "홍길동".encode() not in octets


async def test_a_session_proves_itself_again_by_the_certificate(it):
    person = it.leaf()
    await it.enrol_certificate(person)
    actor = await it.actor(await it.log_in(person))
    it.time.on(20 * MINUTE)
    with pytest.raises(ProofNeeded):
        await it.services.step_up.require(actor)
    factors = it.services.factors
    waiting = await factors.begin_step_up(actor)
    shown = await factors.ask_step_up(actor, waiting.token, "certificate", page())
    await factors.step_up(actor, waiting.token, "certificate", response(dict(shown), person), page())
    await it.services.step_up.require(actor)


async def test_after_a_reset_another_certificate_is_enrolled(it):
    old, new = it.leaf(), it.leaf("홍길동()0099041234567890", key=npki.rsa_key("renewed"))
    await it.enrol_certificate(old)
    gone = await it.services.enrolment.reset(CLI, it.kim.id, "인증서 재발급: 사번 1234 확인", ["certificate"])
    assert gone == 1
    signed = await it.services.factors.sign_in("kim@a.example", PASSWORD, page())
    assert isinstance(signed, SignedIn)
    await it.enrol_in(signed, new)
    assert isinstance(await it.log_in(new), SignedIn)
    assert await refused(it, old) in {"renewal_waits", "not_bound"}
