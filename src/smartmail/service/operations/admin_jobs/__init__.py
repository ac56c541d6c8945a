"""What the admin API needs of its own: answers kept for repeated requests, long work, keys of programs, reasons, events.

Must not know HTTP. Webhooks, which read the same chain of records as events, are in service.operations.webhooks.
"""

from smartmail.service.operations.admin_jobs.answers import AnswerService, Earlier
from smartmail.service.operations.admin_jobs.backup_acts import (
    BACKUP_BRING,
    BACKUP_REHEARSE,
    BACKUP_TAKE,
    BACKUP_VERIFY,
    BackupActs,
)
from smartmail.service.operations.admin_jobs.database_acts import DATABASE_CARE, DatabaseActs
from smartmail.service.operations.admin_jobs.events import EventService, Happening
from smartmail.service.operations.admin_jobs.jobs import JobProgress, JobService, JobView
from smartmail.service.operations.admin_jobs.keys import KEY_PREFIX, AdminKeys, KeyView
from smartmail.service.operations.admin_jobs.queue_acts import QUEUE_ACT, QueueActs, QueueWish
from smartmail.service.operations.admin_jobs.record_acts import AUDIT_VERIFY, MAIL_PURGE, RecordActs

__all__ = [
    "AUDIT_VERIFY", "BACKUP_BRING", "BACKUP_REHEARSE", "BACKUP_TAKE", "BACKUP_VERIFY", "DATABASE_CARE", "KEY_PREFIX", "MAIL_PURGE", "QUEUE_ACT", "AdminKeys", "AnswerService", "BackupActs", "DatabaseActs", "Earlier", "EventService",
    "Happening", "JobProgress", "JobService", "JobView", "KeyView", "QueueActs", "QueueWish", "RecordActs",
]  # fmt: skip
