"""What is remembered of an imported file gives the file back."""

import random

from hypothesis import given
from hypothesis import strategies as st

from smartmail.formats import lineends, mbox
from smartmail.service.mailbox.import_origin import (
    AS_STORED,
    MAX_OCTETS,
    Origin,
    file_octets,
    mbox_octets,
    pack,
    unpack,
)

_MAIL = st.lists(st.sampled_from([b"a", b"Subject: x", b"From me", b">From you", b"\r", b"\n", b"\r\n", b" "])).map(
    b"".join
)


@given(_MAIL, st.sampled_from([b"", b"From a@b Thu Aug 22 12:36:23 2002\n"]))
def test_a_file_comes_back(octets, envelope):
    stored, note = lineends.to_crlf(octets)
    packed = pack(Origin("file", note, envelope))
    assert packed is not None
    assert file_octets(stored, unpack(packed)) == envelope + octets
    assert b"\n" not in stored.replace(b"\r\n", b"")


@given(_MAIL)
def test_a_stretch_of_an_mbox_comes_back(octets):
    file = b"From a@b Thu Aug 22 12:36:23 2002\n" + octets + b"\n\n"
    (message, *_) = mbox.read([file])
    stored, note = lineends.to_crlf(message.content)
    origin = Origin("mbox", note, message.envelope, message.separator, message.rule)
    assert mbox_octets(stored, unpack(pack(origin) or b""), "x@y", 0) == file[: len(mbox.write(message))]
    assert file_octets(stored, origin) == message.content


def test_mail_that_came_by_protocol_costs_nothing():
    assert pack(AS_STORED) == b""
    assert unpack(b"") == AS_STORED


def test_line_ends_mixed_without_end_are_given_up():
    # A fixed seed: the point is that the pattern does not compress.
    octets = b"".join(random.Random(1).choices([b"a\n", b"a\r\n", b"a\r"], k=400_000))
    assert pack(Origin("file", lineends.to_crlf(octets)[1])) is None
    few = b"".join(random.Random(1).choices([b"a\n", b"a\r\n"], k=50_000))
    packed = pack(Origin("file", lineends.to_crlf(few)[1]))
    assert packed is not None
    assert len(packed) <= MAX_OCTETS


def test_a_message_that_never_was_in_an_mbox_gets_its_line():
    octets = mbox_octets(b"Subject: x\r\n\r\nFrom me\r\n", AS_STORED, "kim@a.example", 1_029_975_383)
    assert octets == b"From kim@a.example Thu Aug 22 00:16:23 2002\nSubject: x\r\n\r\n>From me\r\n\r\n"
