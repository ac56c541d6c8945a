"""Outgoing: the one way of every letter that an account sends, whatever program or screen it comes from.

NAME        outgoing (the decisions of an MSA, RFC 6409)
PURPOSE     Why was a letter held, changed or refused? Here is the whole answer. SMTP submission (service.flow.delivery.submitting),
            registered machines, JMAP submission (service.flow.submission) and with it planned and recurring mail, invitations and
            founding bring a letter in, in their own words, and tell its outcome in them.
STATES      judge → shape → hold or queue → afterwards

JUDGE       judging. Refused is: who may not send at present or whose own mailbox is full; more recipients or octets, or a
            larger attachment, than policy allows (limits); an address in the envelope, From or Sender that the person may
            not send as (service.mailbox.sharing.sending); recipients who do not exist here or who may not be written to
            (reaching; SMTP asks at RCPT); a whole message attached to a letter that goes outside where originals stay
            inside; more people outside than the allowance, where policy does not hold instead (addressing.allowance); a
            header too large to be looked at whole. leaks: what a leak rule blocks (service.protection.leaks), or asks a
            reason for that it does not bring; what it wants an approval of is held, what it delays waits.
SHAPE       completing: Date and Message-ID that lack (RFC 6409 §8), Sender of what is sent on behalf, fields that only this
            house may write taken out, Bcc of a stored message taken out. shaping: the company's footer (footers), then
            attachments above the policy's size into links (big_files.converting). The writer's own copy stays as written.
            Signatures of a domain (DKIM) come when the letter leaves (edge.relay).
HOLD, QUEUE Held is: over the allowance, where policy asks for an approval; by a leak rule; of a mail program, while its sender has not
            looked at recipients that the misdelivery guard doubts; by defence after it was queued (defence.sending).
            A letter that waits for an approval or belongs to a stored submission waits as one: one form, one entry. Each
            entrance commits entry, journal copies and what belongs to it in its own transaction; the message is durable
            before. Entries are built by `service.kernel.letter_entries`, what the house writes by `service.kernel.house_letters`.
AFTERWARDS  accepted. Counts against the day, defence's watch, acquaintances, the memory of the misdelivery guard, and the copy
            in the Sent mailbox of the account it was sent for. Nothing of it can undo what was accepted.

LIMITS      A machine that is registered (addressing.relays) writes what it must: its header is judged by its registration,
            and it gets neither footers nor the check of originals.
Must not know SMTP or JMAP, nor how a message comes in.
"""

from smartmail.service.flow.outgoing.judging import Judge, Terms, Verdict
from smartmail.service.flow.outgoing.leak_notices import LeakNotices
from smartmail.service.flow.outgoing.leaks import OutgoingLeaks, Ruling
from smartmail.service.flow.outgoing.service import Outgoing
from smartmail.service.flow.outgoing.shaping import Form, Shaper

__all__ = ["Form", "Judge", "LeakNotices", "Outgoing", "OutgoingLeaks", "Ruling", "Shaper", "Terms", "Verdict"]
