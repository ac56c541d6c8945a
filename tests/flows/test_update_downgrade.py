"""An older bundle is not applied, however well its vendor signed it; back leads the recorded way alone."""

import base64

import pytest
from tests.flows.life_house import CLI, life_house
from tests.unit.serving.test_update_bundle import FILES, PUBLIC, bundle, manifest

from smartmail.adapters.versions import VersionDirectory
from smartmail.domain.errors import Invalid


@pytest.fixture
async def house(tmp_path):
    async with life_house(tmp_path / "house") as opened:
        lock = tmp_path / "requirements.lock"
        lock.write_bytes(FILES["requirements.lock"])
        opened.services.updates._place = VersionDirectory(str(tmp_path / "versions"), str(lock))
        await opened.services.updates.trust(CLI, base64.b64encode(PUBLIC).decode())
        yield opened


def made(house, name: str, at: int) -> bytes:
    schema = house.services.updates._schema
    return bundle(manifest(id=name, version=name, made_at=at, schema=schema, floor=schema))


async def chosen(house) -> list[str]:
    return [one.id for one in await house.services.updates.states(CLI) if one.chosen]


async def test_an_older_bundle_is_refused_and_the_recorded_way_back_is_open(house):
    updates = house.services.updates
    old, new = made(house, "1.0.1", 100), made(house, "1.0.2", 200)
    await updates.apply_octets(CLI, old)
    await updates.apply_octets(CLI, new)
    with pytest.raises(Invalid, match="newer one was applied"):
        await updates.apply_octets(CLI, old)
    assert await chosen(house) == ["1.0.2"]
    assert await updates.back(CLI) == "1.0.1"
    assert await chosen(house) == ["1.0.1"]
    # Having gone back opens no door for what lies between or before; forward leads what was there already.
    with pytest.raises(Invalid):
        await updates.apply_octets(CLI, made(house, "1.0.1.5", 150))
    await updates.apply_octets(CLI, new)
    assert await chosen(house) == ["1.0.2"]


async def test_another_node_and_an_emptied_folder_remember_it_too(house, tmp_path):
    updates = house.services.updates
    await updates.apply_octets(CLI, made(house, "1.0.2", 200))
    updates._place = VersionDirectory(str(tmp_path / "other"), str(tmp_path / "requirements.lock"))
    with pytest.raises(Invalid):
        await updates.apply_octets(CLI, made(house, "1.0.1", 100))
    await updates.apply_octets(CLI, made(house, "1.0.3", 300))


async def test_what_ran_before_times_were_kept_counts_by_its_own_manifest(house):
    updates = house.services.updates
    await updates.apply_octets(CLI, made(house, "1.0.2", 200))
    await house.store.put_setting("updates", "newest", None)
    with pytest.raises(Invalid):
        await updates.apply_octets(CLI, made(house, "1.0.1", 100))


async def test_the_key_that_a_package_brought_is_pinned_from_the_start(house):
    updates = house.services.updates
    await house.store.put_setting("updates", "vendor-key", None)
    with pytest.raises(Invalid, match="no key"):
        await updates.apply_octets(CLI, made(house, "1.0.2", 200))
    updates._brought = base64.b64encode(bytes(32)).decode()
    with pytest.raises(Invalid, match="signature"):
        await updates.apply_octets(CLI, made(house, "1.0.2", 200))
    updates._brought = base64.b64encode(PUBLIC).decode()
    assert await updates.vendor_key(CLI) == updates._brought
    await updates.apply_octets(CLI, made(house, "1.0.2", 200))
    assert await chosen(house) == ["1.0.2"]
