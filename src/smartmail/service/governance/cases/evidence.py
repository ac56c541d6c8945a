"""The evidence package of a reported message: what somebody who was not there needs to look into it.

A ZIP file without compression tricks: the message as it came (message.eml), its header (headers.txt), its way and verdicts
(route.json), indicators (indicators.csv: type and value), and a manifest with the SHA-256 of each file.
"""

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from smartmail.domain.cases import CaseText
from smartmail.domain.inspection import Inspection
from smartmail.formats import summary as summaries
from smartmail.formats.headers import Header
from smartmail.formats.mime.scanner import scan
from smartmail.service.kernel.inspection.specimen import Source, Specimen
from smartmail.service.protection.filtering.lists import indicator
from smartmail.service.protection.filtering.rules.evidence import Evidence, gather

MOST = 50
_EPOCH = (1980, 1, 1, 0, 0, 0)
Read = Callable[[int, int], Awaitable[bytes]]


async def examine(octets: bytes, received_at: int) -> Evidence:
    """Read a whole message for what it shows: text, links, files."""

    async def read(start: int, length: int) -> bytes:
        return octets[start : start + length]

    entity = scan(octets)
    header = Header(octets[: entity.body_start])
    specimen = Specimen(
        Source(""), "", (), (), header, entity, summaries.build(entity), octets, len(octets), read, received_at
    )
    return await gather(specimen)


def text_digest(evidence: Evidence) -> str:
    """Return the SHA-256 of what a message says, white space apart: the same for each copy of a wave."""
    return hashlib.sha256(" ".join(evidence.text.split()).encode("utf-8", "replace")).hexdigest()


def case_text(evidence: Evidence, inspection: Inspection | None) -> CaseText:
    """Return the indicators of a message."""
    summary = evidence.specimen.summary
    senders = [evidence.sender, *(one.address for one in summary.addresses.reply_to)]
    links = [one for one in evidence.links if one.host]
    hops = [] if inspection is None else [one.address for one in inspection.hops if one.verified and one.address]
    return CaseText(
        summary.subject[:500], _unique(senders), _unique(summary.ids.message_id), _unique(one.host for one in links),
        _unique(indicator(one) for one in links), _unique(hashlib.sha256(one.octets).hexdigest() for one in evidence.files if one.whole),
        _unique(hops),
    )  # fmt: skip


def merged(one: CaseText, other: CaseText) -> CaseText:
    """Return a case with the indicators of one more report."""
    fields = {
        name: _unique([*getattr(one, name), *getattr(other, name)])
        for name in ("senders", "message_ids", "hosts", "urls", "files", "addresses")
    }
    return msgspec.structs.replace(one, **fields)


def telling(urls: Iterable[str]) -> tuple[str, ...]:
    """Return those links that say more than which site: a site's front page is linked by everybody."""
    return tuple(one for one in urls if one.partition("://")[2].partition("/")[2])


def package(octets: bytes, text: CaseText, inspection: Inspection | None, reported_at: int) -> bytes:
    """Return the ZIP file."""
    header = octets[: scan(octets).body_start]
    files = {
        "message.eml": octets,
        "headers.txt": header,
        "route.json": json.dumps(_route(inspection), ensure_ascii=False, indent=1).encode(),
        "indicators.csv": _indicators(text),
    }
    when = datetime.fromtimestamp(reported_at / 1000, UTC).isoformat(timespec="seconds")
    manifest: dict[str, Any] = {"reportedAt": when, "subject": text.subject, "files": []}
    for name, content in files.items():
        manifest["files"].append({"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    files["manifest.json"] = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _route(inspection: Inspection | None) -> Any:
    if inspection is None:
        return {"hops": [], "authentication": [], "reasons": []}
    return {
        "nature": inspection.nature, "score": inspection.score, "country": inspection.country, "tls": inspection.tls,
        "virus": inspection.virus, "aligned": inspection.aligned,
        "hops": [dict(zip(one.__struct_fields__, msgspec.structs.astuple(one), strict=True)) for one in inspection.hops],
        "authentication": [[one.method, one.result, one.reason, list(one.properties)] for one in inspection.authentication],
        "reasons": [[one.rule, one.weight, list(one.facts)] for one in inspection.reasons],
    }  # fmt: skip


def _indicators(text: CaseText) -> bytes:
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(("type", "value"))
    for kind, values in (
        ("sender", text.senders), ("message-id", text.message_ids), ("host", text.hosts), ("url", text.urls),
        ("sha256", text.files), ("ip", text.addresses),
    ):  # fmt: skip
        # A cell that begins like a formula must not be one where somebody opens the file in a table (CWE-1236).
        lines.writerows((kind, "'" + one if one[:1] in "=+-@\t\r" else one) for one in values)
    return out.getvalue().encode("utf-8", "replace")


def _unique(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for one in values if one))[:MOST]
