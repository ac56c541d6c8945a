"""Which of a node's listeners mail programs are told of."""

from smartmail.app.settings import Settings
from smartmail.formats.client_setup import Kind, MailServer, Security


def mail_servers(settings: Settings) -> tuple[MailServer, ...]:
    """Return what this node offers to mail programs, TLS from the first octet before STARTTLS (RFC 8314 §3)."""
    names, ports = settings.file.names, settings.ports()
    offers: tuple[tuple[str, Kind, Security], ...] = (
        ("imaps", "imap", "tls"), ("imap", "imap", "starttls"), ("pop3s", "pop3", "tls"), ("pop3", "pop3", "starttls"),
        ("submissions", "smtp", "tls"), ("submission", "smtp", "starttls"), ("sieve", "sieve", "starttls"),
        ("https", "jmap", "tls"),
    )  # fmt: skip
    return tuple(
        MailServer(kind, names.app if kind == "jmap" else names.mail, port, security)
        for listener, kind, security in offers
        if (port := ports.get(listener)) is not None
    )


def jmap_url(settings: Settings) -> str:
    """Return where the mail of IMAP is found by JMAP (RFC 9698 §3), empty where this node serves no web."""
    port = settings.ports().get("https")
    if port is None:
        return ""
    return f"https://{settings.file.names.app}{'' if port == 443 else f':{port}'}/.well-known/jmap"
