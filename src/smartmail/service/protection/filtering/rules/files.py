"""Attached files: names, first octets, and what is packed inside, which children look at."""

import asyncio
from typing import Final

from smartmail.base import log
from smartmail.domain.errors import Unavailable
from smartmail.formats import file_names
from smartmail.formats.file_names import FileSign
from smartmail.ports.dissection import Dissector
from smartmail.service.protection.filtering.rules.check import Match, fact
from smartmail.service.protection.filtering.rules.evidence import Evidence, File

SECONDS: Final = 12.0
"""For all files of a message; what was not opened then is told as such."""
MAX_PICTURES: Final = 6
_LEAST_PICTURE: Final = 200
_MOST_PICTURE: Final = 6 << 20


class FileCheck:
    """Judges attachments."""

    def __init__(self, dissector: Dissector) -> None:
        self._dissector = dissector

    async def __call__(self, evidence: Evidence) -> list[Match]:
        """Return matches, of each rule the first; QR codes are left in the evidence."""
        signs: dict[FileSign, None] = {}
        for file in evidence.files:
            signs.update(dict.fromkeys(file_names.signs_of_name(file.name)))
            signs.update(dict.fromkeys(file_names.signs_of_head(file.octets[:40_000], file.name)))
        try:
            async with asyncio.timeout(SECONDS):
                await self._open(evidence, signs)
        except (TimeoutError, Unavailable) as error:
            log.event("inspection.failed", step="rules.files", error=type(error).__name__, detail="")
            signs[FileSign("unbounded")] = None
        evidence.codes = [one.fact for one in signs if one.sign == "qr"]
        found: dict[str, Match] = {}
        for one in signs:
            if one.sign != "qr":
                found.setdefault(f"file-{one.sign}", Match(f"file-{one.sign}", (fact(one.fact),)))
        return [*found.values(), *(Match("link-qr", (fact(code),)) for code in evidence.codes[:1] if _leads(code))]

    async def _open(self, evidence: Evidence, signs: dict[FileSign, None]) -> None:
        pictures = 0
        for file in evidence.files:
            if not file.whole or not _worth(file):
                continue
            if file_names.is_picture(file.octets[:16]):
                pictures += 1
                if pictures > MAX_PICTURES or not _LEAST_PICTURE < len(file.octets) < _MOST_PICTURE:
                    continue
            signs.update(dict.fromkeys(await self._dissector.signs_of(file.media_type, file.name, file.octets)))


def _worth(file: File) -> bool:
    return file_names.worth_opening(file.octets[:40_000], file.media_type, file.name)


def _leads(code: str) -> bool:
    return code.lower().startswith(("http:", "https:", "www."))
