"""The one door for rights: every service asks here before it touches an account (docs/architecture.md 4.2).

Effective right = grant ∧ policy. Today an account is its owner's alone; shares and policies join here and nowhere
else. Knows no protocol and no store.
"""

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.domain.rights import OWNER


def mailbox_rights(actor: Actor, account_id: AccountId) -> frozenset[str]:
    """Return the actor's rights on the mailboxes of an account, as RFC 4314 letters."""
    if actor.account_id == account_id:
        return OWNER
    return frozenset()


def require(actor: Actor, account_id: AccountId, rights: str = "") -> None:
    """Raise NotFound when the actor lacks one of the rights: a foreign account answers like an absent one."""
    held = mailbox_rights(actor, account_id)
    if not held or not set(rights) <= held:
        raise NotFound
