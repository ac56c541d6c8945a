"""Sharing: mailboxes and accounts between the people of one organisation.

Who asks what (IMAP ACL, JMAP shareWith, the command line and the web end here):

- `SharingService` (granting.py): `grants`, `share`, `revoke`, `accounts_for`, `my_rights`, `still_readable`, `watch`,
  `set_seen_per_person`, `notices`.
- `ShareEnds` (ending.py): takes away what was shared for a time.
- `PrincipalService` (principals.py): whom rights can be given to, and their names.
- `PersonalService` (personal.py): \\Seen, star and tags that are each person's own; used by the mail store's services.
- `SendingService` (sending.py): send as, send on behalf, "sent by".
- `WorkService` (work.py): assignments and internal notes.
- `PresenceService` (presence.py): who is replying.

Rights are decided in service.kernel.rights alone; this package stores what it decides by. Must not know protocols.
"""

from smartmail.service.mailbox.sharing.ending import ShareEnds
from smartmail.service.mailbox.sharing.granting import EndsInThePast, SharedAccount, SharingService
from smartmail.service.mailbox.sharing.personal import PersonalService
from smartmail.service.mailbox.sharing.presence import Presence, PresenceService
from smartmail.service.mailbox.sharing.principals import Principal, PrincipalService
from smartmail.service.mailbox.sharing.sending import Delegated, SendingService, SentBy
from smartmail.service.mailbox.sharing.work import Note, WorkService

__all__ = [
    "Delegated",
    "EndsInThePast",
    "Note",
    "PersonalService",
    "Presence",
    "PresenceService",
    "Principal",
    "PrincipalService",
    "SendingService",
    "SentBy",
    "ShareEnds",
    "SharedAccount",
    "SharingService",
    "WorkService",
]
