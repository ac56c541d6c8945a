"""Read receipts: fields beside the usual ones, the whole original, and what people read of one that came."""

import pytest

from smartmail.formats import mdn, report
from smartmail.formats.address import Mailbox
from smartmail.formats.report import Cover

ORIGINAL = b"From: a@b.example\r\nSubject: x\r\n\r\nthe body\r\n"
COVER = Cover(Mailbox("Kim", "kim@a.example"), "lee@b.example", "Read: x", "id@a.example", (0, 0), "읽었습니다")


def built(*, whole=False, **more):
    receipt = mdn.Receipt("kim@a.example", "x@b.example", **more)
    return receipt, mdn.build(receipt, COVER, original=ORIGINAL, nonce="n1", whole=whole)


@pytest.mark.parametrize("whole", [False, True])
def test_the_original_goes_along_as_asked(whole):
    _, octets = built(whole=whole)
    assert (b"the body" in octets) is whole
    text, came = report.shown(octets)
    assert (text.strip(), came) == ("읽었습니다", whole)


def test_further_fields_are_written_and_read():
    receipt, octets = built(extensions=(("X-Room", "12"), ("X-Two", "a b")))
    assert mdn.parse(octets) == receipt


@pytest.mark.parametrize("name", ["Disposition", "FINAL-RECIPIENT", "X Room", "X:Y", "", "가", "a" * 101, "X\r\nBcc"])
def test_names_that_mean_something_else_are_left_out(name):
    assert not mdn.is_extension(name)
    _, octets = built(extensions=((name, "evil"),))
    assert b"evil" not in octets


def test_no_value_makes_a_line_of_its_own():
    _, octets = built(extensions=(("X-A", "one\r\nDisposition: manual-action/MDN-sent-manually; deleted"),))
    found = mdn.parse(octets)
    assert found is not None
    assert found.disposition == "displayed"
    assert len(octets.split(b"\nDisposition:")) == 2
