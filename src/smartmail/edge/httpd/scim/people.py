"""Users of SCIM: the people of the key's company.

`userName` is the login, `externalId` and the enterprise `employeeNumber` the employee number, `title` the position,
`department` the code (or only name) of the primary department. Deactivating closes the account; so does DELETE, after which
the user is still there, not active: an account is destroyed by who may, not by a system outside.
"""

from typing import Any, Final

from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats.scim import ENTERPRISE, USER, ScimError
from smartmail.service.catalogue import Services
from smartmail.service.people.provisioned import PersonAsked, PersonStands

_PHONES: Final = {"mobile": "mobile", "work": "phone"}
"""Type of a telephone number → the fact of a person."""


class People:
    """The resource."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def page(
        self, actor: Actor, wanted: tuple[str, Any] | None, start: int, count: int
    ) -> tuple[int, list[dict[str, Any]]]:
        """Return how many there are, and a part of them. Raises ScimError (filter)."""
        service, home = self._services.directory_imports.provisioned, actor.organization_id
        if wanted is None:
            found = await service.people(actor, home)
        elif wanted[0] in {"username", "emails.value", "emails"}:
            found = await service.find(actor, home, login=str(wanted[1]) or "@")
        elif wanted[0] in {"externalid", f"{ENTERPRISE}:employeeNumber".lower()}:
            found = await service.find(actor, home, number=str(wanted[1]))
        elif wanted[0] == "id":
            found = [one for one in await service.people(actor, home) if str(one.id) == wanted[1]]
        else:
            raise ScimError("invalidFilter", "users are found by userName, externalId, emails.value or id")
        known = await service.tables(home)
        return len(found), [_shown(await service.stands(one, known)) for one in found[start : start + count]]

    async def get(self, actor: Actor, number: int) -> dict[str, Any]:
        """Return one; that it was looked at is on record (KA-40). Raises NotFound."""
        stands = await self._service.person(actor, actor.organization_id, AccountId(number))
        await self._services.witness.saw(actor, stands.account.id, "profile")
        return _shown(stands)

    async def create(self, actor: Actor, body: dict[str, Any]) -> dict[str, Any]:
        """Make one."""
        return _shown(await self._service.create(actor, actor.organization_id, _asked(body, None)))

    async def replace(self, actor: Actor, number: int, body: dict[str, Any]) -> dict[str, Any]:
        """Let one be as the body says; what it does not name stays."""
        stands = await self._service.person(actor, actor.organization_id, AccountId(number))
        asked = _asked(body, stands)
        return _shown(await self._service.replace(actor, actor.organization_id, AccountId(number), asked))

    async def delete(self, actor: Actor, number: int) -> None:
        """Close one's account."""
        await self._service.close(actor, actor.organization_id, AccountId(number))

    @property
    def _service(self) -> Any:
        return self._services.directory_imports.provisioned


def _shown(stands: PersonStands) -> dict[str, Any]:
    account = stands.account
    phones = [{"type": kind, "value": stands.facts[fact]} for kind, fact in _PHONES.items() if stands.facts.get(fact)]
    shown: dict[str, Any] = {
        "schemas": [USER, ENTERPRISE], "id": str(account.id), "userName": account.login,
        "name": {"formatted": account.name}, "displayName": account.name, "active": account.state not in {"leaving", "closed"},
        "emails": [{"value": account.login, "type": "work", "primary": True}], "preferredLanguage": account.language,
        "meta": {"resourceType": "User"},
    }  # fmt: skip
    if phones:
        shown["phoneNumbers"] = phones
    if stands.position:
        shown["title"] = stands.position
    enterprise = {"employeeNumber": stands.number, "department": stands.department}
    shown[ENTERPRISE] = {name: text for name, text in enterprise.items() if text}
    if stands.number:
        shown["externalId"] = stands.number
    return shown


def _asked(body: dict[str, Any], stands: PersonStands | None) -> PersonAsked:
    """Return what a body wants. Raises ScimError."""
    said = {str(name).lower(): value for name, value in body.items()}
    enterprise = said.get(ENTERPRISE.lower())
    more = {str(name).lower(): value for name, value in enterprise.items()} if isinstance(enterprise, dict) else {}
    login = _text(said, "username") or ""
    if "@" not in login:
        raise ScimError("invalidValue", "userName is a mail address of the company")
    numbers = [text for text in (_text(said, "externalid"), _text(more, "employeenumber")) if text is not None]
    present = stands.number if stands else ""
    number = next((text for text in numbers if text != present), numbers[0] if numbers else None)
    return PersonAsked(
        login, _name(said, stands), number, _text(said, "title"), _department(more), _text(said, "preferredlanguage") or "",
        _facts(said), _active(said),
    )  # fmt: skip


def _text(said: dict[str, Any], name: str) -> str | None:
    """Return a text, "" for null, None for what is not named."""
    if name not in said:
        return None
    value = said[name]
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > 500:
        raise ScimError("invalidValue", f"{name} is a text")
    return value.strip()


def _name(said: dict[str, Any], stands: PersonStands | None) -> str | None:
    """Return the name: that of the two spellings which says another one than there is; else of given and family name."""
    parts = said.get("name")
    named = {str(name).lower(): value for name, value in parts.items()} if isinstance(parts, dict) else {}
    found = [text for text in (_text(named, "formatted"), _text(said, "displayname")) if text]
    other = [text for text in found if stands is None or text != stands.account.name]
    if other or found:
        return (other or found)[0]
    family, given = _text(named, "familyname") or "", _text(named, "givenname") or ""
    # Names of the East stand with the family name first and without a blank.
    joined = f"{given} {family}" if (given + family).isascii() else family + given
    return joined.strip() or None


def _department(more: dict[str, Any]) -> str | None:
    return _text(more, "department")


def _facts(said: dict[str, Any]) -> dict[str, str] | None:
    if "phonenumbers" not in said:
        return None
    values = said["phonenumbers"] or []
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        raise ScimError("invalidValue", "phoneNumbers is a list of objects")
    found = dict.fromkeys(_PHONES.values(), "")
    for one in values:
        kind = {str(name).lower(): value for name, value in one.items()}
        fact = _PHONES.get(str(kind.get("type", "work")).lower())
        if fact is not None:
            found[fact] = _text(kind, "value") or ""
    return found


def _active(said: dict[str, Any]) -> bool | None:
    value = said.get("active")
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if value is not None and not isinstance(value, bool):
        raise ScimError("invalidValue", "active is true or false")
    return value
