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
    "process.restarting": Event("info", "An administrator restarts a process after it has drained."),
    "names.changed": Event(
        "info", "Host names were set in a browser: the processes of this node start with them one after the other."
    ),
    "node.superseded": Event(
        "error", "Another node has taken this node's name: its processes end. Give each its own name."
    ),
    "node.ready": Event("info", "This node can serve again: /health/ready answers 200."),
    "node.not_ready": Event(
        "warning", "This node cannot serve: /health/ready answers 503; each named check says why it failed."
    ),
    "clock.off": Event(
        "error", "This node's clock is too far from the database's: it takes no work until it is set right."
    ),
    "clock.right": Event("info", "This node's clock is right again, and it takes work."),
    "process.failed": Event("error", "A process could not start or met an error it cannot survive."),
    "backup.taken": Event("info", "A backup was finished; `missing` blobs were not given by their volume."),
    "approval.job_failed": Event("warning", "An approval could not be moved by time; it is tried again."),
    "backup.failed": Event("error", "A backup, its verification or a restore from it failed; older backups stay."),
    "database.damaged": Event(
        "error", "A check of the database found damage; what it found is kept and shown under the database's care."
    ),
    "certificate.served": Event("info", "A process serves a changed list of certificates; connections go on."),
    "certificate.fetched": Event("info", "A certificate came from an authority by ACME."),
    "certificate.issue_failed": Event("warning", "An authority issued no certificate; the request is retried later."),
    "certificate.expiring": Event("warning", "A certificate runs out in 30, 7 or 1 days."),
    "signing.rotated": Event("info", "A DKIM key was made, taken into use or removed by rotation."),
    "signing.notify_failed": Event("warning", "An administrator could not be notified of a DKIM record to publish."),
    "certificate.refused": Event("info", "A certificate let nobody in; `reason` is the first that holds."),
    "certificate.revocation_check_failed": Event(
        "warning", "Whether a certificate is revoked could not be checked: its source gave no usable answer."
    ),
    "certificate.notify_failed": Event(
        "warning", "An administrator could not be notified of a certificate that expires soon."
    ),
    "certificate.unreadable": Event("error", "A certificate or its key cannot be used and is not served."),
    "listener.bound": Event("info", "A listening socket is open."),
    "connection.refused": Event(
        "info",
        "A connection was refused at once: too many (`ban set`: strangers_at_once, connection_burst), or a bad PROXY header.",
    ),
    "connection.failed": Event("error", "A connection ended by an error of ours."),
    "tls.failed": Event("info", "A TLS handshake failed."),
    "auth.ok": Event("info", "A login succeeded."),
    "auth.failed": Event("info", "A login was refused."),
    "auth.factor_failed": Event("info", "A second factor was refused, after a right password."),
    "factor.unreadable": Event("error", "A second factor in the store does not open: damaged, or another key."),
    "factor.notify_failed": Event("warning", "A notification about a login could not be queued."),
    "auth.token_stolen": Event("warning", "A refresh token was used twice: the consent that it belongs to has ended."),
    "access.break_glass_ended": Event("warning", "Break-glass access has ended; administrators got the report."),
    "auth.code_reused": Event("warning", "A code of a consent was used twice: what it gave has ended."),
    "auth.records_dropped": Event("warning", "Login records were dropped: more came than the store could take."),
    "person.planned_failed": Event(
        "warning", "A change that was planned for a day could not be applied; see `person planned`."
    ),
    "person.notify_failed": Event(
        "warning", "A person could not be notified that another account receives their mail too."
    ),
    "access.unreadable": Event(
        "error", "The access rules of an epoch cannot be applied; the last good ones stay in force."
    ),
    "leaks.unreadable": Event(
        "error", "The leak rules of an epoch cannot be applied; the last good ones stay in force."
    ),
    "access.break_glass": Event(
        "warning",
        "Break-glass access was opened to an administrator for a limited time; the audit says by whom and why.",
    ),
    "access.notify_failed": Event("warning", "A person could not be notified of an access event of their account."),
    "policy.applied": Event("info", "This process has applied a newer epoch of the policy."),
    "policy.lagging": Event(
        "error", "A process has not applied the newest epoch of the policy for more than ten seconds."
    ),
    "policy.change_applied": Event("info", "A staged change of the policy came into force."),
    "policy.change_superseded": Event(
        "warning", "A staged change of the policy was not applied: what it touches was changed meanwhile."
    ),
    "policy.change_held": Event(
        "warning", "A staged change of the policy was not applied: its author no longer has the permission."
    ),
    "policy.change_notify_failed": Event(
        "warning", "An administrator could not be notified of a staged change of the policy."
    ),
    "policy.decisions_lost": Event("warning", "Past decisions for rehearsals could not be kept."),
    "leaks.notify_failed": Event("warning", "A sender could not be notified of what a leak rule did."),
    "misdelivery.not_asked": Event(
        "warning", "A sender could not be asked about the recipients of a letter of a mail program; it leaves as it is."
    ),
    "quota.notify_failed": Event("warning", "A person could not be notified that the mailbox is nearly full."),
    "retention.notify_failed": Event(
        "warning", "A person could not be notified of what retention will delete; it is not deleted."
    ),
    "policy.unreadable": Event("error", "An epoch of the policy cannot be applied; the last good one stays in force."),
    "smtp.accepted": Event("info", "A message was accepted and is durable."),
    "smtp.rejected": Event("info", "A message or recipient was refused."),
    "delivery.afterwards_failed": Event(
        "error", "A message was accepted; what follows from that (counts, the copy in Sent, its trace) failed."
    ),
    "recall.receipt_not_sent": Event(
        "warning", "A mail was taken back, and the mail with the signed receipt could not be queued."
    ),
    "inspection.failed": Event(
        "warning", "A check of a message failed or took too long; the message goes on without it."
    ),
    "spam.learned": Event("info", "What people said about their mail was learned."),
    "spam.trained": Event("info", "A collection of messages was learned by an organization's filter."),
    "spam.learning_failed": Event(
        "warning", "A report of a person about a message could not be learned; it is retried a few times."
    ),
    "spam.model_lost": Event("error", "A learned model does not open; learning starts from nothing."),
    "geo.unreadable": Event("error", "A table of countries or networks does not open; the one before stays in force."),
    "alarm.begun": Event("error", "A condition of the alarm catalogue is met; ./smartmail alarm list shows it."),
    "alarm.ended": Event("info", "An alarm is over."),
    "alarm.measure_failed": Event(
        "warning", "A value that alarms depend on could not be measured; those alarms keep their state."
    ),
    "alarm.notify_failed": Event("warning", "Some or all recipients could not be notified of an alarm; it is retried."),
    "defence.banned": Event("warning", "An address or network is banned for a time; ./smartmail ban list shows why."),
    "defence.spared": Event(
        "warning", "An address that people log in from did what others are shut out for; it is slowed instead."
    ),
    "defence.cut": Event(
        "info", "An SMTP connection was closed: banned meanwhile, too many unauthenticated clients, or too slow."
    ),
    "defence.account": Event("warning", "An account has reached its limit of connections, commands or bytes."),
    "listener.idle_evicted": Event(
        "warning", "Idle unauthenticated connections were closed because the listener was near its limit."
    ),
    "defence.read_failed": Event("error", "Bans could not be read; those already known stay in force."),
    "defence.action_failed": Event("warning", "An action of the defence, or its record, failed."),
    "defence.sending_stopped": Event(
        "error", "Sending of an account was stopped because it looks stolen; its owner is notified."
    ),
    "defence.sending_released": Event(
        "warning", "The owner of a stopped account has let it send again, by a second factor; its held mail goes."
    ),
    "defence.sending_held": Event("warning", "Mail of a stopped account, taken before the stop was known, is held."),
    "scan.failed": Event("error", "An engine gave no verdict on a message; what then happens is set for each engine."),
    "scan.infected": Event("warning", "An engine found malware; the message is held."),
    "scan.stale": Event("error", "The signatures of an engine are older than three days: its updates do not work."),
    "quarantine.learning_failed": Event(
        "warning", "Mail was released from quarantine, but the filter or list did not learn from it."
    ),
    "quarantine.notify_failed": Event(
        "warning", "A person could not be notified of what is in their quarantine; it is retried."
    ),
    "case.opened": Event(
        "warning", "A person reported phishing that belongs to no known campaign; see ./smartmail case list."
    ),
    "case.report_failed": Event(
        "warning", "A message in a mailbox for reports could not be processed as a report; it is retried."
    ),
    "proposal.failed": Event("error", "An approved operation failed; it has ended, or is retried."),
    "proposal.notify_failed": Event("warning", "A notification about a proposal could not be sent."),
    "purge.skipped": Event("warning", "An account could not be looked through, purged or restored; it is tried again."),
    "filter.list_unfit": Event("error", "A DNS list fails its own test entries and is out of use for an hour."),
    "filter.forgotten": Event("info", "Who wrote to whom could not be noted; it is learnt again later."),
    "queue.delivered": Event("info", "A queued recipient was delivered."),
    "queue.deferred": Event("info", "A queued recipient was put off after a temporary failure."),
    "queue.bounced": Event("info", "A queued recipient failed permanently; the sender gets a bounce."),
    "queue.taken_back": Event("info", "Deliveries begun by a process or node that died are queued again."),
    "queue.failed": Event("error", "A queue entry could not be worked on; its lease will run out."),
    "transport.failed": Event("info", "A session with another host did not fulfil what TLS must prove, or had no TLS."),
    "transport.policy": Event("info", "The MTA-STS policy of another domain was fetched."),
    "transport.policy_failed": Event("info", "The MTA-STS policy of another domain could not be had."),
    "brand.verified": Event("info", "The logo of another domain was fetched and a trusted authority certifies it."),
    "brand.unverified": Event("info", "The logo of another domain is not shown: no trusted certificate covers it."),
    "brand.fetch_failed": Event("info", "The logo of another domain, or its certificate, could not be fetched."),
    "brand.revocation_check_failed": Event("info", "A revocation source for the certificate of a logo did not answer."),
    "brand.store_failed": Event(
        "warning", "A logo that was fetched could not be stored; the next message fetches it again."
    ),
    "transport.report_failed": Event("info", "A TLS report was not taken; it is tried again for three days."),
    "store.unavailable": Event("error", "The database did not answer; clients got a temporary error."),
    "message.unreadable": Event("error", "A stored message or its summary does not open: damaged, or its key is gone."),
    "volume.full": Event("error", "A volume has no space left; mail is refused with 452."),
    "volume.failed": Event("error", "A volume failed to sync; the process ends (docs/adr)."),
    "volume.away": Event("error", "A volume cannot be opened; what lies in it cannot be read, all else goes on."),
    "volume.state": Event("warning", "A volume changed its state: full, failed, online again, or empty after a drain."),
    "volume.none_left": Event("error", "No volume has room: mail is refused with 452 until one has."),
    "volume.filling": Event("warning", "A volume will be full in less than 14 days if it goes on like this."),
    "volume.work_waits": Event("warning", "A drain, scan or other work on a volume cannot go on now; it tries again."),
    "volume.work_done": Event("info", "A drain, scan or other work on a volume has ended."),
    "volume.unreadable": Event(
        "error", "A blob is damaged or missing where it should lie; see ./smartmail volume findings."
    ),
    "key.rotation": Event("warning", "The change of the master key has come to another state."),
    "key.rotation_waits": Event(
        "error",
        "The change of the master key cannot go on: a node's file, or the place of backups; see ./smartmail key.",
    ),
    "key.cleanup_failed": Event(
        "warning", "The previous master key could not be removed from its place next to the one in use."
    ),
    "key.reseal_waits": Event("warning", "Messages cannot be re-encrypted now; it goes on when their volume answers."),
    "key.reseal_done": Event("info", "All originals are sealed under the suite that was chosen."),
    "opening.begun": Event("warning", "Two administrators opened the messages of another account for a time."),
    "key.rekeyed": Event(
        "warning", "The key of an organization or of accounts was rotated; all data sealed under it is re-encrypted."
    ),
    "key.rekey_waits": Event(
        "warning", "The change of keys of a company or of accounts cannot go on; it is tried again."
    ),
    "key.rekey_skipped": Event("error", "A key is destroyed or does not open: its owner is left out of the change."),
    "key.destroyed": Event("warning", "Previous keys were destroyed: no data is sealed under them."),
    "key.destroy_waits": Event("warning", "Previous keys are kept: it is not known whether a backup needs them."),
    "key.shredded": Event(
        "warning", "The keys of accounts were destroyed; data sealed under them cannot be opened again."
    ),
    "extraction.failed": Event("warning", "A child that reads attachments died or met an error; mail is not touched."),
    "search.unreadable": Event("error", "A piece of the search index does not open; rebuild the account's index."),
    "push.failed": Event("info", "A push service took no message for a device; it is tried again."),
    "push.unreadable": Event("warning", "A push subscription does not open and was removed."),
    "filter.failed": Event("info", "A person's filter did not run to its end; the message was kept."),
    "filter.broken": Event(
        "error", "Filters of an account cannot be read or met a fault of ours; the message was kept."
    ),
    "share.expiry_failed": Event(
        "warning",
        "An expired share could not be removed; it gives no access all the same, and removal is retried.",
    ),
    "share.notify_failed": Event(
        "warning", "A person was not notified of a share or share request; the share itself is in force."
    ),
    "share.sent_copy_failed": Event(
        "warning", "A message sent for another account was not copied to its Sent mailbox."
    ),
    "audit.anchored": Event("info", "How far the audit chain of an organisation has come: keep it outside, as proof."),
    "audit.write_failed": Event(
        "error", "Access to other people's mail could not be recorded; such access is refused."
    ),
    "audit.unproven": Event(
        "error", "A record was inserted into the database by another program; no audit chain includes it."
    ),
    "audit.rolled_back": Event("error", "Records that were here before are missing: an older database was put back."),
    "audit.heads_failed": Event(
        "warning", "Ends of audit chains cannot be stored next to the master key; it is retried."
    ),
    "audit.anchor_failed": Event("error", "The signed daily anchor could not be written to its directory."),
    "review.overdue": Event("warning", "A monthly review of access records has not been signed for more than 7 days."),
    "siem.failed": Event("warning", "Records could not be sent to a collector; they wait in the store and go later."),
    "account.destroyed": Event(
        "warning", "The key of an account was destroyed: data sealed under it cannot be opened again."
    ),
    "account.notify_failed": Event("warning", "A notification about the state of an account could not be sent."),
    "leaver.done": Event("info", "A leaver is out and everything that they held is handed over or ended."),
    "leaver.handover_failed": Event(
        "warning", "One resource of a leaver could not be handed over or ended; it is retried."
    ),
    "leaver.step_failed": Event("warning", "A step of a leaver failed; it is retried."),
    "person.absence_end_failed": Event("warning", "An absence is over and could not be ended; it is retried."),
    "transfer.carried": Event("info", "The mailbox of a person who moved to another organization is complete."),
    "transfer.message_unreadable": Event(
        "warning", "A message does not open and was not copied to the other organization."
    ),
    "audit.broken": Event("error", "An audit chain does not hold: a record was changed or removed."),
    "receipt.unreadable": Event("warning", "A read receipt that came back could not be read; it lies in its mailbox."),
    "trace.dropped": Event("warning", "Stories of messages were dropped: more came than the store could take."),
    "read.write_failed": Event(
        "warning", "A first read could not be written; the message was shown, and it is written with the next one."
    ),
    "trace.unreadable": Event("error", "A piece of the message trace does not open; the rest is shown."),
    "update.switching": Event("info", "The node makes way for another version of the program."),
    "figures.counted": Event("info", "A day of a company was counted for reports."),
    "figures.unreadable": Event("error", "A counted day does not open; reports name it as missing."),
    "report.notify_failed": Event("warning", "A report could not be mailed to an administrator."),
    "books.imbalance": Event(
        "error", "Recipients that were accepted have no end and do not wait: ./smartmail trace books shows which."
    ),
    "webhook.failed": Event(
        "warning", "A webhook did not take an event, or was stopped after 14 days without success."
    ),
    "reminder.failed": Event(
        "warning", "A message could not be brought back at its hour; it is tried again in minutes."
    ),
    "recurring.failed": Event("warning", "A turn of recurring mail could not be sent; it is tried again in minutes."),
    "recurring.notify_failed": Event(
        "warning", "A person could not be notified of the result of their recurring message."
    ),
    "job.failed": Event("error", "A background job ended with an error and will run again."),
    "job.taken_back": Event(
        "info", "Work that a process held when it died is restarted by the process that follows it."
    ),
    "log.dropped": Event("warning", "Log lines were dropped because nobody read them; mail went on."),
    "settings.reloaded": Event("info", "The settings were read again after SIGHUP."),
}
