"""Old mail in a bucket: added with sealed keys, moved to by the rule, read by range, brought back by a drain."""

import json
import os
import urllib.request
from pathlib import Path

import pytest
from tests.flows.volume_house import ROOT, open_volume_house

from smartmail.domain.errors import Invalid
from smartmail.domain.volumes import TierRule
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.volumes.administering import NewVolume


@pytest.fixture
def bucket():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    name = f"test-{os.urandom(6).hex()}"
    urllib.request.urlopen(urllib.request.Request(f"http://{host}:{port}/{name}", method="PUT"))
    yield {"endpoint": f"http://{host}:{port}", "bucket": name, "region": "us-east-1", "prefix": "mail"}
    server.stop()


async def test_old_mail_goes_to_a_bucket_and_is_read_from_there(tmp_path: Path, bucket: dict[str, str]):
    directory = tmp_path / "data"
    directory.mkdir()
    secret = json.dumps({"access": "id", "secret": "hidden-key"})
    async with open_volume_house(directory) as house:
        row, probe = await house.admin.add(ROOT, NewVolume("s3", bucket, secret, weight=0))
        assert probe.octets_s > 0 and probe.free is None
        assert "hidden-key" not in row.config and b"hidden-key" not in row.sealed
        kept = [(await house.keep(octets), octets) for octets in (os.urandom(size) for size in (10, 60_000, 6 << 20))]
        assert {await house.place(blob) for blob, _ in kept} == {1}
        house.clock.ahead += 200 * DAY
        await house.admin.set_tier(ROOT, TierRule(row.id, 180))
        await house.mover.turn()
        assert {await house.place(blob) for blob, _ in kept} == {row.id}
        await house.grace()
        assert [found async for found in house.book[1].scan() if found.state == "live"] == []
    async with open_volume_house(directory) as house:
        house.clock.ahead += 201 * DAY
        for blob, octets in kept:
            assert await house.read(blob) == octets
            part = await house.blobs.read(blob.row, blob.organization_id, blob.data_key, 5, 1000)
            assert part == octets[5:1005]
        await house.admin.set_tier(ROOT, None)
        await house.admin.drain(ROOT, row.id)
        await house.emptied(row.id)
        assert await house.state(row.id) == "empty"
        assert {await house.place(blob) for blob, _ in kept} == {1}
        await house.admin.detach(ROOT, row.id)
        for blob, octets in kept:
            assert await house.read(blob) == octets
        again, _ = await house.admin.add(ROOT, NewVolume("s3", bucket, secret, weight=0))
        assert again.id != row.id


async def test_a_bucket_that_does_not_answer_is_refused(tmp_path: Path, bucket: dict[str, str]):
    directory = tmp_path / "data"
    directory.mkdir()
    async with open_volume_house(directory) as house:
        with pytest.raises(Invalid):
            await house.admin.add(
                ROOT, NewVolume("s3", {**bucket, "bucket": "no-such-bucket-here"}, '{"access": "a", "secret": "b"}')
            )
        assert len(await house.store.volumes()) == 1
