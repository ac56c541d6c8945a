"""MailApproval/get, set, read, count; ApprovalDeputy/get, set: one's approval inbox (승인함), what one's own mail waits for (승인대기함), 위임."""

from typing import Any

from smartmail.domain.addressing import ApprovalText
from smartmail.domain.errors import AlreadyExists, Invalid, MailError, NotFound, StateMismatch
from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.edge.httpd.jmap import ids
from smartmail.edge.httpd.jmap.context import Call, own_account_of, parse_time, show_time
from smartmail.edge.httpd.jmap.errors import method_error
from smartmail.edge.httpd.jmap.object_type import ObjectType
from smartmail.edge.httpd.jmap.setting import Refused, converted, hexadecimal, refuse, why
from smartmail.formats.address import normalize
from smartmail.proto.jmap.approvals import (
    ApprovalAct,
    ApprovalDeputyCreate,
    ApprovalDeputyObject,
    CountAnswer,
    CountArguments,
    DoubtObject,
    HeldFileObject,
    LoweredLabel,
    MailApprovalDecision,
    MailApprovalObject,
    ReadAnswer,
    ReadArguments,
)
from smartmail.proto.jmap.core import Id
from smartmail.proto.jmap.errors import MethodError, SetError
from smartmail.service.flow.approvals import Approval

_SINGLETON = "singleton"


async def _every(call: Call, _: AccountId) -> dict[str, MailApprovalObject]:
    service, actor = call.context.services.addressing.approvals, call.context.actor
    waiting = await service.inbox(actor)
    rights = await service.finder.rights(actor.account_id)
    others = [*await service.sent(actor), *await service.decided(actor)]
    found = {one.row.id: one for one in [*waiting, *sorted(others, key=lambda one: -one.row.id)]}
    mine, names = {one.row.id for one in waiting}, Names(call)
    return {
        f"{number:x}": await _show(one, call, names, rights if number in mine else []) for number, one in found.items()
    }


class Names:
    """Names of accounts, each looked up once."""

    def __init__(self, call: Call) -> None:
        self._directory = call.context.services.directory
        self._known: dict[AccountId, str] = {AccountId(0): ""}

    async def of(self, account_id: AccountId) -> str:
        if account_id not in self._known:
            try:
                self._known[account_id] = (await self._directory.account(account_id)).name
            except NotFound:
                self._known[account_id] = ""
        return self._known[account_id]


async def _show(one: Approval, call: Call, names: Names, rights: list[AccountId]) -> MailApprovalObject:
    row, text, course, actor = one.row, one.text, one.course, call.context.actor
    said = await call.context.services.addressing.approvals.opener.said(one)
    history = []
    for act in one.acts:
        words = said.get(act.number)
        right = act.account_id if act.account_id and act.account_id != act.by_id else AccountId(0)
        history.append(
            ApprovalAct(
                act=act.act, at=show_time(act.at), step=act.step, name=await names.of(act.by_id),
                in_right_of=await names.of(right) or None, comment=words.comment if words else "",
                system=words.system if words else "", document=words.document if words else "",
            )
        )  # fmt: skip
    people, voted = course.approvers | course.above, {vote.account_id for vote in course.votes}
    used = [each for each in rights if each in people and each not in voted]
    return MailApprovalObject(
        id=f"{row.id:x}", held_id=f"{row.entry_id:x}", kind=row.kind, state=row.state, line=one.line.name if one.has_line else "", step=row.step,
        steps=len(one.line.steps), approvers=[await names.of(each) for each in sorted(people)], sender=text.sender,
        subject=text.subject, reason=text.reason, recipients=text.recipients, size=text.size,
        findings=list(text.findings), lowered=_lowered(text), doubts=_doubts(one, actor), asks_sender=course.asks_sender,
        is_secure=text.secure, asked_at=show_time(row.asked_at), expires_at=show_time(row.expires_at),
        decided_at=show_time(row.decided_at) if row.decided_at else None, afterwards=one.line.afterwards, email_id=await _objected(one, call),
        escalated=row.escalated, is_mine=row.account_id == actor.account_id, may_decide=bool(used),
        in_right_of=[await names.of(each) for each in used if each != actor.account_id], digest=row.digest.hex(),
        history=history,
    )  # fmt: skip


def _lowered(text: ApprovalText) -> LoweredLabel | None:
    return LoweredLabel(from_=text.lowered[0], to=text.lowered[1], reason=text.lowered[2]) if text.lowered else None


async def _objected(one: Approval, call: Call) -> Id | None:
    """Return the mail of the reader that was objected to after it left, so that it can be recalled; None: none, or not by JMAP."""
    if not one.line.afterwards or one.row.state != "rejected" or one.row.account_id != call.context.actor.account_id:
        return None
    message_id = await call.context.services.submissions.message_of(one.row.account_id, one.row.entry_id)
    return None if message_id is None else ids.show(ids.EMAIL, message_id)


def _doubts(one: Approval, actor: Actor) -> list[DoubtObject]:
    """Return what a sender alone is told: it comes out of the memory of their letters."""
    if not actor.account_id or one.row.account_id != actor.account_id:
        return []
    return [
        DoubtObject(kind=each.kind, email=each.address or None, instead=each.instead or None, text=each.text)
        for each in one.text.doubts
    ]


async def _update(call: Call, _: AccountId, target: str, patch: dict[str, Any]) -> None:
    wish = converted(patch, MailApprovalDecision, "state")
    service, actor, number = call.context.services.addressing.approvals, call.context.actor, hexadecimal(target)
    if wish.state == "withdrawn":
        await service.withdraw(actor, number)
        return
    try:
        digest = None if wish.digest is None else bytes.fromhex(wish.digest)
    except ValueError:
        raise refuse("digest") from None
    await service.decide(
        actor, number, approve=wish.state == "approved", note=wish.comment, digest=digest, step=wish.step,
        without=wish.without,
    )  # fmt: skip


async def read(call: Call, arguments: ReadArguments) -> ReadAnswer:
    """MailApproval/read: the held letter as text, for its approvers and its sender. Each look is recorded."""
    await own_account_of(call, arguments.account_id)
    try:
        number = hexadecimal(arguments.id)
        letter = await call.context.services.addressing.approvals.reading.read(call.context.actor, number)
    except (Refused, NotFound):
        # None, not the person's to see, or it is held no more: told alike.
        raise MethodError("invalidArguments", "there is no such letter") from None
    except MailError as error:
        raise method_error(error) from None
    files = [HeldFileObject(name=one.name, type=one.type, size=one.size) for one in letter.files]
    return ReadAnswer(
        account_id=arguments.account_id, id=arguments.id, subject=letter.subject, text=letter.text,
        is_truncated=not letter.whole, recipients=list(letter.recipients), files=files,
    )  # fmt: skip


async def count(call: Call, arguments: CountArguments) -> CountAnswer:
    """MailApproval/count: for a badge; nothing is opened for it."""
    await own_account_of(call, arguments.account_id)
    found = await call.context.services.addressing.approvals.count(call.context.actor)
    return CountAnswer(
        account_id=arguments.account_id, to_decide=found.to_decide, own=found.own, concerns=bool(found.concerns)
    )


async def _deputy(call: Call, _: AccountId) -> dict[str, ApprovalDeputyObject]:
    row = await call.context.services.addressing.approvals.deputies.of(call.context.actor)
    if row is None:
        return {}
    account = await call.context.services.directory.account(row.deputy_id)
    return {
        _SINGLETON: ApprovalDeputyObject(
            id=_SINGLETON,
            email=account.login,
            name=account.name,
            since=show_time(row.since),
            until=show_time(row.until),
        )
    }


async def _name(call: Call, _: AccountId, raw: dict[str, Any]) -> dict[str, Any]:
    wish = converted(raw, ApprovalDeputyCreate, "email")
    services = call.context.services
    login = normalize(wish.email)
    found = (await services.addressing.book.store.resolve([login])).get(login)
    if found is None:
        raise refuse("email")
    since, until = parse_time(wish.since), parse_time(wish.until)
    await services.addressing.approvals.deputies.name(call.context.actor, found, since, until)
    return {"id": _SINGLETON}


async def _end(call: Call, _: AccountId, target: str) -> None:
    if target != _SINGLETON:
        raise Refused(SetError("notFound"))
    await call.context.services.addressing.approvals.deputies.end(call.context.actor)


def _told(error: Refused | MailError) -> SetError:
    if isinstance(error, StateMismatch | AlreadyExists):
        return SetError("stateMismatch", error.public)
    return SetError("invalidProperties", error.public) if isinstance(error, Invalid) else why(error)


APPROVALS = ObjectType(shape=MailApprovalObject, every=_every, update=_update, told=_told)
DEPUTIES = ObjectType(shape=ApprovalDeputyObject, every=_deputy, create=_name, destroy=_end, told=_told)
