"""Webhooks: what happens in a company is sent to addresses that its administrators named, signed and in order.

Read `sending.py` for how nothing is missed, `service.py` for what administrators do. Must not know HTTP beyond ports.http.
"""

from smartmail.service.operations.webhooks.sending import WebhookSender
from smartmail.service.operations.webhooks.service import WebhookService, WebhookView

__all__ = ["WebhookSender", "WebhookService", "WebhookView"]
