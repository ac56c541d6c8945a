"""What a file is called by its octets, in the words of file endings: for rules that must not believe names.

Documents in containers are told apart in container_kinds; here, what the first octets tell.
"""

import re
from typing import Final

UNKNOWN: Final = "unknown"
_MAGIC: Final = (
    (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"BM", "bmp"), (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"), (b"8BPS", "psd"), (b"\0\0\1\0", "ico"), (b"\xd7\xcd\xc6\x9a", "wmf"), (b"\x01\0\0\0", "emf"),
    (b"\0\0\0\x0cjP", "jp2"), (b"\0\0\0\x0cJXL", "jxl"), (b"\xff\x0a", "jxl"), (b"qoif", "qoi"), (b"AC10", "dwg"),
    (b"MZ", "exe"), (b"\x7fELF", "elf"), (b"\xcf\xfa\xed\xfe", "macho"), (b"\xca\xfe\xba\xbe", "class"),
    (b"L\0\0\0\x01\x14\x02\0", "lnk"), (b"\0asm", "wasm"), (b"dex\n", "dex"), (b"ITSF", "chm"), (b"SQLite format 3", "sqlite"),
    (b"ID3", "mp3"), (b"\xff\xfb", "mp3"), (b"\xff\xf3", "mp3"), (b"\xff\xf1", "aac"), (b"\xff\xf9", "aac"), (b"fLaC", "flac"),
    (b"OggS", "ogg"), (b"\x1aE\xdf\xa3", "mkv"), (b"\x30\x26\xb2\x75", "wmv"), (b"FLV\1", "flv"), (b"MThd", "midi"),
    (b"\0\0\1\xba", "mpeg"), (b"\0\0\1\xb3", "mpeg"), (b"FWS", "swf"), (b"CWS", "swf"), (b"wOFF", "woff"), (b"wOF2", "woff"),
    (b"\0\1\0\0", "ttf"), (b"OTTO", "otf"), (b"ttcf", "ttf"), (b"%!PS", "ps"), (b"\xc5\xd0\xd3\xc6", "eps"),
    (b"HWP Document File V", "hwp3"), (b"MSCF", "cab"), (b"\x28\xb5\x2f\xfd", "zst"), (b"\x04\x22\x4d\x18", "lz4"),
    (b"LZIP\x01", "lz"), (b"\x1f\x9d", "z"), (b"!BDN", "pst"), (b"RE~^", "rar"), (b"conectix", "vhd"),
    (b"vhdxfile", "vhdx"), (b"-----BEGIN PGP MESSAGE", "pgp"), (b"Salted__", "openssl"), (b"age-encryption.org/", "age"),
)  # fmt: skip
_WITHOUT_TEXT: Final = frozenset((
    "png", "jpeg", "gif", "bmp", "tiff", "psd", "ico", "wmf", "emf", "jp2", "jxl", "qoi", "webp", "heic", "exe", "elf", "macho",
    "class", "lnk", "wasm", "dex", "mp3", "aac", "flac", "ogg", "mkv", "wmv", "flv", "midi", "mpeg", "mp4", "wav", "avi", "swf",
    "woff", "ttf", "otf", "signature", "empty",
))  # fmt: skip
"""Kinds that have no text to look into: pictures, sound, films, programs, fonts, detached signatures."""
_ENCRYPTED: Final = frozenset(("pgp", "openssl", "age", "p7m"))
_RIFF: Final = {b"WEBP": "webp", b"WAVE": "wav", b"AVI ": "avi"}
_PICTURES: Final = (b"heic", b"heix", b"mif1", b"avif", b"hevc")
_LHA: Final = re.compile(rb".{2}-lh[0-9d]-", re.DOTALL)
_SIGNED, _ENVELOPED = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"


def kind_name(octets: bytes) -> str:
    """Return the kind of a file that is no text and no container we open; UNKNOWN when it begins like no file we know."""
    if not octets:
        return "empty"
    if octets[4:8] == b"ftyp":
        return "heic" if octets[8:12] in _PICTURES else "mp4"
    if octets[:4] == b"RIFF":
        return _RIFF.get(octets[8:12], UNKNOWN)
    if octets[:1] == b"\x30":
        head = octets[:32]
        return "p7m" if _ENVELOPED in head else "signature" if _SIGNED in head else UNKNOWN
    if octets[40:44] == b" EMF":
        return "emf"
    if _LHA.match(octets):
        return "lzh"
    if octets[32_769:32_774] == b"CD001":
        return "iso"
    return next((kind for magic, kind in _MAGIC if octets.startswith(magic)), UNKNOWN)


def has_no_text(kind: str) -> bool:
    """Say whether files of this kind hold nothing that could be read."""
    return kind in _WITHOUT_TEXT


def is_encrypted(kind: str) -> bool:
    """Say whether files of this kind are encrypted as a whole."""
    return kind in _ENCRYPTED
