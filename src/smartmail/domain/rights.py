"""Rights on mailboxes and accounts: RFC 4314 letters plus sending. One stored set; every protocol shows it its own way.

Effective rights are the union of all grants that reach a person: own ones, those of their groups, those of the whole
organisation; on the mailbox and on the whole account. Negative rights do not exist.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from smartmail.domain.ids import AccountId, MailboxId, ModSeq, OrganizationId

Right = Literal["l", "r", "s", "w", "i", "p", "k", "x", "t", "e", "a", "sendAs", "sendOnBehalf"]
OWNER: frozenset[str] = frozenset("lrswipkxtea")
LETTERS = "lrswipkxtea"
SEND_AS = "sendAs"
SEND_ON_BEHALF = "sendOnBehalf"
SENDING: frozenset[str] = frozenset((SEND_AS, SEND_ON_BEHALF))
EVERY: frozenset[str] = OWNER | SENDING
NOTHING: frozenset[str] = frozenset()
NEVER = ModSeq(0)
NO_END = 0
WHOLE_ACCOUNT = MailboxId(0)
"""Stands for "all mailboxes, also those to come" where a grant names its mailbox."""

ShareRole = Literal["view", "file", "delete", "manage", "custom"]
SHARE_ROLES: Mapping[ShareRole, frozenset[str]] = {
    "view": frozenset("lrs"),
    "file": frozenset("lrswi"),
    "delete": frozenset("lrswite"),
    "manage": frozenset("lrswitekxa"),
}
"""Product wording for sets of letters; anything else shows as custom."""

GranteeKind = Literal["account", "group", "domain", "department", "post", "anyone"]


@dataclass(frozen=True, slots=True)
class Grantee:
    """Whom rights are given to: an account, a group, everybody in a domain or a department, or the organisation
    (`anyone`, id of the organisation). Domains and departments have names, not ids: see `named`. `post`: whoever holds
    the post of that shared account.
    """

    kind: GranteeKind
    id: int


def named(kind: Literal["domain", "department"], organization_id: OrganizationId, name: str) -> Grantee:
    """Return the grantee that a name stands for, of a department its code. Its id is a digest of the name, so that
    whoever moves to another department loses and gains rights by that alone. A grant to a department reaches those
    below it too.
    """
    digest = hashlib.sha256(f"{organization_id}\0{kind}\0{name}".encode()).digest()
    # 56 bits: 17 digits at most, as ids of JMAP are; never 0.
    return Grantee(kind, int.from_bytes(digest[:7], "big") or 1)


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights of one grantee on one mailbox of an account, or on all of it (`WHOLE_ACCOUNT`). `ends_at`: the moment, in
    milliseconds, from which it gives nothing.
    """

    account_id: AccountId
    mailbox_id: MailboxId
    grantee: Grantee
    rights: frozenset[str]
    modseq: ModSeq = NEVER
    ends_at: int = NO_END

    def ended(self, now: int) -> bool:
        """Say whether it gives nothing any more."""
        return bool(self.ends_at) and self.ends_at <= now


@dataclass(frozen=True, slots=True)
class Access:
    """What one person may do with one account. `since`: the modseq at which its grants last changed; `ends_at`: the first
    moment at which one of them ends by itself.

    `personal`: mailboxes where \\Seen and star are each person's own; empty for the account's own person.
    """

    everywhere: frozenset[str] = NOTHING
    boxes: Mapping[MailboxId, frozenset[str]] = field(default_factory=dict)
    personal: frozenset[MailboxId] = frozenset()
    since: ModSeq = NEVER
    ends_at: int = NO_END

    def on(self, mailbox_id: MailboxId) -> frozenset[str]:
        """Return the rights on one mailbox."""
        return self.everywhere | self.boxes.get(mailbox_id, NOTHING)

    def anywhere(self) -> frozenset[str]:
        """Return every right held on at least one mailbox."""
        return self.everywhere.union(*self.boxes.values())

    def has(self, right: str, mailbox_id: MailboxId) -> bool:
        """Say whether the right is held on a mailbox."""
        return right in self.everywhere or right in self.boxes.get(mailbox_id, NOTHING)

    def ended(self, now: int) -> bool:
        """Say whether less may be held by now than it says."""
        return bool(self.ends_at) and self.ends_at <= now


OWN = Access(OWNER)
"""An account's own person."""


def effective(
    grants: Iterable[Grant], principals: frozenset[Grantee], personal: frozenset[MailboxId], since: ModSeq, now: int
) -> Access:
    """Return what grants to any of the principals give together at a moment."""
    everywhere: frozenset[str] = NOTHING
    boxes: dict[MailboxId, frozenset[str]] = {}
    ends: list[int] = []
    for grant in grants:
        if grant.grantee not in principals or grant.ended(now):
            continue
        if grant.ends_at:
            ends.append(grant.ends_at)
        if grant.mailbox_id == WHOLE_ACCOUNT:
            everywhere |= grant.rights
        else:
            boxes[grant.mailbox_id] = boxes.get(grant.mailbox_id, NOTHING) | grant.rights
    return Access(everywhere, boxes, personal, since, min(ends, default=NO_END))


def share_role(rights: Iterable[str]) -> ShareRole:
    """Return the product's word for a set of rights; sending does not count."""
    letters = frozenset(rights) - SENDING
    return next((name for name, held in SHARE_ROLES.items() if held == letters), "custom")
