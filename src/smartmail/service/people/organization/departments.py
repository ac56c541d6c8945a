"""The tree of a company's departments, and 부서메일: addresses that follow who is in a department."""

from dataclasses import replace

from smartmail.domain.account import Account
from smartmail.domain.addressing import ListText, Member, Posting
from smartmail.domain.errors import AlreadyExists, Invalid, NotFound
from smartmail.domain.ids import OrganizationId
from smartmail.domain.organization import TOP, Department
from smartmail.domain.principal import Actor
from smartmail.formats.address import normalize, split_address
from smartmail.service.flow.addressing.lists import ListService
from smartmail.service.people.organization.ground import Ground, cleaned, found
from smartmail.service.people.organization.store import Store

MAX_CODE = 64


class DepartmentService:
    """Makes, moves and removes departments."""

    def __init__(self, ground: Ground[Store], lists: ListService) -> None:
        self._ground = ground
        self._store = ground.store
        self._lists = lists

    async def list_all(self, actor: Actor, organization_id: OrganizationId) -> list[Department]:
        """Return all departments of a company by id (`domain.organization.in_order` makes a tree). Raises Forbidden,
        NotFound.
        """
        await self._ground.company(actor, "organization.read", organization_id)
        return await self._store.departments(organization_id)

    async def find(self, organization_id: OrganizationId, word: str) -> Department:
        """Return the department of a code, or of a name that only one has. Raises NotFound, Invalid."""
        known = await self._store.departments(organization_id)
        found = [one for one in known if one.code == word] or [one for one in known if one.name == word]
        if not found:
            raise NotFound(f"there is no department {word}")
        if len(found) > 1:
            raise Invalid(
                f"several departments are called {word}; name one by its code: " + _codes(found),
                reason="department.several",
                name=word,
            )
        return found[0]

    async def code_of(self, department_id: int) -> str:
        """Return the code of a department. Raises NotFound."""
        return (await self._store.department(department_id)).code

    async def create(
        self,
        actor: Actor,
        organization_id: OrganizationId,
        name: str,
        *,
        code: str = "",
        parent_id: int = TOP,
        position: int = 0,
    ) -> Department:
        """Make a department; without a code its name is the code. Raises AlreadyExists, Invalid, Forbidden, NotFound."""
        await self._may_stand(actor, organization_id, parent_id)
        name = cleaned(name, "a department")
        code = code.strip() or name
        if len(code) > MAX_CODE or not code.isprintable():
            raise Invalid(f"a code has at most {MAX_CODE} characters", reason="code.long", most=MAX_CODE)
        row = Department(0, organization_id, code, name, parent_id, position)
        return await self._put(actor, "department.create", row)

    async def change(
        self,
        actor: Actor,
        department_id: int,
        *,
        name: str | None = None,
        parent_id: int | None = None,
        position: int | None = None,
    ) -> Department:
        """Rename, move with all below it, or order a department. Raises NotFound, Invalid (a circle), Forbidden."""
        row = await found(self._ground, actor, "organization.change", department_id)
        await self._ground.department(actor, "organization.change", row.organization_id, row.code)
        if parent_id is not None and parent_id != row.parent_id:
            await self._may_stand(actor, row.organization_id, parent_id)
        wanted = replace(
            row,
            name=row.name if name is None else cleaned(name, "a department"),
            parent_id=row.parent_id if parent_id is None else parent_id,
            position=row.position if position is None else position,
        )
        return await self._put(actor, "department.change", wanted) if wanted != row else row

    async def remove(self, actor: Actor, department_id: int) -> None:
        """Remove a department without people and departments. Raises NotFound, Invalid, Forbidden."""
        row = await found(self._ground, actor, "organization.change", department_id)
        await self._ground.department(actor, "organization.change", row.organization_id, row.code)
        await self._store.drop_department(row.id, self._ground.record(actor, "department.remove", _object(row)))
        self._ground.tell(row.organization_id)

    async def people(self, actor: Actor, department_id: int, *, below: bool = False) -> list[Account]:
        """Return the active people of a department, and of those below it. Raises NotFound, Forbidden."""
        row = await found(self._ground, actor, "organization.read", department_id)
        await self._ground.department(actor, "organization.read", row.organization_id, row.code)
        return await self._store.department_people(row.id, below=below)

    async def give_mail(
        self, actor: Actor, department_id: int, address: str, *, below: bool = True, post: Posting = "anyone"
    ) -> str:
        """Give a department an address: its members of the moment get what comes (부서메일). Return the address.

        It is a list whose member is the department; who may post, owners and the rest are changed as with any list.
        Raises NotFound, AlreadyExists, Invalid, Forbidden.
        """
        row = await found(self._ground, actor, "organization.change", department_id)
        await self._ground.company(actor, "organization.change", row.organization_id)
        domain = await self._store.domain(split_address(normalize(address))[1])
        if domain is None or domain.organization_id != row.organization_id:
            raise NotFound(f"{address} is in no domain of the department's company")
        text = ListText(row.name, (f"postmaster@{domain.name}",), post=post, unsubscribe=False, rewriting="never")
        made = await self._lists.create(actor, address, text)
        await self._lists.add(actor, made.address, [Member(department=row.id, below=below)])
        return made.address

    async def _may_stand(self, actor: Actor, organization_id: OrganizationId, parent_id: int) -> None:
        """Let pass who administers the department that something shall stand under, or at the top the company."""
        above = {one.id: one.code for one in await self._store.departments(organization_id)}
        if parent_id in above:
            await self._ground.department(actor, "organization.change", organization_id, above[parent_id])
        else:
            await self._ground.company(actor, "organization.change", organization_id)

    async def _put(self, actor: Actor, action: str, row: Department) -> Department:
        try:
            made = await self._store.put_department(row, self._ground.record(actor, action, _object(row)))
        except AlreadyExists:
            raise AlreadyExists(
                f"there is a department with code {row.code} already", reason="department.taken", code=row.code
            ) from None
        self._ground.tell(row.organization_id)
        return made


def _object(row: Department) -> str:
    return f"department:{row.organization_id}:{row.id or 'new'}"


def _codes(found: list[Department]) -> str:
    return ", ".join(one.code for one in found)
