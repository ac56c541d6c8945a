"""The closed catalogue of log events: dotted name → level and what it tells an administrator."""

from typing import Literal, NamedTuple

Level = Literal["debug", "info", "warning", "error"]


class Event(NamedTuple):
    """One kind of event: its level and its meaning for the reference page."""

    level: Level
    help: str


EVENTS: dict[str, Event] = {
    "process.started": Event("info", "A process of the tree is ready to work."),
    "process.stopped": Event("info", "A process ended as asked."),
    "process.died": Event("warning", "A process ended by itself and is started again."),
    "process.hung": Event("warning", "A process gave no heartbeat and was killed."),
    "process.failed": Event("error", "A process could not start or met an error it cannot survive."),
    "certificate.served": Event("info", "A process serves a changed list of certificates; connections go on."),
    "certificate.fetched": Event("info", "A certificate came from an authority by ACME."),
    "certificate.not_fetched": Event("warning", "An authority gave no certificate; it is asked again later."),
    "certificate.expiring": Event("warning", "A certificate runs out in 30, 7 or 1 days."),
    "certificate.untold": Event("warning", "An administrator could not be told of a certificate that runs out."),
    "certificate.unreadable": Event("error", "A certificate or its key cannot be used and is not served."),
    "listener.bound": Event("info", "A listening socket is open."),
    "connection.refused": Event("info", "A connection was refused at once: too many, or a bad PROXY header."),
    "connection.failed": Event("error", "A connection ended by an error of ours."),
    "tls.failed": Event("info", "A TLS handshake failed."),
    "auth.ok": Event("info", "A login succeeded."),
    "auth.failed": Event("info", "A login was refused."),
    "auth.unrecorded": Event("warning", "Records of logins were dropped: more came than the store could take."),
    "policy.applied": Event("info", "This process obeys a newer epoch of the policy."),
    "policy.unreadable": Event("error", "An epoch of the policy cannot be obeyed; the last good one still holds."),
    "smtp.accepted": Event("info", "A message was accepted and is durable."),
    "smtp.rejected": Event("info", "A message or recipient was refused."),
    "delivery.afterwards_failed": Event(
        "error", "A message was accepted; what follows from that (counts, the copy in Sent, its trace) failed."
    ),
    "inspection.failed": Event(
        "warning", "A check of a message failed or took too long; the message goes on without it."
    ),
    "spam.learned": Event("info", "What people said about their mail was learned."),
    "spam.taught": Event("info", "A collection of messages was taught to an organisation's filter."),
    "spam.lesson_failed": Event("warning", "A lesson could not be learned; it is tried again a few times."),
    "spam.model_lost": Event("error", "A learned model does not open; learning begins anew."),
    "geo.unreadable": Event("error", "A table of countries or networks does not open; the one before stays in force."),
    "defence.banned": Event("warning", "An address or network is shut out for a time; ./smartmail ban list shows why."),
    "defence.spared": Event(
        "warning", "An address that people log in from did what others are shut out for; it is slowed instead."
    ),
    "defence.cut": Event("info", "An SMTP connection was ended: banned meanwhile, too many strangers, or too slow."),
    "defence.shed": Event("warning", "Idle strangers were closed, for the listener was nearly full."),
    "defence.unread": Event("error", "Bans could not be read; those known before hold."),
    "defence.undone": Event("warning", "Something that defence wanted to note or do was not done."),
    "defence.sending_stopped": Event("error", "An account may not send any more: it looks stolen. Its owner is told."),
    "defence.sending_held": Event("warning", "Mail of a stopped account, taken before the stop was known, is held."),
    "scan.failed": Event("error", "An engine gave no verdict on a message; what then happens is set for each engine."),
    "scan.infected": Event("warning", "An engine found malware; the message is held."),
    "scan.stale": Event("error", "The signatures of an engine are older than three days: its updates do not work."),
    "quarantine.untaught": Event(
        "warning", "Mail was let out of quarantine, but the filter or list did not learn from it."
    ),
    "quarantine.untold": Event(
        "warning", "A person could not be told what lies in their quarantine; it is tried again."
    ),
    "case.opened": Event(
        "warning", "Somebody reported phishing that belongs to no known campaign; see ./smartmail case list."
    ),
    "case.unreported": Event(
        "warning", "A message in a mailbox of reports could not be taken as a report; it is tried again."
    ),
    "purge.skipped": Event("warning", "An account could not be looked through, purged or restored; it is tried again."),
    "filter.list_unfit": Event("error", "A DNS list fails its own test entries and is out of use for an hour."),
    "filter.forgotten": Event("info", "Who wrote to whom could not be noted; it is learnt again later."),
    "queue.delivered": Event("info", "A queued recipient was delivered."),
    "queue.deferred": Event("info", "A queued recipient was put off after a temporary failure."),
    "queue.bounced": Event("info", "A queued recipient failed for good; the sender is told."),
    "queue.failed": Event("error", "A queue entry could not be worked on; its lease will run out."),
    "transport.failed": Event("info", "A session with another host did not fulfil what TLS must prove, or had no TLS."),
    "transport.policy": Event("info", "The MTA-STS policy of another domain was fetched."),
    "transport.policy_failed": Event("info", "The MTA-STS policy of another domain could not be had."),
    "transport.report_failed": Event("info", "A TLS report was not taken; it is tried again for three days."),
    "store.unavailable": Event("error", "The database did not answer; clients got a temporary error."),
    "message.unreadable": Event("error", "A stored message or its summary does not open: damaged, or its key is gone."),
    "volume.full": Event("error", "A volume has no space left; mail is refused with 452."),
    "volume.failed": Event("error", "A volume failed to sync; the process ends (docs/adr)."),
    "extraction.failed": Event("warning", "A child that reads attachments died or met an error; mail is not touched."),
    "search.unreadable": Event("error", "A piece of the search index does not open; rebuild the account's index."),
    "push.failed": Event("info", "A push service took no message for a device; it is tried again."),
    "push.unreadable": Event("warning", "A push subscription does not open and was removed."),
    "filter.failed": Event("info", "A person's filter did not run to its end; the message was kept."),
    "filter.broken": Event(
        "error", "Filters of an account cannot be read or met a fault of ours; the message was kept."
    ),
    "share.untold": Event("warning", "A person was not told what is shared with them now; it is shared all the same."),
    "share.uncopied": Event("warning", "What was sent for another account was not kept in its Sent mailbox."),
    "audit.anchored": Event("info", "How far the audit chain of an organisation has come: keep it outside, as proof."),
    "audit.broken": Event("error", "An audit chain does not hold: a record was changed or removed."),
    "trace.dropped": Event("warning", "Stories of messages were dropped: more came than the store could take."),
    "trace.unreadable": Event("error", "A piece of the message trace does not open; the rest is shown."),
    "books.imbalance": Event(
        "error", "Recipients that were accepted have no end and do not wait: ./smartmail trace books shows which."
    ),
    "job.failed": Event("error", "A background job ended with an error and will run again."),
    "log.dropped": Event("warning", "Log lines were dropped because nobody read them; mail went on."),
    "settings.reloaded": Event("info", "The settings were read again after SIGHUP."),
}
