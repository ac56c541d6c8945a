"""UTCDate (RFC 8620 §1.4): what counts as one."""

import msgspec
import pytest

from smartmail.proto.jmap.core import UTCDate


@pytest.mark.parametrize(
    "text", ["2026-12-01T09:00:00Z", "2026-12-01T09:00:00.5Z", "2026-12-01T09:00:00.500Z", "2026-12-01T09:00:00.010Z"]
)
def test_fractions_that_are_not_zero_may_end_in_zeros(text: str) -> None:
    assert msgspec.convert(text, UTCDate) == text


@pytest.mark.parametrize(
    "text",
    [
        "2026-12-01T09:00:00.0Z",
        "2026-12-01T09:00:00.Z",
        "2026-12-01T09:00:00+09:00",
        "2026-12-01",
        "2026-12-01t09:00:00z",
    ],
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, UTCDate)
