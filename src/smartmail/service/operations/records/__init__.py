"""What is made of records for people: monthly reviews, who looked into a mailbox, exports, destructions with certificates.

Records themselves are service.kernel.audit. Read first: looking.py, reviewing.py, destroying.py, wholes.py.
"""

from smartmail.service.operations.records.destroying import DestructionService
from smartmail.service.operations.records.exporting import RecordExportService
from smartmail.service.operations.records.grounds import GroundService
from smartmail.service.operations.records.looking import LookService
from smartmail.service.operations.records.reviewing import ReviewService
from smartmail.service.operations.records.wholes import Extent, WholeDestruction

__all__ = [
    "DestructionService", "Extent", "GroundService", "LookService", "RecordExportService", "ReviewService",
    "WholeDestruction",
]  # fmt: skip
