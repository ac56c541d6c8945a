"""Composition of what the admin API needs of its own."""

from smartmail.ports.clock import Clock
from smartmail.ports.http import HttpClient
from smartmail.ports.store import Store
from smartmail.service.admin_parts import AdminParts
from smartmail.service.kernel.authority import Authority
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.operations.admin_jobs import (
    AUDIT_VERIFY,
    BACKUP_BRING,
    BACKUP_REHEARSE,
    BACKUP_TAKE,
    BACKUP_VERIFY,
    DATABASE_CARE,
    MAIL_PURGE,
    QUEUE_ACT,
    AdminKeys,
    AnswerService,
    BackupActs,
    DatabaseActs,
    EventService,
    JobService,
    QueueActs,
    RecordActs,
)
from smartmail.service.operations.database_care import DatabaseCareService
from smartmail.service.operations.webhooks import WebhookSender, WebhookService


def compose_admin_api(
    store: Store,
    keyring: Keyring,
    http: HttpClient,
    clock: Clock,
    queue: QueueActs,
    records: RecordActs,
    backups: BackupActs,
    authority: Authority,
) -> AdminParts:
    """Return the parts."""
    jobs = JobService(store, keyring, clock)
    jobs.register(QUEUE_ACT, queue.work)
    jobs.register(AUDIT_VERIFY, records.verify)
    jobs.register(MAIL_PURGE, records.purge)
    jobs.register(BACKUP_TAKE, backups.take, alone=True)
    jobs.register(BACKUP_VERIFY, backups.verify, slow=True)
    jobs.register(BACKUP_REHEARSE, backups.rehearse, alone=True)
    jobs.register(BACKUP_BRING, backups.bring, slow=True)
    database = DatabaseActs(DatabaseCareService(store, authority, clock))
    jobs.register(DATABASE_CARE, database.work, slow=True)
    events = EventService(store, keyring, clock)
    return AdminParts(
        answers=AnswerService(store, keyring, clock),
        jobs=jobs,
        keys=AdminKeys(store, keyring, clock),
        events=events,
        webhooks=WebhookService(store, keyring, events, clock),
        sender=WebhookSender(store, keyring, events, http, clock),
    )
