"""What is made of records for people: monthly reviews, who looked into a mailbox, exports, destructions with certificates.

Records themselves are service.audit. Read first: looking.py, reviewing.py, destroying.py, wholes.py.
"""

from smartmail.service.records.destroying import DestructionService
from smartmail.service.records.exporting import RecordExportService
from smartmail.service.records.grounds import GroundService
from smartmail.service.records.looking import LookService
from smartmail.service.records.reviewing import ReviewService
from smartmail.service.records.wholes import Extent, WholeDestruction

__all__ = [
    "DestructionService", "Extent", "GroundService", "LookService", "RecordExportService", "ReviewService",
    "WholeDestruction",
]  # fmt: skip
