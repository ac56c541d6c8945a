"""Mail handed over at once to a relay (ports.direct_mail), by the standard library's client in a thread.

LIMITS    SECONDS for each step; one message at a time is all that alarms need.
FAILURE   Unavailable, with the relay's code or the kind of error as detail, never its words.
SECURITY  With TLS the host's certificate must be good for its name; there is no falling back to clear.
STANDARDS RFC 5321, RFC 3207.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence

from smartmail.domain.errors import Unavailable
from smartmail.ports.direct_mail import DirectRelay

SECONDS = 15.0


class SmtpDirectMail:
    """ports.direct_mail.DirectMail. `context` makes what TLS trusts: the system's authorities."""

    def __init__(self, host: str, context: ssl.SSLContext | None = None) -> None:
        self._host = host
        self._context = context

    async def hand_over(self, relay: DirectRelay, sender: str, recipients: Sequence[str], message: bytes) -> None:
        """Hand it over. Raises Unavailable."""
        try:
            await asyncio.to_thread(self._send, relay, sender, list(recipients), message)
        except smtplib.SMTPResponseException as error:
            raise Unavailable(detail=f"{relay.host}: {error.smtp_code}") from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise Unavailable(detail=f"{relay.host}: {type(error).__name__}") from None

    def _send(self, relay: DirectRelay, sender: str, recipients: list[str], message: bytes) -> None:
        context = self._context or ssl.create_default_context()
        if relay.tls == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                relay.host, relay.port, self._host, timeout=SECONDS, context=context
            )
        else:
            client = smtplib.SMTP(relay.host, relay.port, self._host, timeout=SECONDS)
        with client:
            if relay.tls == "starttls":
                client.starttls(context=context)
                client.ehlo(self._host)
            client.sendmail(sender, recipients, message)
