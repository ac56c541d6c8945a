"""Quarantine: mail that is held for its content, seen and let out by its person or an administrator.

NAME        quarantine
PURPOSE     What an inspection sets aside is a queue entry held with the reason `quarantine`. Here it is shown with its
            reasons, let out, thrown away, told of, and removed when its time is over.
STATES      held → released (an ordinary entry of the queue) | deleted; one recipient at a time.
STRATEGIES  A release re-injects the octets as they were accepted; only engines look at them once more. A link of a digest
            is used up by what it does: there is nothing held any more, so nothing is kept about links.
FAILURE     Where an engine that must scan does not answer, nothing is let out: try again.
SECURITY    Held mail lies in no mailbox, so no protocol shows it. People let out spam only, if policy lets them; malware
            and phishing are an administrator's, with a reason, in the audit. Who follows a link proves nothing but that
            they have it: it names one recipient of one entry and one act, and ends.
PARTS       items (what lies there, opened), service (what people and administrators do), rescanning, links (tokens),
            digest.
"""

from smartmail.service.flow.quarantine.digest import DigestService
from smartmail.service.flow.quarantine.items import HeldItem
from smartmail.service.flow.quarantine.links import Links
from smartmail.service.flow.quarantine.service import Deed, QuarantineService

__all__ = ["Deed", "DigestService", "HeldItem", "Links", "QuarantineService"]
