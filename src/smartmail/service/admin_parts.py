"""What the admin API stands on, as one value: made in app.wiring.operations, handed to the edge and to the jobs."""

from dataclasses import dataclass

from smartmail.service.operations.admin_jobs import AdminKeys, AnswerService, EventService, JobService
from smartmail.service.operations.webhooks import WebhookSender, WebhookService


@dataclass(frozen=True, slots=True)
class AdminParts:
    """Services that only the admin API needs."""

    answers: AnswerService
    jobs: JobService
    keys: AdminKeys
    events: EventService
    webhooks: WebhookService
    sender: WebhookSender
