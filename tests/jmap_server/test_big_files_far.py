"""Big files beyond 2^32 octets: an upload goes on there, and a range of a download begins there. What lies before is no
more than rows: nothing reads it.
"""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.jmap_server.test_big_files import OCTETS, TUS, begin, link, patch, path_of

from smartmail.domain.big_files import BigPart
from smartmail.domain.ids import BlobId, OrganizationId, VolumeId
from smartmail.domain.message import BlobRow
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.httpd.file_links import _span
from smartmail.edge.httpd.tus import _number
from smartmail.service.mailbox.big_files.texts import open_link, seal_file

CLI = Actor(0, OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
HOLE = 5 << 30
TAIL = 40 << 20
FAR = st.integers(min_value=(1 << 32) - 3, max_value=1 << 50)


async def a_hole(house, file_id: bytes) -> None:
    """Let the file have its first octets without any: one part of a blob that is nowhere."""
    row = await house.store.big_file(file_id)
    blob = BlobRow(BlobId(os.urandom(16)), VolumeId(1), "nowhere", HOLE)
    keys = (await house.services.big_files.uploads._keys.open(row)).keys
    part = BigPart(0, 0, blob, keys.wrap(blob.id, keys.key))
    await house.store.add_big_parts(file_id, 0, [part], row.expires_at)


@pytest.fixture
async def far(house, browser, monkeypatch):
    """A file whose first five gibibytes are there, without a verdict to come: its octets cannot all be read."""
    for name in ("big-files.max-octets", "big-files.room-octets"):
        await house.services.governing.set_knob(CLI, PolicyRule(name, Scope("system"), 20 << 30))
    monkeypatch.setattr(house.services.big_files.uploads, "_whole", lambda _file_id: None)
    where = await begin(browser, HOLE + TAIL)
    await a_hole(house, bytes.fromhex(where.rpartition("/")[2]))
    return where


async def test_an_upload_goes_on_beyond_four_gibibytes(house, browser, far):
    octets, cut = os.urandom(TAIL), 17 << 20
    told = await browser.ask("HEAD", far, headers=TUS)
    assert (told.headers["upload-offset"], told.headers["upload-length"]) == (str(HOLE), str(HOLE + TAIL))
    # What a 32 bit number would make of it is refused.
    assert (await patch(browser, far, HOLE % (1 << 32), octets)).status == 409
    assert (await patch(browser, far, HOLE, octets[:cut])).headers["upload-offset"] == str(HOLE + cut)
    assert (await patch(browser, far, HOLE, octets[cut:])).status == 409
    assert (await patch(browser, far, HOLE + cut, octets[cut:])).headers["upload-offset"] == str(HOLE + TAIL)
    file_id = bytes.fromhex(far.rpartition("/")[2])
    parts = await house.store.big_parts(file_id)
    assert [one.start for one in parts] == [0, HOLE, HOLE + (16 << 20), HOLE + cut, HOLE + cut + (16 << 20)]
    assert sum(one.blob.size for one in parts) == HOLE + TAIL

    # Ready, as a verdict would make it.
    uploads = house.services.big_files.uploads
    row = await house.store.big_file(file_id)
    opened = await uploads._keys.open(row)
    assert await house.store.change_big_file(
        file_id, ["checking"], "ready", seal_file(opened.keys, file_id, opened.text), 1
    )
    [held] = await link(house, house.actor(house.accounts["kim@a.example"]), file_id)
    taken = await browser.ask("POST", path_of(held))
    assert taken.status == 303
    there = taken.headers["location"]
    whole = HOLE + TAIL
    for asked, start, end in (
        (f"bytes={HOLE}-", HOLE, whole), (f"bytes={HOLE + cut - 2}-{HOLE + cut + 1}", HOLE + cut - 2, HOLE + cut + 2),
        ("bytes=-1000", whole - 1000, whole), (f"bytes={whole - 1}-{whole + 5}", whole - 1, whole),
    ):  # fmt: skip
        got = await browser.ask("GET", there, headers={"range": asked})
        assert (got.status, got.headers["content-range"]) == (206, f"bytes {start}-{end - 1}/{whole}")
        assert got.body == octets[start - HOLE : end - HOLE], asked
    beyond = await browser.ask("GET", there, headers={"range": f"bytes={whole}-"})
    assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{whole}")
    [kept] = [one for one in await house.store.big_links(row.account_id) if one.id == held.row.id]
    assert open_link(opened.keys, kept).recipient == "lee@b.example"


async def test_a_length_that_no_file_has_is_refused(browser):
    for length in ("9" * 17, "-1", "1e9", str(1 << 60)):
        made = await browser.ask("POST", "/files/tus/", headers={**OCTETS, "upload-length": length})
        assert made.status >= 400, length


@settings(max_examples=200, deadline=None)
@given(size=FAR, data=st.data())
def test_ranges_of_large_files_are_what_they_say(size, data):
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start, size + 10))
    assert _span(f"bytes={start}-{end}", size) == (start, min(size, end + 1))
    assert _span(f"bytes={start}-", size) == (start, size)
    last = data.draw(st.integers(1, size))
    assert _span(f"bytes=-{last}", size) == (size - last, size)
    assert _span(f"bytes={size}-", size) is None
    assert _number(str(start)) == start
