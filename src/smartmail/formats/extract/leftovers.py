"""Members of a document's package that its reader did not ask for: a document is a good place to hide a file in."""

import re
from typing import Final

from smartmail.formats.extract import kinds, members, xml_text
from smartmail.formats.extract.members import Entry
from smartmail.formats.extract.out import Out, Unreadable
from smartmail.formats.extract.zip_archive import Archive, Member

# What programs put there for themselves, without text and in forms of their own.
_OWN: Final = re.compile(
    r".*/vbaproject\.bin|.*/vbadata\.xml|.*/printersettings\d*\.bin|.*\.odttf|.*\.fntdata|.*/activex\d*\.bin|xl/.*\.bin"
    r"|layout-cache|objectreplacements/.*|.*\.rels|mimetype",
    re.DOTALL,
)
_XML: Final = (".xml", ".rels")


def extract(out: Out, archive: Archive) -> None:
    """Read in a thorough reading what is left of a package: XML for its characters, all else as files. Raises Enough."""
    if not out.limits.thorough:
        return
    for member in archive.members:
        if member.name in archive.taken or member.name.endswith("/"):
            continue
        if member.name.lower().endswith(_XML) and _xml(out, archive, member):
            continue
        if not _is_own(out, archive, member):
            members.extract(out, (_entry(out, archive, member),))


def _xml(out: Out, archive: Archive, member: Member) -> bool:
    """Write the characters of an XML part; say whether it was one."""
    try:
        xml_text.parse(archive.pieces(out, member), xml_text.Sink(out, xml_text.ANY))
    except Unreadable:
        return False
    finally:
        out.line()
    return True


def _is_own(out: Out, archive: Archive, member: Member) -> bool:
    if not _OWN.fullmatch(member.name.lower()):
        return False
    try:
        head = next(iter(archive.pieces(out, member)), b"")
    except Unreadable:
        return False
    kind = kinds.kind_of(head)
    return kind in {"none", "text", "xml"} or (kind == "compound" and member.name.lower().endswith("vbaproject.bin"))


def _entry(out: Out, archive: Archive, member: Member) -> Entry:
    return Entry(
        member.name, member.size, lambda: archive.pieces(out, member), "encrypted" if member.encrypted else None
    )
