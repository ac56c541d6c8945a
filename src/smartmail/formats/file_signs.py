"""What an attached file could do to whoever opens it: told by its octets, its name and what is packed inside.

NAME        file signs
PURPOSE     `signs_of_name` and `signs_of_head` are cheap and look at names and first octets; `dissect` opens containers,
            documents and pictures, and belongs into a killable child.
LIMITS      `LIMITS` over all nested files; a file that reaches them is told as `unbounded`, never read further.
FAILURE     None: what is damaged has the signs that were found before the damage.
STANDARDS   [MS-CFB], [MS-OVBA] §2.2 (where macros lie), ECMA-376, PKWARE APPNOTE, "HWP Document File Formats 5.0".
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from smartmail.formats import html_signs, picture_codes
from smartmail.formats.extract import inflating, kinds, outlook, packed
from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.out import Enough, Limits, Out, Unreadable
from smartmail.formats.extract.zip_archive import Archive, Member
from smartmail.formats.lookalike import without_invisible
from smartmail.formats.mime.parts import list_parts
from smartmail.formats.mime.scanner import scan
from smartmail.formats.mime.transfer import decode_body

Sign = Literal[
    "program", "script", "shortcut", "image", "help", "disguised", "double", "reversed", "macro", "macro-auto",
    "template", "hwp-eps", "hwp-ole", "hwp-script", "encrypted", "packed-program", "deep", "unbounded", "opaque", "qr",
    "pdf-script", "html-form", "html-script", "object",
]  # fmt: skip
"""`image`: of a disk. `double`, `reversed`: endings that deceive. `template`: a document that fetches another from
outside. `packed-program`: any dangerous file inside a container. `deep`: an archive in an archive in an archive.
`opaque`: an archive that cannot be looked into. `qr`: where a code leads. `object`: a document that carries a program.
"""


class FileSign(msgspec.Struct, frozen=True, array_like=True):
    """One sign, and what it was seen on: a file's name, or where a code leads."""

    sign: Sign
    fact: str = ""


LIMITS: Final = Limits(chars=300_000, members=2_000, depth=5, unpacked=128 << 20, member=32 << 20)
MAX_SIGNS: Final = 40
_MAX_NAME: Final = 200

_PROGRAMS: Final = frozenset(
    [
        "exe",
        "scr",
        "com",
        "pif",
        "cpl",
        "dll",
        "sys",
        "msi",
        "msix",
        "appx",
        "appxbundle",
        "application",
        "gadget",
        "jar",
        "apk",
    ]
)
_SCRIPTS: Final = frozenset(
    [
        "bat",
        "cmd",
        "ps1",
        "psm1",
        "vbs",
        "vbe",
        "vb",
        "js",
        "jse",
        "wsf",
        "wsh",
        "wsc",
        "sct",
        "hta",
        "reg",
        "inf",
        "mshxml",
        "csh",
        "ksh",
        "sh",
        "msc",
        "jnlp",
        "xll",
        "iqy",
        "slk",
    ]
)
_SHORTCUTS: Final = frozenset(
    ["lnk", "url", "website", "pif", "scf", "desktop", "library-ms", "search-ms", "settingcontent-ms", "appref-ms"]
)
_IMAGES: Final = frozenset(["iso", "img", "vhd", "vhdx", "udf", "dmg"])
_HELP: Final = frozenset(["chm", "hlp", "one"])
DANGEROUS: Final = _PROGRAMS | _SCRIPTS | _SHORTCUTS | _IMAGES | _HELP
_HARMLESS: Final = frozenset(
    [
        "pdf",
        "doc",
        "docx",
        "xls",
        "xlsx",
        "ppt",
        "pptx",
        "hwp",
        "hwpx",
        "txt",
        "rtf",
        "csv",
        "jpg",
        "jpeg",
        "png",
        "gif",
        "bmp",
        "tif",
        "tiff",
        "mp3",
        "mp4",
        "avi",
        "zip",
        "7z",
        "rar",
        "egg",
        "alz",
        "htm",
        "html",
    ]
)
_MACRO_ENDINGS: Final = frozenset(
    ["docm", "dotm", "xlsm", "xltm", "xlsb", "xlam", "pptm", "potm", "ppsm", "ppam", "sldm"]
)
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
_KNOWN_ENDINGS: Final = frozenset().union(*_ENDINGS_OF.values()) | _HARMLESS
_NAMES_INSIDE: Final = re.compile(
    rb"[^\x00-\x1f\\/:*?\"<>|]{1,100}\.(?:exe|scr|com|pif|js|jse|vbs|vbe|wsf|hta|lnk|bat|cmd|ps1|iso|img|chm|jar)(?![\w.])",
    re.IGNORECASE,
)
_AUTO: Final = re.compile(
    rb"auto_?(?:open|exec|close|new)|document_?(?:open|close)|workbook_?(?:open|activate|beforeclose)|auto_?run",
    re.IGNORECASE,
)
_PDF_ACTS: Final = re.compile(rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|RichMedia)\b")
_EXTERNAL: Final = re.compile(
    rb'<Relationship\b[^>]{0,600}(?:attachedTemplate|oleObject|frame)[^>]{0,600}TargetMode\s*=\s*"External"',
    re.IGNORECASE,
)
_RELATIONS: Final = re.compile(r"(?:word|ppt|xl)/(?:[a-z]+/)?_rels/[^/]+\.rels")
_EPS: Final = (b"%!PS", b"\xc5\xd0\xd3\xc6")
_HWP_CALLS: Final = re.compile(rb"ActiveXObject|WScript|Shell\.|\beval\s*\(|CreateObject|powershell", re.IGNORECASE)


def ending_of(name: str) -> str:
    """Return what stands behind the last dot of a name, in lower case."""
    name = unicodedata.normalize("NFKC", without_invisible(name)).strip().rstrip(". ")
    return name.rpartition(".")[2].lower().strip() if "." in name else ""


def signs_of_name(name: str) -> list[FileSign]:
    """Return what a file's name tells."""
    shown, ending = _shown(name), ending_of(name)
    found: list[FileSign] = []
    if _REVERSED.search(name):
        found.append(FileSign("reversed", shown))
    for endings, sign in _KINDS:
        if ending in endings:
            found.append(FileSign(sign, shown))
            break
    before = name.strip().rpartition(".")[0].rpartition(".")[2].strip().lower()
    if ending in DANGEROUS and (before in _HARMLESS or _BLANKS_THEN.search(name[-200:])):
        found.append(FileSign("double", shown))
    if ending in _MACRO_ENDINGS:
        found.append(FileSign("macro", shown))
    return found


_KINDS: Final[tuple[tuple[frozenset[str], Sign], ...]] = (
    (_PROGRAMS, "program"), (_SCRIPTS, "script"), (_SHORTCUTS, "shortcut"), (_IMAGES, "image"), (_HELP, "help"),
)  # fmt: skip


def signs_of_head(head: bytes, name: str) -> list[FileSign]:
    """Return what the first octets of a file tell, and whether its name says something else."""
    kind = next((kind for magic, kind in _MAGIC if head.startswith(magic)), "")
    if head[32_769:32_774] == b"CD001":
        kind = "image"
    ending, shown = ending_of(name), _shown(name)
    if kind in {"program", "shortcut", "image", "help"}:
        named = {sign.sign for sign in signs_of_name(name)}
        sign: Sign = kind  # type: ignore[assignment] # the four are signs
        found = [] if kind in named else [FileSign(sign, shown)]
        if ending and ending in _KNOWN_ENDINGS:
            found.append(FileSign("disguised", shown))
        return found
    if kind in _ENDINGS_OF and ending in _KNOWN_ENDINGS and ending not in _ENDINGS_OF[kind]:
        return [FileSign("disguised", shown)]
    return []


def worth_opening(head: bytes, media_type: str, name: str) -> bool:
    """Say whether `dissect` may find more than name and first octets tell."""
    kind = kinds.kind_of(head, media_type, name)
    if kind in _CONTAINERS or kind == "unsupported" or ending_of(name) in {"htm", "html", "shtml", "xhtml", "svg"}:
        return True
    return is_picture(head)


def is_picture(head: bytes) -> bool:
    """Say whether a file is a picture that may hold a code."""
    return head.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")) or (
        head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    )


def dissect(
    octets: bytes, media_type: str = "", name: str = "", *, expired: Callable[[], bool] = lambda: False,
    limits: Limits = LIMITS,
) -> tuple[FileSign, ...]:  # fmt: skip
    """Return everything that a file and what is in it tell. Raises MemoryError, and nothing else."""
    knife = _Knife()
    out = Out(limits, knife.read, expired)
    try:
        knife.read(out, octets, media_type, name)
    except Unreadable as error:
        out.note(error.problem)
    except Enough:
        pass
    if out.result().problem == "limits":
        knife.add("unbounded", name)
    if out.result().problem == "encrypted":
        knife.add("encrypted", name)
    return tuple(knife.signs)


class _Knife:
    """Collects signs of one file and all in it."""

    def __init__(self) -> None:
        self.signs: list[FileSign] = []

    def add(self, sign: Sign, fact: str) -> None:
        found = FileSign(sign, _shown(fact))
        if found not in self.signs and len(self.signs) < MAX_SIGNS:
            self.signs.append(found)

    def named(self, out: Out, name: str, head: bytes = b"") -> None:
        """Add what name and first octets tell; inside a container a dangerous file is one sign more."""
        for one in (*signs_of_name(name), *signs_of_head(head, name)):
            self.add(one.sign, one.fact)
            if out.depth and one.sign in {"program", "script", "shortcut", "image", "help"}:
                self.add("packed-program", name)

    def read(self, out: Out, octets: bytes, media_type: str, name: str) -> None:
        out.tick()
        self.named(out, name, octets[:40_000])
        kind = kinds.kind_of(octets, media_type, name)
        if out.depth >= 3 and kind in {"zip", "tar", "gzip", "bzip2", "xz"}:
            self.add("deep", name)
        if kind == "zip":
            self._zip(out, Archive(octets), name)
        elif kind == "compound":
            self._compound(out, octets, name)
        elif kind in {"gzip", "bzip2", "xz"}:
            packed.extract_packed(out, octets, kind, name)
        elif kind == "tar":
            packed.extract_tar(out, octets)
        elif kind == "tnef":
            outlook.extract_tnef(out, octets)
        elif kind == "message":
            self._message(out, octets)
        else:
            self._other(out, octets, kind, name)

    def _other(self, out: Out, octets: bytes, kind: str, name: str) -> None:
        if kind == "pdf":
            if _PDF_ACTS.search(octets):
                self.add("pdf-script", name)
        elif kind == "rtf":
            if b"\\objupdate" in octets or b"\\objautlink" in octets or b"4d5a90" in octets.lower():
                self.add("object", name)
        elif kind == "unsupported" and not octets.startswith(b"HWP Document File V"):
            self.add("opaque", name)
            for inside in _NAMES_INSIDE.findall(octets[: 1 << 20])[:5]:
                self.add("packed-program", inside.decode("utf-8", "replace"))
        elif is_picture(octets[:16]):
            for text in picture_codes.codes_in(octets):
                self.add("qr", text)
        elif kind in {"html", "xml"} or ending_of(name) in {"svg", "htm", "html"}:
            self._page(octets, name)

    def _page(self, octets: bytes, name: str) -> None:
        signs = html_signs.read(octets[: html_signs.MAX_HTML].decode("utf-8", "replace"))
        if signs.passwords:
            self.add("html-form", name)
        if signs.scripts or b"<script" in octets.lower():
            self.add("html-script", name)

    def _zip(self, out: Out, archive: Archive, name: str) -> None:
        if archive.find("[Content_Types].xml"):
            self._office(out, archive, name)
        elif archive.find("Contents/content.hpf"):
            self._hwpx(archive, name)
        for member in archive.members:
            if member.name.endswith("/"):
                continue
            out.tick()
            if member.encrypted:
                self.named_inside(out, member.name)
                self.add("encrypted", name)
                continue
            self._member(out, archive, member)

    def named_inside(self, out: Out, name: str) -> None:
        """Judge a member that cannot be read by its name."""
        out.depth += 1
        self.named(out, name)
        out.depth -= 1

    def _member(self, out: Out, archive: Archive, member: Member) -> None:
        try:
            head = next(archive.pieces(out, member), b"")
            if worth_opening(head[:65_536], "", member.name) and not is_picture(head[:16]):
                out.nested(archive.read(out, member), name=member.name)
                return
        except Unreadable as error:
            out.note(error.problem)
            head = b""
        out.depth += 1
        self.named(out, member.name, head[:40_000])
        out.depth -= 1

    def _office(self, out: Out, archive: Archive, name: str) -> None:
        for member in archive.matching(re.compile(r"(?:word|xl|ppt)/vbaproject\.bin|xl/macrosheets/[^/]+")):
            self.add("macro", name)
            if _AUTO.search(_flat(self._quiet(out, archive, member))):
                self.add("macro-auto", name)
        for member in archive.matching(_RELATIONS)[:200]:
            if _EXTERNAL.search(self._quiet(out, archive, member)):
                self.add("template", name)

    def _quiet(self, out: Out, archive: Archive, member: Member) -> bytes:
        try:
            return archive.read(out, member)
        except Unreadable:
            return b""

    def _hwpx(self, archive: Archive, name: str) -> None:
        for member in archive.members:
            path = member.name.lower()
            if path.startswith("bindata/") and path.endswith((".eps", ".ps")):
                self.add("hwp-eps", name)
            elif path.startswith("bindata/") and path.endswith(".ole"):
                self.add("hwp-ole", name)

    def _compound(self, out: Out, octets: bytes, name: str) -> None:
        file = CompoundFile(out, octets)
        if file.find("FileHeader"):
            self._hwp(out, file, name)
        elif file.find("EncryptedPackage"):
            self.add("encrypted", name)
        elif file.find(outlook.PROPERTIES):
            outlook.extract_msg(out, file)
        else:
            self._old_office(file, octets, name)

    def _old_office(self, file: CompoundFile, octets: bytes, name: str) -> None:
        paths = ["/".join(path) for path in file.entries]
        if any(path.endswith("_vba_project") or path.startswith(("macros/", "_vba_project_cur/")) for path in paths):
            self.add("macro", name)
            if _AUTO.search(_flat(octets)):
                self.add("macro-auto", name)
        if any(path.endswith("\x01ole10native") for path in paths):
            self.add("object", name)

    def _hwp(self, out: Out, file: CompoundFile, name: str) -> None:
        header = file.find("FileHeader")
        flags = int.from_bytes(file.read(header)[36:40], "little") if header is not None else 0
        if flags & 2:
            self.add("encrypted", name)
            return
        for entry in [*file.under("BinData"), *file.under("Scripts")][:200]:
            if not entry.is_stream:
                continue
            octets, path = file.read(entry), "/".join(entry.path).lower()
            if flags & 1 and path.startswith(("bindata/", "scripts/")):
                octets = inflating.whole(out, inflating.deflated(out, octets)) or octets
            self._hwp_stream(path, octets, name)

    def _hwp_stream(self, path: str, octets: bytes, name: str) -> None:
        if path.endswith((".eps", ".ps")) or octets.startswith(_EPS):
            self.add("hwp-eps", name)
        elif path.endswith(".ole"):
            self.add("hwp-ole", name)
            if b"MZ" in octets[:4_096] and b"This program" in octets:
                self.add("packed-program", name)
        elif path.startswith("scripts/") and _HWP_CALLS.search(octets.replace(b"\0", b"")):
            self.add("hwp-script", name)

    def _message(self, out: Out, octets: bytes) -> None:
        for part in list_parts(scan(octets)):
            if part.name and not part.is_multipart and not part.type.startswith("message/"):
                body = decode_body(octets[part.body_start : part.body_end], part.encoding)
                out.nested(body, part.type, part.name)


def _flat(octets: bytes) -> bytes:
    """Return octets without those that stand between the letters of packed and of wide text."""
    return re.sub(rb"[^A-Za-z_]", b"", octets[: 4 << 20])


def _shown(name: str) -> str:
    """Return a name as it may be shown: no directions, no controls, bounded."""
    return "".join(one for one in name[:_MAX_NAME] if one.isprintable())
