"""What checks look at: one message, read once and within bounds."""

from dataclasses import dataclass, field
from typing import Final

from smartmail.formats import html_signs, links
from smartmail.formats.address import normalize, split_address
from smartmail.formats.html_signs import Signs
from smartmail.formats.links import Link
from smartmail.formats.mime.parts import ATTACHMENT, HTML_BODY, TEXT_BODY, Part
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.phrases import folded
from smartmail.formats.summary import part_text
from smartmail.service.kernel.inspection.specimen import Specimen

MAX_TEXT: Final = 200_000
"""Octets of one text part that are read, as stored; two parts at most."""
MAX_FOLDED: Final = 12_000
"""Characters in which words are looked for: what is quoted far below was said before."""
MAX_FILES: Final = 30
MAX_FILE: Final = 24 << 20
MAX_ALL_FILES: Final = 48 << 20
HEAD: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class File:
    """An attached file: what it is said to be, and its octets, or the first of them (`whole` is False)."""

    media_type: str
    name: str
    octets: bytes
    whole: bool


@dataclass(slots=True)
class Evidence:
    """One message as checks see it. `sender` is the address in From, normalised; "" where there is none or several."""

    specimen: Specimen
    subject: str = ""
    sender: str = ""
    sender_name: str = ""
    sender_domain: str = ""
    text: str = ""
    page: Signs | None = None
    links: list[Link] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    pictures: int = 0
    codes: list[str] = field(default_factory=list)
    """Where QR codes lead, once the files were opened."""
    stranger: bool = True
    """Whether nobody here knows the sender, or no check has asked yet."""
    matched: set[str] = field(default_factory=set)
    """Rules that earlier checks have found."""
    _folded: str | None = None

    @property
    def words(self) -> str:
        """Subject and text."""
        return f"{self.subject}\n{self.text}"

    @property
    def folded(self) -> str:
        """Subject and the beginning of the text as words are looked for (formats.phrases), folded once."""
        if self._folded is None:
            self._folded = folded(self.words[:MAX_FOLDED])
        return self._folded


async def gather(specimen: Specimen) -> Evidence:
    """Read a message. Raises what reading it raises."""
    summary = specimen.summary
    evidence = Evidence(specimen, subject=summary.subject)
    if len(summary.from_) == 1:
        evidence.sender = normalize(summary.from_[0].address)
        evidence.sender_name = summary.from_[0].name
        evidence.sender_domain = split_address(evidence.sender)[1]
    await _read_texts(evidence)
    await _read_files(evidence)
    return evidence


async def _read_texts(evidence: Evidence) -> None:
    plain = next(
        (one for one in evidence.specimen.summary.parts if one.shown & TEXT_BODY and one.type == "text/plain"), None
    )
    html = next(
        (one for one in evidence.specimen.summary.parts if one.shown & HTML_BODY and one.type == "text/html"), None
    )
    if html is not None:
        evidence.page = html_signs.read(await _text(evidence.specimen, html))
        evidence.text = evidence.page.text
        evidence.links += evidence.page.links
    if plain is not None:
        text = await _text(evidence.specimen, plain)
        evidence.text = evidence.text or text
        evidence.links += links.in_text(text)
    if evidence.page is not None:
        known = {link.url for link in evidence.links}
        evidence.links += [one for one in links.in_text(evidence.text) if one.url not in known]
    del evidence.links[links.MAX_LINKS :]


async def _text(specimen: Specimen, part: Part) -> str:
    return part_text(await _octets(specimen, part, MAX_TEXT), part)


async def _octets(specimen: Specimen, part: Part, most: int) -> bytes:
    end = min(part.body_end, part.body_start + most)
    if end <= len(specimen.head):
        return specimen.head[part.body_start : end]
    return await specimen.read(part.body_start, end - part.body_start)


async def _read_files(evidence: Evidence) -> None:
    room = MAX_ALL_FILES
    for part in evidence.specimen.summary.parts:
        evidence.pictures += part.type.startswith("image/")
        if not _is_file(part) or len(evidence.files) >= MAX_FILES:
            continue
        whole = part.decoded_size <= MAX_FILE and part.octets <= room
        raw = await _octets(evidence.specimen, part, part.octets if whole else HEAD)
        room -= part.octets if whole else 0
        evidence.files.append(File(part.type, part.name, decode_body(raw, part.encoding), whole))


def _is_file(part: Part) -> bool:
    if part.is_multipart or part.inner_body:
        return False
    if part.type in {"text/plain", "text/html"}:
        return bool(part.name) or part.disposition == "attachment"
    return bool(part.name) or bool(part.shown & ATTACHMENT) or not part.type.startswith("text/")
