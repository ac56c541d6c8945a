"""Which kind of picture octets are: those that browsers show and that cannot act. Must not know where they come from."""

from typing import Final

_BEGINNINGS: Final = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
)
_AVIF: Final = frozenset({b"avif", b"avis"})


def media_type_of(octets: bytes) -> str | None:
    """Return the media type by the first octets; None for anything else, SVG among it."""
    for beginning, media_type in _BEGINNINGS:
        if octets.startswith(beginning):
            return media_type
    if octets[:4] == b"RIFF" and octets[8:12] == b"WEBP":
        return "image/webp"
    # ISO/IEC 14496-12 §4.3: the box says which brand it is of.
    if octets[4:8] == b"ftyp" and octets[8:12] in _AVIF:
        return "image/avif"
    return None
