"""Files of other makers: MaxMind DB (MMDB) and CSV, turned into a table of ours.

LIMITS    A file of `MAX_OCTETS`; ranges as formats.geo_table allows. Reading a large MMDB takes a minute.
FAILURE   GeoTableError with words for the administrator.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from smartmail.formats.geo_table import (
    KINDS,
    Facts,
    GeoTable,
    GeoTableError,
    Kind,
    Range,
    build,
    is_country,
    rows_of_csv,
)

MAX_OCTETS = 1 << 30
_OURS = b"SMGT"
_MMDB_MARK = b"\xab\xcd\xefMaxMind.com"
_MMDB_TAIL = 128 << 10


def read_table(path: str, *, kind: Kind | None = None, source: str = "", licence: str = "", date: str = "") -> bytes:
    """Return the table that a file holds: one of ours, MMDB or CSV. What the file tells of itself holds where nothing
    else is said. Raises GeoTableError.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        if size > MAX_OCTETS:
            raise GeoTableError(f"{path} is larger than {MAX_OCTETS >> 20} MB")
        with file.open("rb") as opened:
            head = opened.read(len(_OURS))
            opened.seek(max(0, size - _MMDB_TAIL))
            is_mmdb = _MMDB_MARK in opened.read()
        day = date or datetime.fromtimestamp(file.stat().st_mtime, UTC).strftime("%Y-%m-%d")
        if head == _OURS:
            octets = file.read_bytes()
        elif is_mmdb:
            octets = _mmdb(path, kind, source, licence, date)
        else:
            octets = _csv(file, kind, Facts("country", source or file.name, licence, day))
    except OSError as error:
        raise GeoTableError(f"{path} cannot be read: {error.strerror}") from error
    GeoTable(octets).check()
    return octets


def _csv(file: Path, kind: Kind | None, facts: Facts) -> bytes:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            lines = list(csv.reader(opened))
    except (UnicodeDecodeError, csv.Error) as error:
        raise GeoTableError(f"{file.name} is neither MMDB nor CSV") from error
    kinds = KINDS if kind is None else (kind,)
    why: GeoTableError | None = None
    for one in kinds:
        try:
            return build(facts._replace(kind=one), rows_of_csv(lines, one))
        except GeoTableError as error:
            # The first kind's complaint names the line; a file of the other kind is told by its values.
            why = why or error
    assert why is not None
    raise why


def _mmdb(path: str, kind: Kind | None, source: str, licence: str, date: str) -> bytes:
    import maxminddb

    try:
        with maxminddb.open_database(path, maxminddb.MODE_MMAP) as reader:
            meta = reader.metadata()
            told = meta.database_type
            chosen: Kind = kind or ("asn" if "asn" in told.lower() or "isp" in told.lower() else "country")
            day = date or datetime.fromtimestamp(meta.build_epoch, UTC).strftime("%Y-%m-%d")
            return build(Facts(chosen, source or told, licence, day), _ranges(reader, chosen))
    except (maxminddb.InvalidDatabaseError, ValueError, UnicodeDecodeError) as error:
        raise GeoTableError(f"{path} is a damaged MMDB: {error}") from error


def _ranges(reader: Any, kind: Kind) -> Iterator[Range]:
    for network, record in reader:
        value = _asn_of(record) if kind == "asn" else _country_of(record)
        if value:
            first, version = int(network.network_address), network.version
            if version == 6 and first >> 32 == 0:
                continue  # the IPv4 tree, told a second time under ::/96
            yield Range(version, first, int(network.broadcast_address), value)


def _country_of(record: Any) -> str:
    """Return the country of a record in the shapes of MaxMind, DB-IP and others; where it is before where it is
    registered.
    """
    if not isinstance(record, dict):
        return ""
    for key in ("country", "country_code", "registered_country"):
        value = record.get(key)
        code = value.get("iso_code") if isinstance(value, dict) else value
        if isinstance(code, str) and is_country(code.upper()):
            return code.upper()
    return ""


def _asn_of(record: Any) -> str:
    if not isinstance(record, dict):
        return ""
    for key in ("autonomous_system_number", "asn", "as_number"):
        digits = str(record.get(key, "")).upper().removeprefix("AS")
        if digits.isdecimal() and 0 < int(digits) < 1 << 32:
            return str(int(digits))
    return ""
