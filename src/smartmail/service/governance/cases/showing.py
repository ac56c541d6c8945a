"""The evidence of a case on a screen: opened out of its package, without what the message says.

Header lines, way, reasons and hashes tell what happened; the text is another's mail and is opened by itself, with a reason.
LIMITS    MAX_HEADERS lines of MAX_LINE characters, MAX_TEXT characters of text.
"""

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any, Final

from smartmail.domain.errors import NotFound
from smartmail.formats.headers import Header
from smartmail.formats.mime.scanner import scan
from smartmail.formats.words import decode_text
from smartmail.service.governance.cases.evidence import examine

MAX_HEADERS: Final = 200
MAX_LINE: Final = 2_000
MAX_TEXT: Final = 50_000


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """An attachment by its hash; its octets stay in the package."""

    name: str
    media_type: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """What is shown of the first report. `route`: as `route.json` of the package has it."""

    reported_at: str
    headers: tuple[tuple[str, str], ...]
    route: dict[str, Any]
    files: tuple[AttachedFile, ...]
    octets: int
    sha256: str


async def shown(package: bytes) -> EvidenceView:
    """Return what a package tells without the text of its message. Raises NotFound: it is none that this program reads."""
    octets, manifest, route = _opened(package)
    evidence = await examine(octets, 0)
    files = tuple(
        AttachedFile(
            one.name, one.media_type, len(one.octets), hashlib.sha256(one.octets).hexdigest() if one.whole else ""
        )
        for one in evidence.files
    )
    header = Header(octets[: scan(octets).body_start])
    lines = tuple((name, value[:MAX_LINE]) for name, value in _lines(header))[:MAX_HEADERS]
    return EvidenceView(
        str(manifest.get("reportedAt", "")), lines, route, files, len(octets), hashlib.sha256(octets).hexdigest()
    )


async def text_of(package: bytes) -> str:
    """Return the text of the message, whatever it was written in. Raises NotFound."""
    evidence = await examine(_opened(package)[0], 0)
    return evidence.text[:MAX_TEXT]


def _lines(header: Header) -> list[tuple[str, str]]:
    """Return the fields as they stand, folds undone; what is no text is shown as such."""
    return [
        (field.name.decode("latin-1"), " ".join(decode_text(header.raw(field).partition(b":")[2]).split()))
        for field in header.fields
        if field.name
    ]


def _opened(package: bytes) -> tuple[bytes, dict[str, Any], dict[str, Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            manifest, route = json.loads(archive.read("manifest.json")), json.loads(archive.read("route.json"))
            return archive.read("message.eml"), manifest, route
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise NotFound("the evidence of this case cannot be read") from error
