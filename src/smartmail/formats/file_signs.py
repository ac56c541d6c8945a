"""What an attached file could do to whoever opens it: told by what is packed inside.

NAME        file signs
PURPOSE     `dissect` opens containers, documents and pictures, and belongs into a killable child. Names and first octets are
            judged by file_names, here for what is inside.
LIMITS      `LIMITS` over all nested files; a file that reaches them is told as `unbounded`, never read further.
FAILURE     None: what is damaged has the signs that were found before the damage. A document that does not open (password,
            DRM, damage, a format that we cannot read) is told, as an archive is: what is in it was not checked.
STANDARDS   [MS-CFB], [MS-OVBA] §2.2 (where macros lie), ECMA-376, PKWARE APPNOTE, "HWP Document File Formats 5.0".
"""

import re
from collections.abc import Callable, Iterable
from itertools import count
from typing import Final

from smartmail.formats import html_signs, picture_codes
from smartmail.formats.extract import archives, inflating, kinds, outlook, packed, reading
from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.members import Entry
from smartmail.formats.extract.out import Enough, Limits, Out, Unreadable
from smartmail.formats.extract.zip_archive import Archive, Member
from smartmail.formats.file_names import (
    FileSign,
    Sign,
    ending_of,
    is_picture,
    is_unknown,
    shown,
    signs_of_head,
    signs_of_name,
    worth_opening,
)
from smartmail.formats.mime.parts import list_parts
from smartmail.formats.mime.scanner import scan
from smartmail.formats.mime.transfer import decode_body

LIMITS: Final = Limits(chars=300_000, members=2_000, depth=5, unpacked=128 << 20, member=32 << 20)
MAX_SIGNS: Final = 40
_GLANCE: Final = Limits(chars=400, members=50, depth=0, unpacked=16 << 20, member=16 << 20)
_LOOKS: Final = 200
"""Steps of an extractor until a document counts as one that opens: a scanned book has pages without letters."""
_DOCUMENT_PARTS: Final = ("[Content_Types].xml", "Contents/content.hpf", "Contents/section0.xml", "content.xml")

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
    return tuple(knife.signs)


class _Knife:
    """Collects signs of one file and all in it."""

    def __init__(self) -> None:
        self.signs: list[FileSign] = []

    def add(self, sign: Sign, fact: str) -> None:
        found = FileSign(sign, shown(fact))
        if found not in self.signs and len(self.signs) < MAX_SIGNS:
            self.signs.append(found)

    def named(self, out: Out, name: str, head: bytes = b"") -> None:
        """Add what name and first octets tell; inside a container a dangerous file is one sign more."""
        for one in (*signs_of_name(name), *signs_of_head(head, name)):
            self.add(one.sign, one.fact)
            if out.depth and one.sign in {"program", "script", "shortcut", "image", "help"}:
                self.add("packed-program", name)

    def shut(self, problem: str | None, name: str) -> None:
        """Add what keeps a file from being looked into; a bound is told for the whole."""
        if problem == "encrypted":
            self.add("encrypted", name)
        elif problem in {"locked", "damaged", "unsupported"}:
            self.add("opaque", name)

    def read(self, out: Out, octets: bytes, media_type: str, name: str) -> None:
        try:
            self._read(out, octets, media_type, name)
        except Unreadable as error:
            self.shut(error.problem, name)
            raise

    def _read(self, out: Out, octets: bytes, media_type: str, name: str) -> None:
        out.tick()
        self.named(out, name, octets[:40_000])
        kind = kinds.kind_of(octets, media_type, name)
        if out.depth >= 3 and (kind in {"zip", "tar"} or kind in kinds.PACKED or kind in archives.ENTRIES):
            self.add("deep", name)
        if kind == "zip":
            self._zip(out, octets, name)
        elif kind == "compound":
            self._compound(out, octets, name)
        elif kind in kinds.PACKED:
            packed.extract_packed(out, octets, kind, name)
        elif kind == "tar":
            packed.extract_tar(out, octets)
        elif kind == "tnef":
            outlook.extract_tnef(out, octets)
        elif kind == "message":
            self._message(out, octets)
        elif kind in archives.ENTRIES:
            try:
                self._archive(out, archives.ENTRIES[kind](out, octets), name)
            except Unreadable:
                self._names_inside(octets)
                raise
        else:
            self._other(out, octets, kind, name)

    def _other(self, out: Out, octets: bytes, kind: str, name: str) -> None:
        if kind == "pdf":
            if _PDF_ACTS.search(octets):
                self.add("pdf-script", name)
            self._open(out, octets, name)
        elif kind == "rtf":
            if b"\\objupdate" in octets or b"\\objautlink" in octets or b"4d5a90" in octets.lower():
                self.add("object", name)
        elif kind == "unsupported":
            self.shut(kind, name)
            self._names_inside(octets)
        elif is_picture(octets[:16]):
            for text in picture_codes.codes_in(octets):
                self.add("qr", text)
        elif kind in {"html", "xml"} or ending_of(name) in {"svg", "htm", "html"}:
            self._page(octets, name)
        elif kind == "none" and is_unknown(octets, name):
            self.shut("unsupported", name)

    def _open(self, out: Out, octets: bytes, name: str) -> None:
        """Begin to read a document as its readers do: whoever gets some text, or meets its end, has opened it."""
        looks = count()
        text = reading.extract(octets, name=name, limits=_GLANCE, expired=lambda: next(looks) > _LOOKS or out.expired())
        self.shut(text.problem if text is not None else None, name)

    def _page(self, octets: bytes, name: str) -> None:
        signs = html_signs.read(octets[: html_signs.MAX_HTML].decode("utf-8", "replace"))
        if signs.passwords:
            self.add("html-form", name)
        if signs.scripts or b"<script" in octets.lower():
            self.add("html-script", name)

    def _zip(self, out: Out, octets: bytes, name: str) -> None:
        archive = Archive(octets)
        if archive.find("[Content_Types].xml"):
            self._office(out, archive, name)
        elif archive.find("Contents/content.hpf"):
            self._hwpx(archive, name)
        if (archive.cut and not archive.members) or any(map(archive.find, _DOCUMENT_PARTS)):
            self._open(out, octets, name)
        for member in archive.members:
            if member.name.endswith("/"):
                continue
            out.tick()
            if member.encrypted:
                self.named_inside(out, member.name)
                self.add("encrypted", name)
                continue
            self._member(out, archive, member)

    def _names_inside(self, octets: bytes) -> None:
        """Look for names of dangerous files in what cannot be opened."""
        for inside in _NAMES_INSIDE.findall(octets[: 1 << 20])[:5]:
            self.add("packed-program", inside.decode("utf-8", "replace"))

    def _archive(self, out: Out, entries: Iterable[Entry], name: str) -> None:
        for entry in entries:
            out.tick()
            if entry.problem is not None:
                self.named_inside(out, entry.name)
                self.shut(entry.problem, name)
                continue
            try:
                octets = inflating.whole(out, entry.pieces())
            except Unreadable as error:
                self.named_inside(out, entry.name)
                self.shut(error.problem, entry.name)
            else:
                out.nested(octets, name=entry.name)

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
            self.shut(error.problem, member.name)
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
        if file.find(outlook.PROPERTIES):
            outlook.extract_msg(out, file)
            return
        self._open(out, octets, name)
        if file.find("FileHeader"):
            self._hwp(out, file, name)
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
