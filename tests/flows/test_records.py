"""Records for people: who looked, reviews, exports that can be checked elsewhere, destruction with its register."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from tests.flows.test_access_records import person, shared
from tests.house.opening import no_proof
from tests.unit.service_import.quiet_house import quiet_house

from smartmail.app.cli import verify_records
from smartmail.domain.account import LoginAttempt
from smartmail.domain.audit import AuditQuery, AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, NotFound, Unavailable
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import SealError
from smartmail.service.kernel.clock import DAY, HOUR

ROOT = Actor(AccountId(0), OrganizationId(0), "", True, Origin("cli"))
WHY = "분기 점검을 위해 내려받습니다"


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        yield opened
        await opened.services.witness.settle()


async def chained(house):
    await house.services.witness.settle()
    while await house.services.audit.chain():
        pass


async def administrator(house, login):
    made = await person(house, login)
    await house.store.update_account(made.account_id, is_admin=True)
    return Actor(made.account_id, made.organization_id, login, True, Origin("admin", "203.0.113.5"), by="session")


# --- who looked -----------------------------------------------------------------------------------------------------


async def test_the_owner_sees_who_looked_and_nobody_else_does(house):
    kim, lee, _inbox, ids = await shared(house)
    await house.services.reading.messages(lee, kim.account_id, ids)
    await house.services.reading.octets(lee, kim.account_id, ids[1])
    await chained(house)
    looks = await house.services.looks.looks(kim, kim.account_id)
    assert [(one.name, one.act, one.count, one.ids) for one in looks] == [
        ("lee@a.example", "read", 1, (ids[1],)), ("lee@a.example", "list", 3, tuple(ids)),
    ]  # fmt: skip
    assert {(one.address, one.door) for one in looks} == {("203.0.113.9", "imap")}
    for other in (lee, await administrator(house, "boss@a.example")):
        with pytest.raises(NotFound):
            await house.services.looks.looks(other, kim.account_id)


async def test_an_investigation_hides_the_looks_of_two_until_it_ends(house):
    kim, lee, inbox, ids = await shared(house)
    one, two = await administrator(house, "one@a.example"), await administrator(house, "two@a.example")
    looks, clock = house.services.looks, house.clock
    until = clock.now() + DAY
    with pytest.raises(Invalid):
        await looks.propose(one, kim.account_id, until, "짧다")
    with pytest.raises(Invalid):
        await looks.propose(one, kim.account_id, clock.now() + 400 * DAY, "횡령 의혹을 조사합니다")
    with pytest.raises(Forbidden):
        await looks.propose(lee, kim.account_id, until, "횡령 의혹을 조사합니다")
    number = await looks.propose(one, kim.account_id, until, "횡령 의혹을 조사합니다")

    async def look(actor):
        seen = Actor(actor.account_id, actor.organization_id, actor.login, True, Origin("admin", "203.0.113.5"))
        await house.services.witness.saw(seen, kim.account_id, "read", ids)
        await house.services.reading.octets(lee, kim.account_id, ids[0])
        await chained(house)

    async def names():
        return {one.name for one in await looks.looks(kim, kim.account_id)}

    await look(one)
    assert names_of(await names()) == {"lee", "one"}
    with pytest.raises(Forbidden):
        await looks.confirm(one, number)
    await looks.confirm(two, number)
    assert names_of(await names()) == {"lee"}
    with pytest.raises(NotFound):
        await looks.confirm(two, number)
    await look(two)
    assert names_of(await names()) == {"lee"}
    ((kept, reason),) = await looks.investigations(one)
    assert (kept.confirmed_by, reason) == (two.named, "횡령 의혹을 조사합니다")
    clock.ahead += DAY
    assert names_of(await names()) == {"lee", "one", "two"}


def names_of(logins):
    return {one.partition("@")[0] for one in logins}


# --- exports --------------------------------------------------------------------------------------------------------


async def test_an_export_can_be_checked_on_any_machine(house, tmp_path):
    kim, lee, _inbox, ids = await shared(house)
    await house.services.reading.octets(lee, kim.account_id, ids[0])
    await chained(house)
    made = await house.services.record_exports.export(ROOT, AuditQuery(), "jsonl", WHY)
    await house.services.anchors.take()
    (_day, anchor), *_ = await house.services.anchors.files(1)
    (tmp_path / "anchor.json").write_bytes(anchor)
    key = house.services.anchors.public_key

    def verified(octets, *more):
        (tmp_path / "export").write_bytes(octets)
        command = [sys.executable, "-I", verify_records.__file__, str(tmp_path / "export"), "--key", key, *more]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        return done.returncode, done.stdout.strip()

    anchored = ("--anchor", str(tmp_path / "anchor.json"))
    assert verified(made.octets, *anchored) == (0, "all as written")
    lines = made.octets.splitlines(keepends=True)
    assert json.loads(lines[0])["export"]["id"] == made.id
    assert json.loads(lines[0])["export"]["by"] == "cli"
    record = json.loads(lines[3])["record"]
    changed = lines[3].replace(b'"act":"', b'"act":"x')
    assert verified(b"".join([*lines[:3], changed, *lines[4:]])) == (
        1,
        f"record {record['org']}:{record['seq']}: changed",
    )
    code, said = verified(b"".join([*lines[:3], *lines[4:]]))
    assert code == 1
    assert "as it was exported" in said
    code, said = verified(b"".join(lines[:-1]))
    assert (code, said) == (1, "the end of the file is gone")
    # Whoever makes all digests anew still has no signature, and no anchor.
    code, said = verified(made.octets.replace(json.loads(lines[-1])["end"]["signature"][:8].encode(), b"00000000"))
    assert (code, said) == (1, "the signature of the file does not hold")


async def test_an_export_needs_a_reason_and_a_record(house, monkeypatch):
    exports = house.services.record_exports
    boss, kim = await administrator(house, "boss@a.example"), await person(house, "kim@a.example")
    mine = AuditQuery(boss.organization_id)
    for reason in ("", "짧은 이유", "  a        b  "):
        with pytest.raises(Invalid):
            await exports.export(boss, mine, "csv", reason)
    with pytest.raises(Forbidden):
        await exports.export(kim, mine, "csv", WHY)
    with pytest.raises((Forbidden, NotFound)):
        await exports.export(boss, AuditQuery(), "csv", WHY)
    await exports.export(boss, mine, "csv", WHY)
    await chained(house)
    (found,) = await house.services.audit.find(AuditQuery(boss.organization_id, action="audit.export"))
    text = await house.services.record_texts.open(boss.organization_id, found.row.record)
    assert text["reason"] == WHY
    assert WHY.encode() not in found.row.record.sealed_detail

    async def away(*_arguments):
        raise Unavailable

    monkeypatch.setattr(house.store, "audit", away)
    with pytest.raises(Unavailable):
        await exports.export(boss, mine, "csv", WHY)


async def test_a_spreadsheet_runs_nothing(house):
    evil = "=cmd|'/C calc'!A1\r\nx,y\"z"
    await house.store.audit(AuditRecord(house.clock.now(), evil, evil, evil, evil))
    await chained(house)
    made = await house.services.record_exports.export(ROOT, AuditQuery(OrganizationId(0), actor=evil), "csv", WHY)
    rows = made.octets.decode("utf-8-sig").split("\r\n")
    assert rows[0].startswith(f"export,id: {made.id},by: cli")
    assert len([row for row in rows if row]) == 3
    assert "'=cmd" in rows[2]
    assert ",=cmd" not in rows[2]


# --- reviews --------------------------------------------------------------------------------------------------------


async def test_a_review_is_made_assigned_signed_or_rings(house):
    boss, kim = await administrator(house, "boss@a.example"), await person(house, "kim@a.example")
    home, reviews, clock = boss.organization_id, house.services.reviews, house.clock
    # The 10th of a month, so that the month before can be filled in.
    clock.ahead = round(datetime(2026, 12, 10, 3, tzinfo=UTC).timestamp() * 1000) - clock.now()
    night = round(datetime(2026, 11, 10, 17, tzinfo=UTC).timestamp() * 1000)  # 02:00 in Korea
    noon = round(datetime(2026, 11, 10, 3, tzinfo=UTC).timestamp() * 1000)
    await house.store.note_logins(
        [LoginAttempt(noon - 200 * DAY, kim.account_id, None, "imap", "10.0.0.1", "ok"),
         LoginAttempt(noon, kim.account_id, None, "imap", "10.0.0.1", "ok"),
         *[LoginAttempt(noon + one, kim.account_id, None, "imap", "10.0.0.1", "failed") for one in range(5)]]
    )  # fmt: skip
    for at in (night, noon):
        await house.store.audit(
            AuditRecord(at, boss.named, "account.quota", f"account:{kim.account_id}"), kim.account_id
        )
    await house.store.audit(AuditRecord(noon, boss.named, "mail.export", f"account:{kim.account_id}"), kim.account_id)
    much = AuditRecord(noon, boss.named, "access.read", f"account:{kim.account_id} count:150 ids:1")
    await house.store.audit(much, kim.account_id)
    assert await reviews.turn() == 0, "of a month without records nobody signs anything"
    await chained(house)
    assert await reviews.turn() >= 1
    assert await reviews.turn() == 0
    body = (await reviews.review(boss, home, "2026-11")).body
    assert body["login-failures"] == {"total": 5, "top": [[f"account:{kim.account_id}", 5]]}
    assert body["off-hours"] == {"total": 1, "top": [[boss.named, 1]]}
    assert body["mass-reads"]["top"] == [[f"{boss.named} account:{kim.account_id} 2026-11-10", 150]]
    assert body["dormant"]["top"] == [[f"account:{kim.account_id}", 200]]
    assert body["exports-without-reason"]["total"] == 1

    with pytest.raises(Forbidden):
        await reviews.sign(kim, home, "2026-11", "이상 없음")
    await reviews.assign(boss, home, "2026-11", boss.account_id)
    clock.ahead += 7 * DAY - HOUR
    await reviews.turn()
    assert (await reviews.review(boss, home, "2026-11")).row.alarmed_at is None
    clock.ahead += 2 * HOUR
    waiting = len(await house.store.queue_entries(100))
    await reviews.turn()
    await reviews.turn()
    assert (await reviews.review(boss, home, "2026-11")).row.alarmed_at is not None
    assert len(await house.store.queue_entries(100)) == waiting + 1
    with pytest.raises(Invalid):
        await reviews.sign(boss, home, "2026-11", "  ")
    await reviews.sign(boss, home, "2026-11", "야간 작업은 승인된 점검이었음")
    signed = await reviews.review(boss, home, "2026-11")
    assert (signed.row.signed_by, signed.comment) == (boss.account_id, "야간 작업은 승인된 점검이었음")
    assert signed.comment.encode() not in (signed.row.sealed_comment or b"")
    with pytest.raises(NotFound):
        await reviews.sign(boss, home, "2026-11", "다시")


# --- destruction ----------------------------------------------------------------------------------------------------


async def test_a_leaver_is_destroyed_for_good_and_the_register_stays(house):
    kim, _lee, _inbox, ids = await shared(house)
    destructions, ground = house.services.destructions, "퇴사 후 보존기간 만료"
    key = (await house.store.account(kim.account_id)).wrapped_key
    with pytest.raises(Invalid):
        await destructions.destroy_account(ROOT, kim.account_id, ground, WHY)  # not closed
    await house.store.update_account(kim.account_id, state="closed")
    with pytest.raises(Invalid):
        await destructions.destroy_account(ROOT, kim.account_id, ground, "짧다")
    await house.services.governing.hold(ROOT, kim.account_id, "matter-1")
    with pytest.raises(Invalid):
        await destructions.destroy_account(ROOT, kim.account_id, ground, WHY)
    await house.services.governing.release(ROOT, kim.account_id, "matter-1")
    outcome = await destructions.destroy_account(ROOT, kim.account_id, ground, WHY)
    number = int(outcome.result.partition(":")[2])
    for look in (
        lambda: house.services.reading.octets(kim, kim.account_id, ids[0]),
        lambda: house.services.mailboxes.list_all(kim, kim.account_id),
    ):
        with pytest.raises((SealError, Unavailable, NotFound, Forbidden)):
            await look()
    with pytest.raises(Invalid):
        await destructions.destroy_account(ROOT, kim.account_id, ground, WHY)
    (entry,) = await destructions.register(ROOT, kim.organization_id)
    assert (entry.login, entry.reason, entry.row.ground) == ("kim@a.example", WHY, ground)
    assert entry.row.counts["messages"] == 3
    assert entry.row.keys == (hashlib.sha256(key).hexdigest(),)
    for language in ("ko", "en", "ja", "zh-Hans", "zh-Hant"):
        certificate = await destructions.certificate(ROOT, number, language)
        text = " ".join(
            (certificate.title, certificate.closing, *(word for line in certificate.lines for word in line))
        )
        assert "kim@a.example" in text
        assert entry.row.keys[0] in text
        assert "destruction." not in text
    assert "파기 확인서" in (await destructions.certificate(ROOT, number, "ko")).title


async def test_destruction_waits_for_a_second_person_where_the_company_wants_two(house):
    kim = await person(house, "kim@a.example")
    one, two = await administrator(house, "one@a.example"), await administrator(house, "two@a.example")
    await house.store.update_account(kim.account_id, state="closed")
    house.services.proposals.strong = no_proof  # nobody here has a browser to prove themselves with again
    await house.services.governing.set_knob(ROOT, PolicyRule("admin.two-person", Scope("system"), ("purge",)))
    outcome = await house.services.destructions.destroy_account(one, kim.account_id, "퇴사", WHY)
    assert outcome.waits
    number = outcome.proposal.row.id
    with pytest.raises(Forbidden):
        await house.services.proposals.confirm(one, number)
    assert (await house.store.account(kim.account_id)).wrapped_key
    done = await house.services.proposals.confirm(two, number)
    (entry,) = await house.services.destructions.register(ROOT, kim.organization_id)
    assert done.result == f"register:{entry.row.id}"
    assert (entry.row.actor, entry.row.consent) == (one.named, f"{outcome.proposal.row.key:x}")
    assert not (await house.store.account(kim.account_id)).wrapped_key
