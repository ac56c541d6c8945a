"""NAME
    reading: the text of any attached file

PURPOSE
    Finds out what a file is and lets the extractor of its format write the text, files inside files included.

LIMITS
    `Limits`, over all nested files together; `expired` is asked between steps for the time. What native code (PDF,
    HTML) or a long step takes beyond that, the runner has to bound.

FAILURE
    None: a result says what is missing (`problem`, `truncated`). What was read before a damage stays in it.

SECURITY
    Nothing is believed: types by content, no entities in XML, no paths, no external references, no recursion that the
    octets can drive deeper than `limits.depth`.
"""

from collections.abc import Callable
from typing import Final

from smartmail.formats.extract import (
    appended,
    archives,
    container_kinds,
    hwp,
    hwpx,
    kinds,
    mail,
    members,
    naming,
    odf,
    office,
    ooxml,
    outlook,
    packed,
    pdf,
    plain,
    rtf,
    signed,
    xml_text,
    zip_archive,
)
from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.out import DEFAULT_LIMITS, Enough, Extracted, Limits, Out, Unreadable
from smartmail.formats.extract.zip_archive import Archive

_HEAD: Final = 4_096


def extract(
    octets: bytes,
    media_type: str = "",
    name: str = "",
    *,
    limits: Limits = DEFAULT_LIMITS,
    expired: Callable[[], bool] = lambda: False,
) -> Extracted | None:
    """Return the text of a file; None when files of this kind have none, which a thorough reading tells instead. Raises
    MemoryError, and nothing else.
    """
    if not limits.thorough and kinds.kind_of(octets, media_type, name) == "none":
        return None
    out = Out(limits, _read, expired)
    out.begins(octets, name)
    try:
        _read(out, octets, media_type, name)
    except Unreadable as error:
        out.note(error.problem)
    except Enough:
        pass
    return out.result()


def _read(out: Out, octets: bytes, media_type: str, name: str) -> None:
    out.tick()
    kind = kinds.kind_of(octets, media_type, name)
    out.kind(kind)
    if kind == "zip":
        _zip(out, octets)
    elif kind == "compound":
        _compound(out, octets)
    elif kind == "pdf":
        pdf.extract(out, octets)
    elif kind == "rtf":
        rtf.extract(out, octets)
    elif kind == "tnef":
        outlook.extract_tnef(out, octets)
    elif kind in kinds.PACKED:
        packed.extract_packed(out, octets, kind, name)
    elif kind in archives.ENTRIES:
        members.extract(out, archives.ENTRIES[kind](out, octets))
    elif kind == "tar":
        packed.extract_tar(out, octets)
    elif kind == "message":
        mail.extract(out, octets)
    elif kind == "mbox":
        mail.extract_mbox(out, octets)
    elif kind in {"unsupported", "none"}:
        _without_text(out, octets, known=kind == "unsupported")
    else:
        _text(out, octets, kind)


def _without_text(out: Out, octets: bytes, *, known: bool) -> None:
    """Tell of a file that is not read what it is, and whether there is something to read in it."""
    name = naming.kind_name(octets)
    out.kind(name)
    if known:
        raise Unreadable("unsupported")
    if not out.limits.thorough:
        return
    if naming.is_encrypted(name):
        raise Unreadable("encrypted")
    content = signed.content_of(octets) if name == "signature" else None
    if content is not None:
        out.nested(content)
        return
    place = appended.place_of_archive(octets)
    if place == 0:
        zip_archive.extract(out, Archive(octets))
    elif place is not None:
        out.nested(octets[place:])
    elif not naming.has_no_text(name):
        raise Unreadable("unsupported")


def _text(out: Out, octets: bytes, kind: kinds.Kind) -> None:
    if out.limits.thorough and naming.is_encrypted(told := naming.kind_name(octets[:_HEAD].lstrip())):
        out.kind(told)
        raise Unreadable("encrypted")
    if kind == "html":
        plain.html(out, octets)
        return
    if kind == "xml":
        try:
            xml_text.parse((octets,), xml_text.Sink(out, xml_text.ANY))
            return
        except Unreadable:
            out.line()  # what is no XML is still text
    plain.text(out, octets)


def _zip(out: Out, octets: bytes) -> None:
    archive = Archive(octets)
    out.kind(container_kinds.zip_kind(archive))
    if not archive.members and archive.cut:
        raise Unreadable("damaged")
    mimetype = archive.find("mimetype")
    if archive.find("Contents/content.hpf") or archive.find("Contents/section0.xml"):
        hwpx.extract(out, archive)
    elif mimetype is not None and archive.find("content.xml"):
        odf.extract(out, archive)
    elif archive.find("[Content_Types].xml"):
        ooxml.extract(out, archive)
    else:
        zip_archive.extract(out, archive)


def _compound(out: Out, octets: bytes) -> None:
    file = CompoundFile(out, octets)
    out.kind(container_kinds.compound_kind(file))
    if file.find("FileHeader"):
        hwp.extract(out, file)
    elif file.find("EncryptedPackage"):  # [MS-OFFCRYPTO]: an Office document with a password
        raise Unreadable("encrypted")
    elif file.find(outlook.PROPERTIES):
        outlook.extract_msg(out, file)
    else:
        office.extract(out, file)
