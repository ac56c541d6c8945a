"""What was found out about a message, sealed with it and opened again."""

from smartmail.domain import inspection as inspections
from smartmail.domain.inspection import Inspection
from smartmail.formats.seal import Kind, SealError
from smartmail.service.kernel.keyring import Sealer


def seal_inspection(keys: Sealer, blob_id: bytes, inspection: Inspection | None) -> bytes:
    """Seal what was found out; bound to account and blob like the summary. b"" for nothing."""
    return b"" if inspection is None else keys.seal(Kind.INSPECTION, inspections.encode(inspection), blob_id)


def open_inspection(keys: Sealer, blob_id: bytes, sealed: bytes) -> Inspection:
    """Open what `seal_inspection` sealed. Raises SealError, ValueError."""
    return inspections.decode(keys.open(Kind.INSPECTION, sealed, blob_id))


def carry_inspection(source: Sealer, kept: tuple[bytes, bytes] | None, target: Sealer, blob_id: bytes) -> bytes:
    """Seal it anew for another account or another blob; `kept`: the blob that it is bound to, and it. What is not there
    or does not open is not taken along: the message is as good without it.
    """
    if kept is None or not kept[1]:
        return b""
    try:
        return target.seal(Kind.INSPECTION, source.open(Kind.INSPECTION, kept[1], kept[0]), blob_id)
    except SealError:
        return b""
