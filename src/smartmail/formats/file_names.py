"""What the name and the first octets of a file tell about what it could do: cheap, for every attachment.

What is packed inside is told by file_signs, which opens it. Pure, linear, never raises.
"""

import re
import unicodedata
from typing import Final, Literal

import msgspec

from smartmail.base.text import without_invisible
from smartmail.formats.extract import kinds

Sign = Literal[
    "program", "script", "shortcut", "image", "help", "disguised", "double", "reversed", "macro", "macro-auto",
    "template", "hwp-eps", "hwp-ole", "hwp-script", "encrypted", "packed-program", "deep", "unbounded", "opaque", "qr",
    "pdf-script", "html-form", "html-script", "object",
]  # fmt: skip
"""`image`: of a disk. `double`, `reversed`: endings that deceive. `template`: a document that fetches another from
outside. `packed-program`: any dangerous file inside a container. `deep`: an archive in an archive in an archive.
`opaque`: an archive or document that cannot be looked into. `qr`: where a code leads. `object`: a document that carries a program.
"""


class FileSign(msgspec.Struct, frozen=True, array_like=True):
    """One sign, and what it was seen on: a file's name, or where a code leads."""

    sign: Sign
    fact: str = ""


_MAX_NAME: Final = 200

_PROGRAMS: Final = frozenset((
    "exe", "scr", "com", "pif", "cpl", "dll", "sys", "msi", "msix", "appx", "appxbundle", "application", "gadget",
    "jar", "apk",
))  # fmt: skip
_SCRIPTS: Final = frozenset((
    "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "vb", "js", "jse", "wsf", "wsh", "wsc", "sct", "hta", "reg", "inf",
    "mshxml", "csh", "ksh", "sh", "msc", "jnlp", "xll", "iqy", "slk",
))  # fmt: skip
_SHORTCUTS: Final = frozenset((
    "lnk", "url", "website", "pif", "scf", "desktop", "library-ms", "search-ms", "settingcontent-ms", "appref-ms",
))  # fmt: skip
_IMAGES: Final = frozenset((
    "iso", "img", "vhd", "vhdx", "udf", "dmg",
))  # fmt: skip
_HELP: Final = frozenset((
    "chm", "hlp", "one",
))  # fmt: skip
DANGEROUS: Final = _PROGRAMS | _SCRIPTS | _SHORTCUTS | _IMAGES | _HELP
_HARMLESS: Final = frozenset((
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "hwp", "hwpx", "txt", "rtf", "csv", "jpg", "jpeg", "png",
    "gif", "bmp", "tif", "tiff", "mp3", "mp4", "avi", "zip", "7z", "rar", "egg", "alz", "htm", "html",
))  # fmt: skip
_MACRO_ENDINGS: Final = frozenset((
    "docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "potm", "ppsm", "ppam", "sldm",
))  # fmt: skip
_CONTAINERS: Final = frozenset({"zip", "compound", "tnef", "gzip", "bzip2", "xz", "tar", "message", "pdf", "rtf"})
_REVERSED: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
_BLANKS_THEN: Final = re.compile(r"\.(\w{2,5})\s{3,}\.?\S{0,60}?\.(\w{2,5})\s*$")


# First octets → what the file is, for those whose name must say the same.
_MAGIC: Final = (
    (b"MZ", "program"), (b"\x7fELF", "program"), (b"\xca\xfe\xba\xbe", "program"), (b"\xcf\xfa\xed\xfe", "program"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "shortcut"), (b"ITSF", "help"), (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "help"),
    (b"conectix", "image"), (b"vhdxfile", "image"), (b"%PDF-", "pdf"), (b"\x89PNG", "png"), (b"\xff\xd8\xff", "jpeg"),
    (b"GIF8", "gif"), (b"PK\x03\x04", "zip"), (b"Rar!", "rar"), (b"7z\xbc\xaf", "7z"), (b"EGGA", "egg"), (b"ALZ\x01", "alz"),
    (b"\xd0\xcf\x11\xe0", "ole"), (b"{\\rtf", "rtf"),
)  # fmt: skip
_MATCHING: Final = {
    "pdf": "pdf ai", "png": "png jpg jpeg gif bmp webp apng", "jpeg": "jpg jpeg jpe jfif png gif", "gif": "gif png jpg jpeg",
    "rar": "rar cbr", "7z": "7z", "egg": "egg", "alz": "alz", "rtf": "rtf doc dot",
    "zip": """zip docx docm dotx dotm xlsx xlsm xltx xltm xlsb pptx pptm potx ppsx ppsm odt ods odp odg ott hwpx hwtx owpml
              jar apk ipa epub kmz xps oxps pages numbers key sketch vsdx msix appx xpi war ear cbz alz egg thmx one""",
    "ole": "doc dot xls xlt ppt pot pps hwp hwt msg msi vsd pub mpp db cell show nxl nxt hpt shw wps",
}  # fmt: skip
_ENDINGS_OF: Final = {kind: frozenset(endings.split()) for kind, endings in _MATCHING.items()}
_OPENED: Final = frozenset().union(
    *(_ENDINGS_OF[kind] for kind in ("pdf", "rtf", "zip", "ole", "rar", "7z", "egg", "alz"))
)
"""Endings of documents and archives."""
_KNOWN_ENDINGS: Final = frozenset().union(*_ENDINGS_OF.values()) | _HARMLESS


def ending_of(name: str) -> str:
    """Return what stands behind the last dot of a name, in lower case."""
    name = unicodedata.normalize("NFKC", without_invisible(name)).strip().rstrip(". ")
    return name.rpartition(".")[2].lower().strip() if "." in name else ""


def signs_of_name(name: str) -> list[FileSign]:
    """Return what a file's name tells."""
    told, ending = shown(name), ending_of(name)
    found: list[FileSign] = []
    if _REVERSED.search(name):
        found.append(FileSign("reversed", told))
    for endings, sign in _KINDS:
        if ending in endings:
            found.append(FileSign(sign, told))
            break
    before = name.strip().rpartition(".")[0].rpartition(".")[2].strip().lower()
    if ending in DANGEROUS and (before in _HARMLESS or _BLANKS_THEN.search(name[-200:])):
        found.append(FileSign("double", told))
    if ending in _MACRO_ENDINGS:
        found.append(FileSign("macro", told))
    return found


_KINDS: Final[tuple[tuple[frozenset[str], Sign], ...]] = (
    (_PROGRAMS, "program"), (_SCRIPTS, "script"), (_SHORTCUTS, "shortcut"), (_IMAGES, "image"), (_HELP, "help"),
)  # fmt: skip


def kind_of_head(head: bytes) -> str:
    """Return what a file is by its first octets: `pdf`, `zip`, `ole`, `program` …; "" for what none of them is."""
    if head[32_769:32_774] == b"CD001":
        return "image"
    return next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")


def signs_of_head(head: bytes, name: str) -> list[FileSign]:
    """Return what the first octets of a file tell, and whether its name says something else."""
    kind = kind_of_head(head)
    ending, told = ending_of(name), shown(name)
    if kind in {"program", "shortcut", "image", "help"}:
        named = {sign.sign for sign in signs_of_name(name)}
        sign: Sign = kind  # type: ignore[assignment] # the four are signs
        found = [] if kind in named else [FileSign(sign, told)]
        if ending and ending in _KNOWN_ENDINGS:
            found.append(FileSign("disguised", told))
        return found
    if kind in _ENDINGS_OF and ending in _KNOWN_ENDINGS and ending not in _ENDINGS_OF[kind]:
        return [FileSign("disguised", told)]
    return []


def worth_opening(head: bytes, media_type: str, name: str) -> bool:
    """Say whether `dissect` may find more than name and first octets tell."""
    kind = kinds.kind_of(head, media_type, name)
    if kind in _CONTAINERS or kind == "unsupported" or ending_of(name) in {"htm", "html", "shtml", "xhtml", "svg"}:
        return True
    return is_picture(head) or (kind == "none" and is_unknown(head, name))


def is_unknown(head: bytes, name: str) -> bool:
    """Say whether a file without readable text bears the name of a document or archive, and begins like no file we know."""
    return bool(head) and ending_of(name) in _OPENED and not head.startswith(tuple(magic for magic, _ in _MAGIC))


def is_picture(head: bytes) -> bool:
    """Say whether a file is a picture that may hold a code."""
    return head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")) or (
        head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    )


def shown(name: str) -> str:
    """Return a name as it may be shown: no directions, no controls, bounded."""
    return "".join(one for one in name[:_MAX_NAME] if one.isprintable())
