"""Archives other than ZIP and tar: which reader reads which."""

from collections.abc import Callable, Iterator
from typing import Final

from smartmail.formats.extract import alz, egg, rar, seven_zip
from smartmail.formats.extract.members import Entry
from smartmail.formats.extract.out import Out

ENTRIES: Final[dict[str, Callable[[Out, bytes], Iterator[Entry]]]] = {
    "7z": seven_zip.entries,
    "rar": rar.entries,
    "alz": alz.entries,
    "egg": egg.entries,
}
"""By `kinds.Kind`. Each gives the files in order, to be read in this order; raises Unreadable where the archive breaks or
cannot be read at all, and Enough.
"""
