"""What only the object volume promises: errors told apart, bounded retries, nothing replaced, two nodes on one bucket."""

import http.server
import os
import threading
import time
import urllib.request

import obstore
import pytest

from smartmail.adapters.volumes.objects import ObjectVolume, S3Settings, connect
from smartmail.ports.blobs import BlobDamaged, BlobMissing, VolumeFull, VolumeUnavailable

BLOB_ID = b"b" * 16


@pytest.fixture(scope="module")
def endpoint():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def settings_for(endpoint, bucket, **more):
    return S3Settings(endpoint, bucket, "us-east-1", "id", "secret", retries=1, retry_timeout_s=2, **more)


@pytest.fixture
def bucket(endpoint):
    name = f"test-{os.urandom(6).hex()}"
    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/{name}", method="PUT"))
    return name


@pytest.fixture
def store(endpoint, bucket):
    return connect(settings_for(endpoint, bucket))


@pytest.fixture
def volume(store):
    return ObjectVolume(store)


async def keep(volume, octets=b"octets"):
    writer = await volume.create(BLOB_ID)
    for at in range(0, len(octets), 1_000_000):
        await writer.append(octets[at : at + 1_000_000])
    return await writer.commit()


class Answering:
    """An HTTP server that gives the same answer to everything, and counts."""

    def __init__(self, status, body=b""):
        outer = self
        self.requests = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                outer.requests += 1
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = answer

            def log_message(self, *_):
                return

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


async def every_call(volume):
    writer = await volume.create(BLOB_ID)
    await writer.append(b"x")
    location = BLOB_ID.hex() + "-" + "0" * 16 + "-5"
    yield writer.commit()
    yield volume.read(location)
    yield volume.read(location, 1, 2)
    yield volume.stat(location)
    yield volume.delete(location)
    yield volume.space()
    yield keep(volume, b"x" * 6_000_000)


@pytest.mark.parametrize("status", [500, 503, 403, 400])
async def test_refusals_are_unavailable_within_bounds(status):
    with Answering(status) as server:
        volume = ObjectVolume(connect(settings_for(server.endpoint, "bucket")))
        started = time.monotonic()
        async for call in every_call(volume):
            with pytest.raises(VolumeUnavailable):
                await call
        assert time.monotonic() - started < 20
        assert server.requests <= 2 * 7


async def test_no_answer_at_all_is_unavailable():
    with Answering(200) as server:
        endpoint = server.endpoint
    volume = ObjectVolume(connect(settings_for(endpoint, "bucket")))
    with pytest.raises(VolumeUnavailable):
        await keep(volume)


@pytest.mark.parametrize(("status", "code"), [(507, "XMinioStorageFull"), (403, "QuotaExceeded")])
async def test_a_store_without_room_is_full(status, code):
    with Answering(status, f"<Error><Code>{code}</Code></Error>".encode()) as server:
        volume = ObjectVolume(connect(settings_for(server.endpoint, "bucket")))
        with pytest.raises(VolumeFull):
            await keep(volume)


async def test_an_absent_bucket_is_unavailable_to_writers(endpoint):
    volume = ObjectVolume(connect(settings_for(endpoint, "absent-bucket")))
    with pytest.raises((VolumeUnavailable, BlobMissing)):
        await keep(volume)


async def test_damage_is_told(volume, store):
    location = await keep(volume, b"octets" * 100)
    key = (await listed(store))[0]
    whole = bytes(await (await obstore.get_async(store, key)).bytes_async())
    for octets in (whole[:-1], whole[1:], whole[:5] + b"X" + whole[6:], b"", whole + b"x", whole[:-1] + b"X"):
        await obstore.put_async(store, key, octets)
        with pytest.raises(BlobDamaged):
            await volume.read(location)
        assert [found.state async for found in volume.scan()] == ["damaged"]
    await obstore.put_async(store, key, whole[:20])
    with pytest.raises(BlobDamaged):
        await volume.read(location, 300, 10)
    with pytest.raises(BlobDamaged):
        await volume.stat(location)


async def listed(store):
    return [meta["path"] async for batch in obstore.list(store, prefix="blobs") for meta in batch]


async def test_an_object_of_another_name_is_named(volume, store):
    await obstore.put_async(store, "blobs/stray", b"x")
    assert [(found.state, found.location) async for found in volume.scan()] == [("damaged", "blobs/stray")]


async def test_a_put_whose_answer_was_lost_is_kept_once(volume, store):
    """The client tries again and is told that the key exists: it is our own first try."""
    writer = await volume.create(BLOB_ID)
    await writer.append(b"octets")
    header = await keep(volume, b"octets")
    first = bytes(await (await obstore.get_async(store, (await listed(store))[0])).bytes_async())
    await volume.delete(header)
    await obstore.put_async(store, f"blobs/62/{writer._name}", first)
    assert await volume.read(await writer.commit()) == b"octets"


async def test_no_object_is_ever_replaced(volume, store):
    writer = await volume.create(BLOB_ID)
    await obstore.put_async(store, f"blobs/62/{writer._name}", b"another's")
    await writer.append(b"octets")
    with pytest.raises(VolumeUnavailable):
        await writer.commit()


async def test_an_aborted_upload_leaves_no_parts(endpoint, bucket, volume):
    writer = await volume.create(BLOB_ID)
    for _ in range(12):
        await writer.append(b"x" * 1_000_000)
    await writer.abort()
    with urllib.request.urlopen(f"{endpoint}/{bucket}?uploads") as answer:
        assert b"<Upload>" not in answer.read()


async def test_two_nodes_see_one_volume(endpoint, bucket, volume):
    other = ObjectVolume(connect(settings_for(endpoint, bucket)))
    elsewhere = ObjectVolume(connect(settings_for(endpoint, bucket, prefix="elsewhere")))
    assert await volume.identity() == await other.identity()
    assert await volume.identity() != await elsewhere.identity()
    assert await other.read(await keep(volume)) == b"octets"
    assert volume.shared


def test_secrets_do_not_show(endpoint):
    settings = settings_for(endpoint, "bucket")
    assert "secret'" not in repr(settings)
    assert "secret" not in repr(connect(settings))


@pytest.mark.parametrize(
    ("address", "bucket"),
    [("not an address", "mail"), ("http://", "mail"), ("ftp://host", "mail"), ("http://host", "ab")],
)
def test_impossible_settings_are_told(address, bucket):
    with pytest.raises(VolumeUnavailable):
        connect(settings_for(address, bucket))
