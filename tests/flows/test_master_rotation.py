"""The master key is replaced while the installation works: on two nodes, killed at any point, hashes as they were."""

import asyncio
import json
import random
import time

import pytest
from tests.flows.rotation_house import ROOT, WHY, begin, identity_of, names, node, turned
from tests.house.child import start
from tests.strength import rounds

from smartmail.app.cli import main
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.seal import Purpose

KILLS = rounds(landing=6, full=20)


@pytest.fixture
def where(tmp_path):
    asyncio.run(begin(tmp_path / "data", companies=40))
    return tmp_path / "data"


async def test_everything_opens_under_the_new_key_and_nothing_under_the_old(where):
    old = (where.parent / "data.key").read_text()
    async with node(where) as opened:
        before = await names(opened)
        link = opened.keys.sign(Purpose.CAPABILITY, b"a link that was sent out")
        secret = opened.keys.secrets_key(Purpose.VOLUME).octets
        kept = await opened.store.setting("system", "key-secrets")
        await opened.services.keys.rotation.begin(ROOT, WHY)
        await turned(opened)
        assert await names(opened) == before
        assert opened.keys.sign(Purpose.CAPABILITY, b"a link that was sent out") == link
        view = (await opened.services.keys.rotation.views(ROOT))[0]
        assert (view.row.state, view.percent, view.row.sealed, view.waits_for) == ("done", 100, b"", ())
        assert view.row.old_id != view.row.new_id == opened.services.keys.rotation._keeper.identities()[0].id
    assert sorted(one.name for one in where.parent.iterdir()) == ["data", "data.key"]
    async with node(where) as opened:
        assert await names(opened) == before
        assert opened.keys.sign(Purpose.CAPABILITY, b"a link that was sent out") == link
        assert (
            opened.keys.secrets_key(Purpose.VOLUME).octets == secret != opened.keys.secrets_key(Purpose.BACKUP).octets
        )
        assert await opened.store.setting("system", "key-secrets") != kept
        made = await opened.services.provisioning.organization("after")
        assert await opened.services.keys.rotation.turn() == 0 and made
    (where.parent / "data.key").write_text(old)
    with pytest.raises(Exception, match="sealed under master key"):
        async with node(where):
            pass


async def test_two_nodes_wait_for_each_other_and_serve_meanwhile(where):
    second = where.parent / "second.key"
    second.write_text((where.parent / "data.key").read_text())
    second.chmod(0o600)
    async with node(where) as one, node(where, key=second, name="node2") as two:
        before = await names(one)
        await one.services.upkeep.heartbeat()
        await two.services.upkeep.heartbeat()
        rotation, other = one.services.keys.rotation, two.services.keys.rotation
        rotation._settle_ms = other._settle_ms = 0
        row = await rotation.begin(ROOT, WHY)
        await rotation.turn()
        view = (await rotation.views(ROOT))[0]
        assert (view.row.state, view.waits_for) == ("spreading", ("node2",))
        assert identity_of(where.parent / "data.key") == row.old_id, "not used before all have it"
        await other.turn()
        # Under the new key by now; both nodes open it, also what a process had read before.
        assert [await names(each) for each in (one, two)] == [before, before]
        made = await one.services.provisioning.organization("made meanwhile")
        for _ in range(6):
            await rotation.turn()
            await other.turn()
            assert [await names(each) for each in (one, two)] == [before, before]
        assert (await rotation.current()) is None
    assert identity_of(where.parent / "data.key") == identity_of(second) == row.new_id
    async with node(where) as again:
        assert [one.id for one in await again.store.organizations()][-1] == made


async def test_a_node_that_cannot_write_its_key_is_named_and_nothing_is_lost(where, monkeypatch):
    async with node(where) as opened:
        rotation = opened.services.keys.rotation
        row = await rotation.begin(ROOT, WHY)

        def full(_key):
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(rotation._keeper._files, "put_next", full)
            await rotation.turn()
            view = (await rotation.views(ROOT))[0]
            assert view.row.state == "spreading" and "No space left" in view.problems[0][1]
        with pytest.raises(AlreadyExists):
            await rotation.begin(ROOT, WHY)
        await rotation.cancel(ROOT)
        await rotation.turn()
        assert identity_of(where.parent / "data.key") == row.old_id
        with pytest.raises(StateMismatch):
            await rotation.cancel(ROOT)
        await rotation.begin(ROOT, WHY)
        await turned(opened)
    assert identity_of(where.parent / "data.key") != row.old_id


async def test_who_may_and_why(where):
    async with node(where) as opened:
        rotation = opened.services.keys.rotation
        person = await opened.services.directory.account_by_login("kim@a.example")
        nobody = Actor(person.id, person.organization_id, person.login, is_admin=False, origin=Origin("admin"))
        for call in (rotation.begin(nobody, WHY), rotation.cancel(nobody), rotation.views(nobody)):
            with pytest.raises(Forbidden):
                await call
        with pytest.raises(Invalid):
            await rotation.begin(ROOT, "short")
        assert nobody.account_id != AccountId(0) and nobody.organization_id != OrganizationId(0)


def killed(directory, after_s: float) -> bool:
    """Let a child rotate and kill it; say whether it was at it still."""
    child = start("tests.flows.rotation_house", str(directory))
    assert child.stdout.readline() == b"ready\n"
    time.sleep(after_s)
    running = child.poll() is None
    child.kill()
    return running


async def test_killed_at_random_points_it_goes_on_and_nothing_is_lost(where):
    async with node(where) as opened:
        before = await names(opened)
    random.seed()
    alive, states, seen = 0, set(), set()
    # Where the machine does little in that time, it is given more, until both ends of the work were met.
    for number in range(5 * KILLS):
        if number >= KILLS and len(states) > 1:
            break
        alive += await asyncio.to_thread(killed, where, random.uniform(0.0, 0.3) * (1 + number // KILLS))
        async with node(where) as opened:
            assert await names(opened) == before
            # None where the first one was killed before it had begun.
            for newest in await opened.store.rotations(1):
                states.add(newest.state)
                seen.add(newest.id)
    assert alive >= KILLS // 2 and len(states) > 1, f"killed at work {alive} times, in {states}"
    async with node(where) as opened:
        await turned(opened)
        assert await names(opened) == before
        kept = json.loads(await opened.store.setting("system", "master-key"))
    assert kept[0] == identity_of(where.parent / "data.key")
    assert sorted(one.name for one in where.parent.iterdir()) == ["data", "data.key"]


def test_the_command_begins_and_tells(where, capsys):
    async def worked():
        async with node(where) as opened:
            await turned(opened)

    before = identity_of(where.parent / "data.key")
    assert main(["key", "rotate", "--reason", WHY, "--json", "--data", str(where)]) == 0
    begun = json.loads(capsys.readouterr().out)
    assert (begun["oldKey"], begun["endedAt"]) == (before, None)
    asyncio.run(worked())
    after = identity_of(where.parent / "data.key")
    assert main(["key", "rotations", "--json", "--data", str(where)]) == 0
    told = json.loads(capsys.readouterr().out)["items"]
    assert [(one["state"], one["newKey"]) for one in told] == [("done", after)] and after == begun["newKey"] != before
    assert main(["key", "rotate", "--reason", "short", "--data", str(where)]) != 0
