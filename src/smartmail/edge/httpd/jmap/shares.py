"""Sharing of mailboxes as properties of Mailbox (draft-ietf-jmap-mail-sharing): myRights, shareWith, and our own
`seenPerPerson`: whether \\Seen and star are each person's own; `shareEnds`: when what `shareWith` gives ends by itself.

Letters of RFC 4314 and the rights of RFC 8621 §2 are two words for the same: what cannot be told apart in JMAP (rename and
delete, expunge and mark deleted) is given together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from msgspec import UNSET, UnsetType

from smartmail.domain.errors import NotFound, PolicyRejected
from smartmail.domain.ids import AccountId, MailboxId
from smartmail.domain.mailbox import MailboxRole
from smartmail.domain.rights import NO_END, SENDING, Access, Grant
from smartmail.domain.rights import OWN as OWN_ACCESS
from smartmail.edge.httpd.jmap.context import Call, parse_time, show_time
from smartmail.edge.httpd.jmap.principals import parse_principal, show_principal
from smartmail.edge.httpd.jmap.setting import Refused, refuse
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.proto.jmap.mailboxes import MailboxRights
from smartmail.proto.jmap.pointer import PointerError, split
from smartmail.proto.jmap.session import MAIL_SHARE, OWN
from smartmail.service.mailbox.sharing import EndsInThePast

LETTERS: Final[Mapping[str, str]] = {
    "mayReadItems": "lr", "mayAddItems": "i", "mayRemoveItems": "te", "maySetSeen": "s", "maySetKeywords": "w",
    "mayCreateChild": "k", "mayRename": "x", "mayDelete": "x", "maySubmit": "p", "mayShare": "a",
}  # fmt: skip
SHARE_WITH: Final = "shareWith"
SHARE_ENDS: Final = "shareEnds"
PER_PERSON: Final = "seenPerPerson"


@dataclass(frozen=True, slots=True)
class Sharing:
    """What Mailbox objects of an account show beside the mailboxes themselves."""

    access: Access = OWN_ACCESS
    grants: Mapping[MailboxId, list[Grant]] = field(default_factory=dict)
    personal: frozenset[MailboxId] = frozenset()
    shows_shares: bool = False
    shows_own: bool = False

    def my_rights(self, mailbox_id: MailboxId, role: MailboxRole | None) -> MailboxRights:
        """Return what the actor may do with a mailbox; the inbox keeps its name and place."""
        held = self.access.on(mailbox_id)
        may = {name: held.issuperset(letters) for name, letters in LETTERS.items()}
        movable = role != "inbox"
        return MailboxRights(
            may["mayReadItems"], may["mayAddItems"], may["mayRemoveItems"], may["maySetSeen"], may["maySetKeywords"],
            may["mayCreateChild"], may["mayRename"] and movable, may["mayDelete"] and movable, may["maySubmit"],
            may["mayShare"] if self.shows_shares else UNSET,
        )  # fmt: skip

    def share_with(self, mailbox_id: MailboxId) -> dict[str, dict[str, bool]] | UnsetType | None:
        """Return whom a mailbox is shared with; None for who may not know (RFC 9670 §4)."""
        if not self.shows_shares:
            return UNSET
        if not self.access.has("a", mailbox_id):
            return None
        given = {show_principal(one.grantee): show_rights(one.rights) for one in self.grants.get(mailbox_id, ())}
        return given or None

    def share_ends(self, mailbox_id: MailboxId) -> dict[str, str] | UnsetType | None:
        """Return when shares of a mailbox end, of those that do; None for who may not know whom it is shared with."""
        if not (self.shows_shares and self.shows_own):
            return UNSET
        if not self.access.has("a", mailbox_id):
            return None
        every = self.grants.get(mailbox_id, ())
        return {show_principal(one.grantee): show_time(one.ends_at) for one in every if one.ends_at}

    def seen_per_person(self, mailbox_id: MailboxId) -> bool | UnsetType:
        """Return whether \\Seen and star are each person's own."""
        return mailbox_id in self.personal if self.shows_own else UNSET


def show_rights(rights: Iterable[str]) -> dict[str, bool]:
    """Return rights under their names in JMAP; sending, which JMAP has no name for, under ours."""
    held = frozenset(rights)
    return {name: held.issuperset(letters) for name, letters in LETTERS.items()} | dict.fromkeys(held & SENDING, True)


async def sharing_of(call: Call, account_id: AccountId) -> Sharing:
    """Return what Mailbox objects show of sharing, as far as the client has named the capabilities."""
    services, actor = call.context.services, call.context.actor
    access = await services.rights.access(actor, account_id)
    grants: dict[MailboxId, list[Grant]] = {}
    shares, own = MAIL_SHARE in call.using, OWN in call.using
    if shares and "a" in access.anywhere():
        for grant in await services.sharing.grants(actor, account_id):
            grants.setdefault(grant.mailbox_id, []).append(grant)
    personal: frozenset[MailboxId] = frozenset()
    if own and "l" in access.anywhere():
        personal = await services.sharing.seen_per_person(actor, account_id)
    return Sharing(access, grants, personal, shares, own)


@dataclass(frozen=True, slots=True)
class ShareWish:
    """What a create or update says about sharing. `rights`: principal id → letters, none take the grant away; `ends`:
    of them when these end, 0 for never, where that is said.
    """

    rights: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ends: Mapping[str, int] = field(default_factory=dict)
    per_person: bool | None = None


def share_wish(
    call: Call, raw: Mapping[str, Any], sharing: Sharing, mailbox_id: MailboxId | None
) -> tuple[dict[str, Any], ShareWish]:
    """Part a create or a patch into what is not about sharing, and what is. Raises Refused."""
    rest: dict[str, Any] = {}
    rights: dict[str, frozenset[str]] = {}
    ends: dict[str, int] = {}
    per_person: bool | None = None
    held = _held(sharing, mailbox_id)
    for key, value in raw.items():
        if (key == SHARE_WITH or key.startswith(SHARE_WITH + "/")) and MAIL_SHARE in call.using:
            rights.update(_whole(value, held) if key == SHARE_WITH else _part(key, value, {**held, **rights}))
        elif (key == SHARE_ENDS or key.startswith(SHARE_ENDS + "/")) and OWN in call.using and MAIL_SHARE in call.using:
            ends.update(_ends(key, value, sharing, mailbox_id))
        elif key == PER_PERSON and OWN in call.using:
            if not isinstance(value, bool | None):
                raise refuse(PER_PERSON)
            per_person = bool(value)
        else:
            rest[key] = value
    for principal in ends:
        if not rights.setdefault(principal, held.get(principal, frozenset())):
            raise refuse(SHARE_ENDS, description=f"not shared with {principal[:100]}")
    unknown = next((one for one in rights if parse_principal(one) is None), None)
    if unknown is not None:
        raise refuse(SHARE_WITH, description=f"no such principal: {unknown[:100]}")
    return rest, ShareWish(rights, ends, per_person)


def _ends(key: str, value: Any, sharing: Sharing, mailbox_id: MailboxId | None) -> dict[str, int]:
    """Return what a new value of shareEnds, or of one principal in it, says: whoever is not named any more has no end."""
    if key != SHARE_ENDS:
        try:
            [_, principal] = split("/" + key)
        except (PointerError, ValueError):
            raise Refused(SetError("invalidPatch")) from None
        return {principal: _moment(value)}
    if not isinstance(value, dict | None):
        raise refuse(SHARE_ENDS)
    grants = sharing.grants.get(mailbox_id, ()) if mailbox_id is not None else ()
    held = {show_principal(one.grantee): NO_END for one in grants if one.ends_at}
    return held | {principal: _moment(one) for principal, one in (value or {}).items()}


def _moment(value: Any) -> int:
    if value is None:
        return NO_END
    if not isinstance(value, str) or not value.endswith("Z"):
        raise refuse(SHARE_ENDS)
    try:
        return parse_time(value)
    except MethodError:
        raise refuse(SHARE_ENDS) from None


def _held(sharing: Sharing, mailbox_id: MailboxId | None) -> dict[str, frozenset[str]]:
    grants = sharing.grants.get(mailbox_id, ()) if mailbox_id is not None else ()
    return {show_principal(one.grantee): one.rights for one in grants}


def _whole(value: Any, held: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """A new value of the whole property: whoever is not named any more loses the grant."""
    if value is not None and not isinstance(value, dict):
        raise refuse(SHARE_WITH)
    given = {principal: _letters(rights, held.get(principal)) for principal, rights in (value or {}).items()}
    return dict.fromkeys(held, frozenset[str]()) | given


def _part(key: str, value: Any, held: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """A patch of one principal's rights, or of one of those (RFC 8620 §5.3)."""
    try:
        _, principal, *name = split("/" + key)
    except (PointerError, ValueError):
        raise Refused(SetError("invalidPatch")) from None
    before = held.get(principal, frozenset[str]())
    if not name:
        return {principal: _letters(value, before)}
    letters = LETTERS.get(name[0])
    if letters is None or len(name) > 1 or not isinstance(value, bool | None):
        raise refuse(key)
    return {principal: before | set(letters) if value else before - set(letters)}


def _letters(value: Any, held: frozenset[str] | None) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, dict) or not all(isinstance(one, bool) for one in value.values()):
        raise refuse(SHARE_WITH)
    if not value.keys() <= LETTERS.keys():
        raise refuse(SHARE_WITH, description="unknown right")
    if held is not None and value == show_rights(held):
        # What IMAP tells apart stays as it is when a client says what it was told.
        return held
    return frozenset("".join(LETTERS[name] for name, given in value.items() if given))


async def carry_out(call: Call, account_id: AccountId, mailbox_id: MailboxId, wish: ShareWish) -> None:
    """Change grants and the switch of a mailbox. Raises Refused, NotFound, Forbidden."""
    sharing, actor = call.context.services.sharing, call.context.actor
    for principal, rights in wish.rights.items():
        grantee = parse_principal(principal)
        if grantee is None:
            raise refuse(SHARE_WITH, description=f"no such principal: {principal[:100]}")
        try:
            await sharing.share(actor, account_id, mailbox_id, grantee, rights, wish.ends.get(principal))
        except EndsInThePast as error:
            raise refuse(SHARE_ENDS, description=error.public) from None
        except NotFound:
            raise refuse(SHARE_WITH, description=f"no such principal: {principal[:100]}") from None
        except PolicyRejected as error:
            raise Refused(SetError("forbidden", error.public)) from None
    if wish.per_person is not None:
        await sharing.set_seen_per_person(actor, account_id, mailbox_id, on=wish.per_person)
