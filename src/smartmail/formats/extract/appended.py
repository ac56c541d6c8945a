"""Archives behind something else: programs that unpack themselves, pictures that an archive was glued to.

What comes before them hides them from a reader of the first octets only; the programs that unpack them look on.
"""

import zlib
from typing import Final

from smartmail.formats.extract import alz, egg, rar, seven_zip
from smartmail.formats.extract.zip_archive import Archive

_MOST: Final = 20  # places looked at for each magic
_MAGIC: Final = (seven_zip.MAGIC, rar.MAGIC, egg.MAGIC + b"\0\1", alz.MAGIC + b"\n\0\0\0BLZ\x01")
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_TAIL: Final = 65_557


def place_of_archive(octets: bytes) -> int | None:
    """Return where an archive begins (0 for ZIP, whose directory tells its places), None when there is none."""
    if octets.rfind(_ZIP_END, max(0, len(octets) - _ZIP_TAIL)) > 0:
        archive = Archive(octets)
        if archive.members and not archive.cut:
            return 0
    for magic in _MAGIC:
        at = -1
        for _ in range(_MOST):
            at = octets.find(magic, at + 1)
            if at < 0:
                break
            if _is_real(octets, at, magic):
                return at
    return None


def may_have_archive(octets: bytes) -> bool:
    """Say whether the octets by which `place_of_archive` finds archives are in it at all."""
    return octets.find(_ZIP_END) >= 0 or any(octets.find(magic) >= 0 for magic in _MAGIC)


def _is_real(octets: bytes, at: int, magic: bytes) -> bool:
    """Say whether more than the magic is there: programs that open archives hold it too."""
    if magic == seven_zip.MAGIC:
        return zlib.crc32(octets[at + 12 : at + 32]) == int.from_bytes(octets[at + 8 : at + 12], "little")
    if magic == rar.MAGIC:
        kind = octets[at + 9 : at + 10] if octets[at + 6 : at + 7] == b"\0" else octets[at + 13 : at + 14]
        return kind in {b"\x73", b"\x01", b"\x04"}
    return magic != _MAGIC[2] or not any(octets[at + 10 : at + 14])
