"""Department/query, Department/people: our own methods for choosing recipients out of the tree of a company."""

from smartmail.domain.errors import NotFound
from smartmail.edge.httpd.jmap.context import Call, own_account_of
from smartmail.edge.httpd.jmap.principals import person_id
from smartmail.proto.jmap import numbers
from smartmail.proto.jmap.collations import OF_NAMES, language_of
from smartmail.proto.jmap.departments import (
    DepartmentAnswer,
    DepartmentArguments,
    DepartmentObject,
    DepartmentPerson,
    PeopleAnswer,
    PeopleArguments,
)
from smartmail.proto.jmap.errors import MethodError


def _show(number: int) -> str:
    return numbers.show(numbers.DEPARTMENT, number)


def _language(collation: str | None) -> str | None:
    if collation is not None and collation not in OF_NAMES:
        raise MethodError("unsupportedSort", f"no such collation: {collation[:100]}")
    return language_of(collation)


async def query(call: Call, arguments: DepartmentArguments) -> DepartmentAnswer:
    """Department/query: the whole tree of the own company. Raises unsupportedSort."""
    await own_account_of(call, arguments.account_id)
    language = _language(arguments.collation)
    tree = await call.context.services.organization.tree.whole(call.context.actor, language=language)
    shown = [
        DepartmentObject(
            id=_show(one.department.id),
            parent_id=_show(one.department.parent_id) if one.department.parent_id else None,
            name=one.department.name,
            depth=one.depth,
            people=one.people,
        )
        for one in tree.branches
    ]
    return DepartmentAnswer(
        account_id=arguments.account_id, company=tree.company, own=[_show(one) for one in tree.own], list=shown
    )


async def people(call: Call, arguments: PeopleArguments) -> PeopleAnswer:
    """Department/people. Raises notFound, unsupportedSort."""
    await own_account_of(call, arguments.account_id)
    language = _language(arguments.collation)
    number = numbers.parse(numbers.DEPARTMENT, arguments.id)
    tree = call.context.services.organization.tree
    try:
        found = await tree.people(call.context.actor, number or 0, below=arguments.below, language=language)
    except NotFound:
        raise MethodError("notFound") from None
    window = found[arguments.position : arguments.position + arguments.limit]
    shown = [
        DepartmentPerson(
            id=person_id(one.id), name=one.name, email=one.login, department=one.department, title=one.title
        )
        for one in window
    ]
    return PeopleAnswer(account_id=arguments.account_id, position=arguments.position, total=len(found), list=shown)
