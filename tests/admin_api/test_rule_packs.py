"""Rules against spam by signed file over the admin API: seen before they count, in force everywhere, taken back."""

import base64

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from smartmail.domain.policy import Scope
from smartmail.formats.rule_pack import PackRule, RulePack, sign
from smartmail.service.protection.filtering.rules.pack import PackBook
from smartmail.service.protection.filtering.settings import FRESH_MS, ScanConfiguration

KEY = Ed25519PrivateKey.generate()
PUBLIC = base64.b64encode(KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
PARCEL = PackRule(name="parcel", title="택배 사칭", weight=3.0, words=("배송 조회",))
COIN = PackRule(name="coin", title="코인 투자", weight=2.0, words=("코인 리딩방",))
FIRST = RulePack(id="2026-10", made_at=1_760_000_000_000, weights={"spf-fail": 2.5}, rules=(PARCEL, COIN))
SECOND = RulePack(
    id="2026-11", made_at=1_762_000_000_000, notes="11월", weights={"spf-fail": 3.0, "not-known-here": 1.0},
    rules=(msgspec.structs.replace(PARCEL, weight=4.0), PackRule(name="tax", title="세금 환급", weight=2.0, words=("환급금",))),
)  # fmt: skip


def file_of(pack: RulePack, key: Ed25519PrivateKey = KEY) -> dict[str, str]:
    return {"file": base64.b64encode(sign(pack, key)).decode()}


@pytest.fixture
async def root(house, monkeypatch):
    """The administrator of the company as the only one that there is."""
    home = house.accounts["admin@a.example"].organization_id
    places = house.services.authority._places
    monkeypatch.setattr(
        places, "of_the_only_company", lambda: places.of(Scope("organization", str(int(home))))
    )  # fmt: skip
    return await house.client("admin@a.example")


async def names_in_force(house) -> tuple[dict, list]:
    """What another process has in force, a moment later."""
    configuration = ScanConfiguration(house.store, house.clock)
    pack = await PackBook(house.store, configuration).current()
    return pack.weights, [one.rule.name for one in pack._rules]


async def test_a_pack_is_seen_put_in_force_replaced_and_taken_back(house, root):
    await house.store.put_setting("updates", "vendor-key", PUBLIC)
    assert await root.get("/rule-pack") == {"current": None, "before": None, "trusted": True}
    seen = await root.do("POST", "/rule-pack/check", file_of(FIRST))
    assert {(one["rule"], one["change"], one["after"]) for one in seen["changes"]} == {
        ("spf-fail", "weight", 2.5), ("pack.parcel", "added", 3.0), ("pack.coin", "added", 2.0),
    }  # fmt: skip
    assert (await root.get("/rule-pack"))["current"] is None, "a look changes nothing"
    # A process that judges mail already takes it up without a restart.
    configuration = ScanConfiguration(house.store, house.clock)
    book = PackBook(house.store, configuration)
    assert (await book.current()).weights == {}
    await root.do("POST", "/rule-pack/apply", file_of(FIRST))
    house.clock.go(FRESH_MS + 1)
    assert (await book.current()).weights == {"spf-fail": 2.5}
    assert (await root.ask("POST", "/rule-pack/apply", file_of(FIRST))).status == 400, "it is in force"
    seen = await root.do("POST", "/rule-pack/apply", file_of(SECOND))
    assert {(one["rule"], one["change"], one["before"], one["after"]) for one in seen["changes"]} == {
        ("spf-fail", "weight", 2.5, 3.0), ("pack.parcel", "weight", 3.0, 4.0), ("pack.tax", "added", None, 2.0),
        ("pack.coin", "removed", 2.0, None),
    }  # fmt: skip
    state = await root.get("/rule-pack")
    assert (state["current"]["id"], state["current"]["rules"], state["before"]["id"]) == ("2026-11", 2, "2026-10")
    assert await names_in_force(house) == ({"spf-fail": 3.0, "not-known-here": 1.0}, ["parcel", "tax"])
    assert (await root.do("POST", "/rule-pack/rollback"))["id"] == "2026-10"
    assert await names_in_force(house) == ({"spf-fail": 2.5}, ["parcel", "coin"])
    assert (await root.do("POST", "/rule-pack/rollback"))["id"] == "2026-11", "and forth again"
    await house.services.audit.chain()
    actions = [row["action"] for row in (await root.get("/audit-records"))["items"]]
    assert (actions.count("rules.apply"), actions.count("rules.back")) == (2, 2)


async def test_the_first_pack_is_taken_back_to_none(house, root):
    await house.store.put_setting("updates", "vendor-key", PUBLIC)
    assert (await root.ask("POST", "/rule-pack/rollback")).status == 404
    await root.do("POST", "/rule-pack/apply", file_of(FIRST))
    assert (await root.do("POST", "/rule-pack/rollback"))["id"] == ""
    assert await names_in_force(house) == ({}, [])


async def test_unsigned_older_and_broken_files_are_refused_with_the_reason(house, root):
    reply = await root.ask("POST", "/rule-pack/check", file_of(FIRST))
    assert (reply.status, b"pin" in reply.body) == (400, True)
    await house.store.put_setting("updates", "vendor-key", PUBLIC)
    await root.do("POST", "/rule-pack/apply", file_of(SECOND))
    cases = {
        b"signature": file_of(SECOND, Ed25519PrivateKey.generate()), b"newer pack": file_of(FIRST),
        b"no pack of rules": {"file": base64.b64encode(b"PK\x03\x04" + bytes(200)).decode()},
        b"cut off": {"file": base64.b64encode(sign(SECOND, KEY)[:-9]).decode()}, b"base64": {"file": "%%"},
    }  # fmt: skip
    for why, body in cases.items():
        for path in ("/rule-pack/check", "/rule-pack/apply"):
            reply = await root.ask("POST", path, body)
            assert (reply.status, why in reply.body) == (400, True), (why, reply.body)
    assert (await root.get("/rule-pack"))["current"]["id"] == "2026-11"


async def test_only_who_runs_the_installation_brings_rules(house):
    await house.store.put_setting("updates", "vendor-key", PUBLIC)
    for login in ("admin@a.example", "kim@a.example"):
        client = await house.client(login)
        assert (await client.ask("GET", "/rule-pack")).status == 403
        assert (await client.ask("POST", "/rule-pack/apply", file_of(FIRST))).status == 403
        assert (await client.ask("POST", "/rule-pack/rollback")).status == 403
