"""Mailbox names on the wire: paths joined by "/" (our names hold no slash), INBOX in capitals, roles as attributes."""

from smartmail.domain.mailbox import Mailbox, MailboxRole

DELIMITER = "/"
SPECIAL_USE: dict[MailboxRole, str] = {
    "sent": "\\Sent", "drafts": "\\Drafts", "trash": "\\Trash", "junk": "\\Junk", "archive": "\\Archive",
    "memos": "\\Memos", "scheduled": "\\Scheduled", "snoozed": "\\Snoozed",
}  # fmt: skip
"""RFC 6154 §2."""
ROLE_OF: dict[str, MailboxRole] = {use.lower(): role for role, use in SPECIAL_USE.items()}


def path_of(name: str) -> tuple[str, ...]:
    """Return the path of a name; a delimiter at the end says only that children will follow (RFC 3501 §6.3.3)."""
    return tuple(name.rstrip(DELIMITER).split(DELIMITER))


def name_of(mailbox: Mailbox) -> str:
    """Return a mailbox's name on the wire."""
    return DELIMITER.join(mailbox.path)
