"""Tokens of digests: what was made is read as it was made; anything else, and anything changed, is nothing."""

import asyncio
import base64

from hypothesis import given
from hypothesis import strategies as st
from tests.house.clock import FrozenClock

from smartmail.domain.ids import QueueEntryId
from smartmail.domain.message import BlobRow
from smartmail.domain.quarantine import LINK_ACTS, HeldRow
from smartmail.domain.queue import QueueEntryRow, QueueRecipient
from smartmail.formats.seal import KEY_OCTETS, SealKey
from smartmail.service.flow.quarantine.items import read_id, show_id
from smartmail.service.flow.quarantine.links import Links
from smartmail.service.kernel.keyring import Sealer

NOW = 1_795_653_000_000
IDS = st.integers(1, 2**63 - 1)
NUMBERS = st.integers(0, 99_999)


class Keyring:
    async def organization(self, number: int) -> Sealer:
        return Sealer(SealKey(bytes([number % 256]) * KEY_OCTETS), number, FrozenClock(NOW))


LINKS = Links(Keyring(), FrozenClock(NOW))


def row(entry_id: int, number: int) -> HeldRow:
    entry = QueueEntryRow(QueueEntryId(entry_id), 7, BlobRow(b"", 1, "", 1), b"", b"", None, 1, 0, 0, None, None)
    return HeldRow(entry, QueueRecipient(entry.id, number, "", b"", "held", "quarantine", 0, 0, False, None), None)


@given(IDS, NUMBERS, st.sampled_from(LINK_ACTS))
def test_a_token_says_what_it_was_made_for(entry_id, number, act):
    token = asyncio.run(LINKS.make(row(entry_id, number), act))
    found = asyncio.run(LINKS.read(token))
    assert (found.item_id, found.act) == (show_id(entry_id, number), act)
    assert read_id(found.item_id) == (entry_id, number)


@given(
    st.text(max_size=80) | st.binary(max_size=60).map(lambda one: base64.urlsafe_b64encode(one).decode().rstrip("="))
)
def test_anything_else_is_nothing(text):
    assert asyncio.run(LINKS.read(text)) is None


@given(st.integers(0, 44 * 8 - 1), IDS)
def test_one_changed_bit_makes_it_nothing(bit, entry_id):
    token = asyncio.run(LINKS.make(row(entry_id, 3), "release"))
    octets = bytearray(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    octets[bit // 8 % len(octets)] ^= 1 << bit % 8
    assert asyncio.run(LINKS.read(base64.urlsafe_b64encode(octets).decode().rstrip("="))) is None


@given(st.text(max_size=40))
def test_an_id_of_an_item_has_one_form(text):
    found = read_id(text)
    assert found is None or show_id(*found) == text
