"""MailAccess/query: our own method by which people see who looked at their mail (누가 내 메일함을 봤는가)."""

from smartmail.edge.httpd.jmap.context import Call, own_account_of, parse_time, show_time
from smartmail.proto.jmap import numbers as names
from smartmail.proto.jmap.looks import LookAnswer, LookArguments, LookObject
from smartmail.service.operations.records.looking import Look


async def query(call: Call, arguments: LookArguments) -> LookAnswer:
    """MailAccess/query: newest first, of the own account only."""
    account_id = await own_account_of(call, arguments.account_id)
    before = parse_time(arguments.before) if arguments.before else None
    looks = call.context.services.looks
    found = await looks.looks(call.context.actor, account_id, before=before, limit=arguments.limit)
    return LookAnswer(account_id=arguments.account_id, list=[_object(one) for one in found])


def _object(one: Look) -> LookObject:
    return LookObject(
        at=show_time(one.at),
        name=one.name,
        act=one.act,
        count=one.count,
        email_ids=[names.show(names.EMAIL, number) for number in one.ids],
        address=one.address,
        country=one.country or None,
        door=one.door,
    )
