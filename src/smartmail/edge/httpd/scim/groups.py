"""Groups of SCIM: the groups of people of the key's company. Members are users, by id."""

from typing import Any

from smartmail.domain.principal import Actor
from smartmail.formats.scim import GROUP, ScimError
from smartmail.service.catalogue import Services
from smartmail.service.people.provisioned import GroupStands

MAX_MEMBERS = 20_000


class Groups:
    """The resource."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def page(
        self, actor: Actor, wanted: tuple[str, Any] | None, start: int, count: int
    ) -> tuple[int, list[dict[str, Any]]]:
        """Return how many there are, and a part of them. Raises ScimError (filter)."""
        if wanted is not None and wanted[0] not in {"displayname", "id"}:
            raise ScimError("invalidFilter", "groups are found by displayName or id")
        name = str(wanted[1]) if wanted and wanted[0] == "displayname" else ""
        found = await self._service.groups(actor, actor.organization_id, name)
        if wanted is not None:
            found = [one for one in found if str(wanted[1]) in {str(one.id), one.name}]
        part = found[start : start + count]
        return len(found), [_shown(await self._service.group(actor, actor.organization_id, one.id)) for one in part]

    async def get(self, actor: Actor, number: int) -> dict[str, Any]:
        """Return one. Raises NotFound."""
        return _shown(await self._service.group(actor, actor.organization_id, number))

    async def create(self, actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
        """Make one."""
        name, members = _asked(body)
        return _shown(await self._service.create_group(actor, actor.organization_id, name, members or set()))

    async def replace(self, actor: Actor, number: int, body: dict[str, Any]) -> dict[str, Any]:
        """Let one be as the body says; members that it does not name stay."""
        name, members = _asked(body)
        return _shown(await self._service.replace_group(actor, actor.organization_id, number, name, members))

    async def delete(self, actor: Actor, number: int) -> None:
        """Remove one."""
        await self._service.delete_group(actor, actor.organization_id, number)

    @property
    def _service(self) -> Any:
        return self._services.directory_imports.provisioned


def _shown(stands: GroupStands) -> dict[str, Any]:
    members = [{"value": str(one.id), "display": one.name, "type": "User"} for one in stands.members]
    return {
        "schemas": [GROUP], "id": str(stands.group.id), "displayName": stands.group.name, "members": members,
        "meta": {"resourceType": "Group"},
    }  # fmt: skip


def _asked(body: dict[str, Any]) -> tuple[str, set[int] | None]:
    said = {str(name).lower(): value for name, value in body.items()}
    name = said.get("displayname")
    if not isinstance(name, str) or not name.strip():
        raise ScimError("invalidValue", "displayName is a text")
    if "members" not in said:
        return name, None
    values = said["members"] or []
    if not isinstance(values, list) or len(values) > MAX_MEMBERS:
        raise ScimError("invalidValue", f"members is a list of at most {MAX_MEMBERS}")
    found = [str(one.get("value", "")) if isinstance(one, dict) else "" for one in values]
    if not all(one.isascii() and one.isdigit() and len(one) < 19 for one in found):
        raise ScimError("invalidValue", "a member has the id of a user as its value")
    return name, {int(one) for one in found}
