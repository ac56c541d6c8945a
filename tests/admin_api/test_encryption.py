"""The master key, originals sealed anew and originals opened by two, over the admin API."""

import pytest
from tests.flows.rekey_house import changed, quick
from tests.house.opening import no_proof

from smartmail.adapters.keys.files import FileKeeper, MasterFiles
from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
WHY = "quarterly rehearsal of the keys"


@pytest.fixture
async def house(house, tmp_path):
    """A house whose process keeps its master key, and two more administrators."""
    files = MasterFiles(str(tmp_path / "data.key"))
    ring = house.services.backups._keys
    ring._source = MasterFiles(files.path)
    keeper = FileKeeper(ring, files)
    house.services.keys.rotation._keeper = house.services.keys.kits._keeper = keeper
    house.services.keys.rotation._settle_ms = 0
    house.services.proposals.strong = no_proof
    for name in ("kim@a.example", "lee@a.example"):
        await house.services.roles.mark(CLI, house.accounts[name].id, administrator=True)
    return house


async def alone(house) -> None:
    """Let there be one company only, so that its administrators operate the installation."""
    for one in await house.store.organizations():
        if one.name == "other":
            await house.store._db.change(
                0, lambda s, number=one.id: s.run("delete from organization where id = $1", number)
            )
    house.services.authority.changed()


async def test_the_master_key_is_replaced_and_told(house):
    await alone(house)
    client = await house.client("admin@a.example")
    before = await client.do("GET", "/encryption")
    assert before["suite"] == "AES-256-GCM" and before["since"] is None
    assert (await client.ask("POST", "/master-key-rotations", {"reason": "short"})).status == 400
    begun = await client.do("POST", "/master-key-rotations", {"reason": WHY}, 202)
    assert (begun["oldKey"], begun["state"], begun["waitsFor"]) == (before["masterKey"], "spreading", ["node1"])
    assert (await client.ask("POST", "/master-key-rotations", {"reason": WHY})).status == 409
    for _ in range(5):
        await house.services.keys.rotation.turn()
    (told,) = (await client.do("GET", "/master-key-rotations"))["items"]
    assert (told["state"], told["percent"], told["newKey"]) == ("done", 100, begun["newKey"])
    after = await client.do("GET", "/encryption")
    assert after["masterKey"] == begun["newKey"] and after["since"] is not None
    assert (await client.ask("POST", "/master-key-rotations/cancel")).status in {404, 409, 412}


async def test_a_kit_is_told_once_and_rehearsed_by_typing(house, tmp_path):
    await alone(house)
    client = await house.client("admin@a.example")
    assert (await client.do("GET", "/recovery-kit"))["due"] is True
    asked = {"count": 4, "need": 2, "reason": WHY}
    reply = await client.ask("POST", "/recovery-kit", asked, {"idempotency-key": "k1"})
    assert reply.status == 400 and b"shares" not in reply.body
    made = await client.do("POST", "/recovery-kit", asked)
    assert [one["number"] for one in made["shares"]] == [1, 2, 3, 4]
    texts = [one["text"] for one in made["shares"]]
    assert (await client.ask("POST", "/recovery-kit/verify", {"shares": texts[:1]})).status == 400
    state = await client.do("POST", "/recovery-kit/verify", {"shares": [texts[3], texts[1]]})
    assert (state["fits"], state["due"], state["kit"], state["need"]) == (True, False, made["kit"], 2)
    slip = texts[0][:4] + ("b" if texts[0][4] != "b" else "c") + texts[0][5:]
    wrong = await client.ask("POST", "/recovery-kit/verify", {"shares": [slip, texts[1]]})
    assert wrong.status == 400 and "line 1" in str(wrong.body)
    records = [one.record.action for one in await house.store.unchained_records("audit", 0, 500)]
    assert "key.kit" in records and "key.kit-rehearsed" in records
    octets = b"".join(one.read_bytes() for one in (tmp_path / "data").rglob("*") if one.is_file())
    assert not any(text.encode() in octets for text in texts)
    # Another key makes it void.
    await client.do("POST", "/master-key-rotations", {"reason": WHY}, 202)
    for _ in range(5):
        await house.services.keys.rotation.turn()
    state = await client.do("GET", "/recovery-kit")
    assert (state["fits"], state["due"], state["rehearsedAt"]) == (False, True, None)


async def test_sealed_anew_with_cap_and_pause(house):
    await alone(house)
    client = await house.client("admin@a.example")
    begun = await client.do("POST", "/re-encryptions", {"suite": "ChaCha20-Poly1305", "reason": WHY, "cap": 5}, 202)
    assert (begun["state"], begun["cap"]) == ("running", 5)
    assert (await client.do("PATCH", "/re-encryptions", {"state": "paused"}))["state"] == "paused"
    changed = await client.do("PATCH", "/re-encryptions", {"state": "running", "cap": 0})
    assert (changed["state"], changed["cap"]) == ("running", 0)
    for _ in range(3):
        await house.services.keys.resealing.turn()
    (told,) = (await client.do("GET", "/re-encryptions"))["items"]
    assert told["state"] == "done"
    house.clock.go(5_000)
    assert (await client.do("GET", "/encryption"))["suite"] == "ChaCha20-Poly1305"


async def test_two_open_and_read_over_the_api(house):
    boss, other = await house.client("admin@a.example"), await house.client("lee@a.example")
    kim = house.accounts["kim@a.example"]
    me = house.actor(kim)
    inbox = next(one.row.id for one in await house.services.mailboxes.list_all(me, kim.id) if one.row.role == "inbox")
    intake = await house.services.messages.begin(me, kim.id)
    await intake.add("From: 박 <p@b.example>\r\nSubject: 견적\r\n\r\n본문입니다\r\n".encode())
    await house.services.messages.add(me, kim.id, await intake.finish(), [inbox])
    asked = await boss.do("POST", f"/accounts/{kim.id}/content-access", {"minutes": 30, "reason": WHY}, 202)
    assert asked["waits"] is True and (await boss.do("GET", "/content-accesses"))["items"] == []
    assert (await boss.ask("POST", f"/proposals/{asked['proposalId']}/confirm", {})).status in {400, 403}
    done = await other.ask("POST", f"/proposals/{asked['proposalId']}/confirm", {})
    assert done.status == 200, done.body
    (one,) = (await boss.do("GET", "/content-accesses"))["items"]
    assert (one["address"], one["isOpen"], one["reason"]) == ("kim@a.example", True, WHY)
    place = f"/content-accesses/{one['id']}/messages"
    (line,) = (await other.do("GET", place))["items"]
    text = await boss.do("GET", f"{place}/{line['id']}")
    assert (text["subject"], text["text"].strip()) == ("견적", "본문입니다")
    reply = await boss.ask("GET", f"{place}/{line['id']}/original")
    assert reply.status == 200
    third = await house.client("kim@a.example")
    assert (await third.ask("GET", place)).status == 403
    foreign = await house.client("admin@b.example")
    for path in (place, f"/content-accesses/{one['id']}", "/content-accesses/999999"):
        assert (await foreign.ask("GET", path)).status == 404
    await boss.do("POST", f"/content-accesses/{one['id']}/end", b"", 204)
    assert (await boss.ask("GET", place)).status == 403


async def test_who_has_no_permission_is_told_so(house):
    nobody = await house.client("lee@b.example")
    for method, path, body in (
        ("GET", "/encryption", b""), ("GET", "/master-key-rotations", b""), ("POST", "/master-key-rotations", {"reason": WHY}),
        ("GET", "/recovery-kit", b""), ("POST", "/recovery-kit", {"reason": WHY}), ("GET", "/content-accesses", b""),
        ("GET", "/re-encryptions", b""), ("POST", "/re-encryptions", {"reason": WHY, "suite": "AES-256-GCM"}),
    ):  # fmt: skip
        assert (await nobody.ask(method, path, body)).status in {401, 403}, path
    # Where there are several companies, none of their administrators replaces what seals all.
    boss = await house.client("admin@a.example")
    assert (await boss.ask("POST", "/master-key-rotations", {"reason": WHY})).status == 403


async def test_keys_of_companies_and_accounts_are_changed_and_told(house):
    await alone(house)
    client = await house.client("admin@a.example")
    quick(house.services)
    assert (await client.do("GET", "/key-rotations"))["items"] == []
    asked = {"scope": "accounts", "reason": WHY}
    assert (await client.ask("POST", "/key-rotations", {**asked, "reason": "short"})).status == 400
    assert (await client.ask("POST", "/key-rotations", {"scope": "account", "reason": WHY})).status == 400
    absent = {"scope": "account", "reason": WHY, "address": "nobody@a.example"}
    assert (await client.ask("POST", "/key-rotations", absent)).status == 404
    begun = await client.do("POST", "/key-rotations", asked, 202)
    assert (begun["scope"], begun["state"], begun["endedAt"], begun["secondsLeft"]) == (
        "accounts",
        "announcing",
        None,
        None,
    )
    assert (await client.ask("POST", "/key-rotations", asked)).status == 409
    assert (await client.ask("POST", "/key-rotations/cancel")).status == 204
    await changed(house.services)
    one = {"scope": "account", "address": "kim@a.example", "reason": WHY}
    assert (await client.do("POST", "/key-rotations", one, 202))["subject"] == "kim@a.example"
    await changed(house.services)
    told, given_up = (await client.do("GET", "/key-rotations"))["items"]
    assert (told["state"], told["percent"], told["failed"], told["destroyedAt"]) == ("done", 100, 0, None)
    assert told["changed"] > 0 and told["octets"] > 0 and given_up["state"] == "cancelled"
    house.clock.go(1_000)
    await house.services.keys.retiring.turn()
    (told, _given_up) = (await client.do("GET", "/key-rotations"))["items"]
    assert told["destroyedAt"] is not None
    first = await client.do("GET", "/key-rotations?limit=1")
    rest = await client.do("GET", f"/key-rotations?limit=1&after={first['next']}")
    assert [page["items"][0]["id"] for page in (first, rest)] == [told["id"], given_up["id"]]
    assert (await client.do("GET", "/key-schedule"))["since"] is None
    assert (await client.ask("PUT", "/key-schedule", {"accounts": 121, "organizations": 0})).status == 400
    said = await client.do("PUT", "/key-schedule", {"accounts": 6, "organizations": 12})
    assert (said["accounts"], said["organizations"]) == (6, 12) and said["since"] is not None


async def test_keys_are_nobody_elses_to_change(house):
    await alone(house)
    kim = await house.client("kim@a.example")
    await house.services.roles.mark(CLI, house.accounts["kim@a.example"].id, administrator=False)
    kim = await house.client("kim@a.example")
    calls = (
        ("GET", "/key-rotations", None), ("POST", "/key-rotations", {"scope": "accounts", "reason": WHY}),
        ("POST", "/key-rotations/cancel", None), ("GET", "/key-schedule", None),
        ("PUT", "/key-schedule", {"accounts": 1, "organizations": 1}),
    )  # fmt: skip
    for method, path, body in calls:
        answer = await (kim.ask(method, path) if body is None else kim.ask(method, path, body))
        assert answer.status in {401, 403}
