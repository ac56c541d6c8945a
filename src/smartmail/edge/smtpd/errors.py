"""The one table from the error catalogue to SMTP replies (AR-6)."""

from smartmail.domain.errors import CATALOGUE, MailError
from smartmail.proto.smtp.reply import Reply
from smartmail.service.flow.addressing.relays import HourIsFull
from smartmail.service.flow.outgoing.limits import MailboxFull
from smartmail.service.protection.defence.accounts import AccountBusy, TooManyConnections

TABLE: dict[str, Reply] = {
    "auth_failed": Reply(535, "5.7.8", "Authentication credentials invalid"),
    "forbidden": Reply(550, "5.7.1", "Not allowed"),
    "proof_needed": Reply(550, "5.7.1", "Prove who you are again in the webmail"),
    "not_found": Reply(550, "5.1.1", "No such recipient here"),
    "already_exists": Reply(550, "5.7.1", "Not allowed"),
    "state_mismatch": Reply(451, "4.3.0", "Try again later"),
    "invalid": Reply(501, "5.5.4", "Invalid value"),
    "over_quota": Reply(452, "4.2.2", "The recipient's mailbox is full; try again later"),
    "too_large": Reply(552, "5.3.4", "Message too large"),
    "rate_limited": Reply(450, "4.7.1", "Too much for now; try again later"),
    "policy_rejected": Reply(550, "5.7.1", "Refused by policy"),
    "unavailable": Reply(451, "4.3.0", "Temporarily unavailable; try again later"),
    "storage_full": Reply(452, "4.3.1", "No space for mail; try again later"),
    "internal": Reply(451, "4.3.0", "Temporary failure; try again later"),
}
assert TABLE.keys() == {error.code for error in CATALOGUE}


_FINER: dict[type[MailError], Reply] = {
    # BR-13: 451, as the senders of such systems expect it.
    HourIsFull: Reply(451, "4.7.1", "Too much for this hour; try again in the next"),
    AccountBusy: Reply(450, "4.7.0", "This account has done too much for now; try again later"),
    TooManyConnections: Reply(421, "4.7.0", "Too many connections of this account"),
    MailboxFull: Reply(552, "5.2.2", "The recipient's mailbox is full"),
}


def reply_of(error: MailError) -> Reply:
    """Return the reply for an error: the table's codes with the error's public text."""
    base = _FINER.get(type(error)) or TABLE[error.code]
    return Reply(base.code, base.enhanced, error.public) if error.public else base
