"""Records as collectors want them: RFC 5424 lines, CEF, JSON; and the dictionary of their fields.

Knows no store, no collector and no wire. Read first: fields.py.
"""

from smartmail.formats.siem.fields import FIELDS, Field, SiemRecord, dictionary
from smartmail.formats.siem.writing import frame, write

__all__ = ["FIELDS", "Field", "SiemRecord", "dictionary", "frame", "write"]
