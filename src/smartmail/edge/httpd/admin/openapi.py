"""The OpenAPI 3.1 document, made of the table of operations and of the types that decode and encode.

STANDARDS  OpenAPI 3.1.0; its schemas are JSON Schema 2020-12, which msgspec writes for its own types.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from smartmail.base.i18n import FALLBACK
from smartmail.edge.httpd.admin import problems
from smartmail.edge.httpd.admin.operation import MAX_PAGE, ROOT, USUAL_PAGE, Operation
from smartmail.edge.httpd.admin.proving import COOKIE
from smartmail.edge.httpd.admin.reading import MAX_RAW_REASON
from smartmail.edge.httpd.admin.shapes import Problem
from smartmail.edge.httpd.errors import PROBLEM_TYPE, STATUS

REF: Final = "#/components/schemas/{name}"
VERSION: Final = "1"
_COMMON = ("auth_failed", "forbidden", "invalid", "rate_limited", "unavailable", "internal")
_CHANGING = ("state_mismatch", "media_type", "idempotency_mismatch", "too_large", "in_progress")
_DESCRIPTION = (
    "The administration API. Lists take `after` and `limit`; pass `next` of a page as `after`. Single resources have an "
    "ETag; pass it as If-Match to change them. A request with an Idempotency-Key is performed at most once a day. "
    "X-Reason (UTF-8, percent-encoded) is stored encrypted in the audit record. Resources of other organizations are "
    "answered like absent ones."
)


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the document."""
    types = [one for operation in operations for one in (operation.answer, operation.body) if one is not None]
    schemas, components = msgspec.json.schema_components([*types, Problem], ref_template=REF)
    known = {id(kind): schema for kind, schema in zip(types, schemas, strict=False)}
    paths: dict[str, dict[str, Any]] = {}
    for one in operations:
        paths.setdefault(f"{ROOT}{one.path}", {})[one.method.lower()] = _operation(one, known)
    return {
        "openapi": "3.1.0",
        "info": {"title": "SmartMail admin API", "version": VERSION, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for one in operations)],
        "security": [{"key": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "responses": _problems(),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "An API key (/keys)."},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def _operation(one: Operation, known: dict[int, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "tags": [one.tag],
        "parameters": _parameters(one),
        "responses": _responses(one, known),
    }
    if one.body is not None:
        kinds = ("application/merge-patch+json", "application/json") if one.method == "PATCH" else ("application/json",)
        said["requestBody"] = {"required": True, "content": {kind: {"schema": known[id(one.body)]} for kind in kinds}}
    if one.public:
        said["security"] = []
    if one.permission is not None:
        said["x-permission"] = one.permission
    return said


def _parameters(one: Operation) -> list[dict[str, Any]]:
    text = {"type": "string"}
    found = [{"name": name, "in": "path", "required": True, "schema": {**text, "minLength": 1}} for name in one.places]
    if one.paged:
        page = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": USUAL_PAGE}
        found.append({"name": "limit", "in": "query", "schema": page})
        found.append({"name": "after", "in": "query", "schema": {**text, "maxLength": 300}})
    if one.query is not None:
        found += _query(one.query)
    if one.changes:
        found.append(_header("If-Match", "ETag of the resource as it was read.", {**text, "maxLength": 200}))
        if not one.public:
            key = {**text, "pattern": "^[!-~]{0,200}$"}
            found.append(_header("Idempotency-Key", "A repeated key returns the first response for a day.", key))
        found.append(_header("X-Reason", "Reason (UTF-8, percent-encoded).", {**text, "maxLength": MAX_RAW_REASON}))
    return found


def _header(name: str, words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": words, "schema": schema}


def _query(kind: Any) -> list[dict[str, Any]]:
    schema, components = msgspec.json.schema_components([kind], ref_template=REF)
    whole = components[schema[0]["$ref"].rpartition("/")[2]]
    needed = set(whole.get("required", ()))
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": one}
        for name, one in whole["properties"].items()
    ]


def _responses(one: Operation, known: dict[int, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if one.stream:
        found["200"] = {"description": "A stream.", "content": {one.stream: {"schema": {"type": "string"}}}}
    elif one.answer is None:
        found["204"] = {"description": "Success without content."}
    else:
        good: dict[str, Any] = {
            "description": "Success.", "content": {"application/json": {"schema": known[id(one.answer)]}},
        }  # fmt: skip
        if one.whole:
            good["headers"] = {"ETag": {"schema": {"type": "string"}}}
            found["304"] = {"description": "Not modified (If-None-Match)."}
        found[str(one.status)] = good
    codes = (*_COMMON, "not_found", *(("already_exists", *_CHANGING) if one.changes else ()))
    for status in sorted({_status(code) for code in codes}):
        found[str(status)] = {"$ref": f"#/components/responses/Error{status}"}
    found["default"] = {"$ref": "#/components/responses/Problem"}
    return found


def _status(code: str) -> int:
    return STATUS.get(code) or problems.OWN[code]


def _problems() -> dict[str, Any]:
    """Return the answers that tell an error, by status; each names its codes."""
    by_status: dict[int, list[str]] = {}
    for code in (*STATUS, *problems.OWN):
        by_status.setdefault(_status(code), []).append(code)
    said = {
        f"Error{status}": _problem(", ".join(f"`{code}`: {problems.title(code, FALLBACK)}" for code in codes))
        for status, codes in sorted(by_status.items())
    }
    return {"Problem": _problem("An error."), **said}


def _problem(words: str) -> dict[str, Any]:
    return {"description": words, "content": {PROBLEM_TYPE: {"schema": {"$ref": REF.format(name="Problem")}}}}
