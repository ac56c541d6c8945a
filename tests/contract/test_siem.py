"""Records arrive at a collector: once, in order, however long it was away and whoever died in between (BR-35)."""

import json
import re
from pathlib import Path

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench
from tests.contract.test_audit_chains import service
from tests.contract.tls_collector import TestCollector, make_authority

from smartmail.adapters.siem import TlsCollector
from smartmail.domain.account import LoginAttempt
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, StateMismatch, Unavailable
from smartmail.domain.records import SiemTarget
from smartmail.formats import siem
from smartmail.formats.siem import FIELDS, SiemRecord
from smartmail.service.kernel.clock import DAY
from smartmail.service.operations.siem import ForwardService

RECORD = AuditRecord(START, "cli", "siem.add", "siem:1")


@pytest.fixture
def collector(tmp_path):
    made = TestCollector(tmp_path).start()
    yield made
    made.stop()


async def target(bench: Bench, collector: TestCollector, name="main", **changed) -> SiemTarget:
    values = {
        "id": 0, "name": name, "format": "json", "host": "127.0.0.1", "port": collector.port, "kinds": (),
        "authority": collector.authority, "confirm": "close", "state": "on", "organization_id": 0, "created_at": START,
    }  # fmt: skip
    await bench.store.add_siem_target(SiemTarget(**{**values, **changed}), RECORD)
    return next(one for one in await bench.store.siem_targets() if one.name == name)


async def acts(bench: Bench, count: int, begin: int = 0) -> None:
    for number in range(begin, begin + count):
        await bench.store.audit(AuditRecord(START + number, "cli", "account.quota", f"account:{bench.account.id}"))
        if number % 3 == 0:
            await bench.store.audit(AuditRecord(START + number, "cli", "policy.set", "policy"))


def told(collector: TestCollector) -> list[tuple[int, int]]:
    found = [json.loads(one[one.index(b"{") :]) for one in collector.messages]
    return [(one["chain"], one["seq"]) for one in found]


def in_order(pairs: list[tuple[int, int]]) -> bool:
    chains = {chain for chain, _seq in pairs}
    return all(
        [seq for one, seq in pairs if one == chain] == list(range(1, 1 + sum(one == chain for one, _ in pairs)))
        for chain in chains
    )


async def test_after_a_day_without_the_collector_every_record_arrives_once_in_order(
    bench: Bench, collector: TestCollector, monkeypatch
):
    monkeypatch.setattr("smartmail.service.operations.siem.forwarding.BATCH", 7)
    audit = service(bench.store, bench.now)
    one = await target(bench, collector)
    forward = ForwardService(bench.store, TlsCollector(), "mx.test")
    await acts(bench, 10)
    await audit.chain()
    before = await forward.forward()
    port, collector_port = collector.port, collector.port
    collector.stop()
    for hour in range(24):
        bench.now[0] = START + hour * DAY // 24
        await acts(bench, 3, 100 + hour * 10)
        await audit.chain()
        assert await forward.forward() == 0
    assert await forward.waiting(one) > 90
    again = collector
    again.port = port
    again.start()
    # A new process, as after a night.
    sent = await ForwardService(bench.store, TlsCollector(), "mx.test").forward()
    assert await forward.waiting(one) == 0
    pairs = told(again)
    assert collector_port == again.port
    assert len(pairs) == len(set(pairs)) == before + sent
    assert in_order(pairs)
    assert len({chain for chain, _seq in pairs}) == 2


async def test_what_was_not_confirmed_is_sent_again_and_can_be_told(bench: Bench, collector: TestCollector):
    audit = service(bench.store, bench.now)
    await target(bench, collector)
    await acts(bench, 12)
    count = await audit.chain()
    collector.rude = 1
    forward = ForwardService(bench.store, TlsCollector(), "mx.test")
    assert await forward.forward() == 0
    assert await forward.forward() == count
    pairs = told(collector)
    assert len(set(pairs)) == count
    assert in_order(list(dict.fromkeys(pairs)))


async def test_a_process_that_dies_before_it_noted_what_arrived(bench: Bench, collector: TestCollector, monkeypatch):
    audit = service(bench.store, bench.now)
    await target(bench, collector)
    await acts(bench, 5)
    count = await audit.chain()

    async def dies(*_arguments):
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(bench.store, "move_siem_cursors", dies)
        assert await ForwardService(bench.store, TlsCollector(), "mx.test").forward() == 0
    assert await ForwardService(bench.store, TlsCollector(), "mx.test").forward() == count
    pairs = told(collector)
    assert pairs == pairs[:count] * 2
    assert len(set(pairs)) == count


async def test_two_nodes_at_once_leave_no_gap(bench: Bench, collector: TestCollector):
    one = await target(bench, collector)
    store = bench.store
    await store.move_siem_cursors(one.id, [(0, 0, 5), (bench.organization_id, 0, 3)])
    with pytest.raises(StateMismatch):
        await store.move_siem_cursors(one.id, [(bench.organization_id, 3, 9), (0, 4, 9)])
    assert await store.siem_cursors(one.id) == {0: 5, bench.organization_id: 3}
    with pytest.raises(StateMismatch):
        await store.move_siem_cursors(one.id, [(0, 0, 9)])


async def test_a_collector_gets_the_kinds_and_the_chain_that_it_is_for(bench: Bench, collector: TestCollector):
    audit = service(bench.store, bench.now)
    await target(bench, collector, "logins", kinds=("login",), organization_id=bench.organization_id)
    await target(bench, collector, "off", state="off")
    await acts(bench, 4)
    await bench.store.note_logins([LoginAttempt(START + 9, bench.account.id, None, "imap", "203.0.113.7", "failed")])
    await audit.chain()
    assert await ForwardService(bench.store, TlsCollector(("127.0.0.0/8",)), "mx.test").forward() == 1
    (line,) = collector.messages
    record = json.loads(line[line.index(b"{") :])
    assert (record["kind"], record["outcome"], record["door"], record["country"]) == ("login", "failed", "imap", "KR")
    assert record["subject"] == f"account:{bench.account.id}"
    assert list(record) == sorted(one.name for one in FIELDS)


async def test_collectors_are_kept_turned_and_forgotten(bench: Bench, collector: TestCollector):
    store = bench.store
    one = await target(bench, collector, kinds=("login", "admin"), format="cef")
    assert (one.kinds, one.format, one.confirm, one.state) == (("login", "admin"), "cef", "close", "on")
    with pytest.raises(AlreadyExists):
        await target(bench, collector)
    assert await store.set_siem_state(one.id, "off", RECORD)
    assert [each.state for each in await store.siem_targets()] == ["off"]
    await store.move_siem_cursors(one.id, [(0, 0, 5)])
    assert await store.drop_siem_target(one.id, RECORD)
    assert not await store.drop_siem_target(one.id, RECORD)
    assert (await store.siem_targets(), await store.siem_cursors(one.id)) == ([], {})
    # Add, off, remove: each is a record; what failed is none.
    assert len(await store.unchained_records("audit", 0, 10)) == 3


@pytest.mark.parametrize("changed", ["authority", "name"])
async def test_nothing_goes_to_a_collector_that_is_not_the_one(bench, collector, tmp_path, changed):
    if changed == "authority":
        (tmp_path / "other").mkdir()
        one = await target(bench, collector, authority=make_authority(tmp_path / "other")[0])
    else:
        one = await target(bench, collector, host="localhost")
    with pytest.raises(Unavailable):
        await TlsCollector().deliver(one, [siem.frame(b"x")])
    assert collector.messages == []


# --- formats --------------------------------------------------------------------------------------------------------

NASTY = 'x"] y=1|z\\ \r\n<134>1 forged\x00\u2028 {"a":1}'
HOSTILE = SiemRecord(
    "mx test", 1, 2, "ab", "2026-01-02T03:04:05.000+00:00", "admin", NASTY, NASTY, NASTY, NASTY, NASTY, NASTY, NASTY, NASTY
)  # fmt: skip


@pytest.mark.parametrize("form", ["rfc5424", "cef", "json"])
def test_no_field_can_begin_a_line_or_a_field_of_its_own(form):
    line = siem.write(HOSTILE, form).decode()
    assert not re.search(r"[\x00-\x1f\x7f\u2028]", line)
    assert line.startswith("<109>1 2026-01-02T03:04:05.000+00:00 mx-test smartmail - admin ")
    if form == "json":
        assert json.loads(line[line.index("{") :])["actor"] == NASTY
    elif form == "cef":
        head = re.split(r"(?<!\\)\|", line[line.index("CEF:") :])
        assert len(head) - 1 >= 7
        keys = re.findall(r"(?:^| )(\w+)(?<!\\)=", head[7] + "|".join(head[8:]))
        assert [one for one in keys if one in {field.cef for field in FIELDS}] == [field.cef for field in FIELDS]
    else:
        value = r'"(?:[^"\\\]]|\\["\\\]])*"'
        whole = re.search(rf"\[records@32473((?: \w+={value})+)\] ", line)
        assert re.findall(rf" (\w+)={value}", whole[1]) == [field.name for field in FIELDS]


def test_the_dictionary_is_what_records_have():
    named = [one["name"] for one in siem.dictionary()]
    assert named == list(SiemRecord.__dataclass_fields__)
    assert len({one["cef"] for one in siem.dictionary()}) == len(named)
    kept = Path(__file__).parents[2] / "docs/guide-admin/siem-fields.json"
    assert json.loads(kept.read_text()) == siem.dictionary()
    assert all(one["meaning"]["en"] and one["meaning"]["ko"] for one in siem.dictionary())


@pytest.mark.parametrize("networks", [(), ("10.0.0.0/8",)])
async def test_a_company_cannot_have_us_knock_on_our_own_network(bench: Bench, collector: TestCollector, networks):
    one = await target(bench, collector, organization_id=bench.organization_id)
    with pytest.raises(Unavailable) as refused:
        await TlsCollector(networks).deliver(one, [siem.frame(b"x")])
    assert "outgoing.networks" in refused.value.detail
    assert collector.messages == []
    await TlsCollector((*networks, "127.0.0.0/8", "::1/128")).deliver(one, [siem.frame(b"x")])
    assert collector.messages == [b"x"]
