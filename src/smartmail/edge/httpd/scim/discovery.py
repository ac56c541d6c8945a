"""What the server says of itself (RFC 7644 §4): what it can, its resources, their attributes."""

from collections.abc import Sequence
from typing import Any, Final

from smartmail.formats.scim import ENTERPRISE, GROUP, LIST, USER

_CONFIG: Final = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
_TYPE: Final = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
_SCHEMA: Final = "urn:ietf:params:scim:schemas:core:2.0:Schema"


def _attribute(
    name: str, kind: str = "string", *, many: bool = False, needed: bool = False, **more: Any
) -> dict[str, Any]:
    return {
        "name": name, "type": kind, "multiValued": many, "required": needed, "mutability": "readWrite", "returned": "default",
        "uniqueness": "none", "caseExact": False, **more,
    }  # fmt: skip


_SCHEMAS: Final[dict[str, tuple[str, list[dict[str, Any]]]]] = {
    USER: ("User", [
        _attribute("userName", needed=True, uniqueness="server"),
        _attribute("name", "complex", subAttributes=[
            _attribute("formatted"), _attribute("familyName", mutability="writeOnly"),
            _attribute("givenName", mutability="writeOnly"),
        ]),
        _attribute("displayName"), _attribute("title"), _attribute("active", "boolean"), _attribute("preferredLanguage"),
        _attribute("emails", "complex", many=True, mutability="readOnly", subAttributes=[_attribute("value")]),
        _attribute("phoneNumbers", "complex", many=True, subAttributes=[
            _attribute("value"), _attribute("type", canonicalValues=["work", "mobile"]),
        ]),
    ]),
    ENTERPRISE: ("EnterpriseUser", [_attribute("employeeNumber", uniqueness="server"), _attribute("department")]),
    GROUP: ("Group", [
        _attribute("displayName", needed=True, uniqueness="server"),
        _attribute("members", "complex", many=True, subAttributes=[
            _attribute("value"), _attribute("display", mutability="readOnly"),
        ]),
    ]),
}  # fmt: skip


def document(words: Sequence[str], base: str) -> dict[str, Any] | None:
    """Return the document of a path, None where that is no document about the server."""
    if list(words) == ["ServiceProviderConfig"]:
        return _config(base)
    several = {"ResourceTypes": _types(base), "Schemas": _schemas(base)}.get(words[0])
    if several is None:
        return None
    if len(words) == 1:
        return {
            "schemas": [LIST], "totalResults": len(several), "startIndex": 1, "itemsPerPage": len(several),
            "Resources": several,
        }  # fmt: skip
    return next((one for one in several if one["id"] == words[1]), None) if len(words) == 2 else None


def _config(base: str) -> dict[str, Any]:
    return {
        "schemas": [_CONFIG], "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": 200}, "changePassword": {"supported": False},
        "sort": {"supported": False}, "etag": {"supported": True},
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "Bearer", "description": "A key of the admin API as a bearer token.",
            "primary": True,
        }],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }  # fmt: skip


def _types(base: str) -> list[dict[str, Any]]:
    found = []
    for name, schema, extensions in (("User", USER, [{"schema": ENTERPRISE, "required": False}]), ("Group", GROUP, [])):
        meta = {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{name}"}
        found.append({
            "schemas": [_TYPE], "id": name, "name": name, "endpoint": f"/{name}s", "schema": schema,
            "schemaExtensions": extensions, "meta": meta,
        })  # fmt: skip
    return found


def _schemas(base: str) -> list[dict[str, Any]]:
    return [
        {"schemas": [_SCHEMA], "id": uri, "name": name, "attributes": attributes,
         "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{uri}"}}
        for uri, (name, attributes) in _SCHEMAS.items()
    ]  # fmt: skip
