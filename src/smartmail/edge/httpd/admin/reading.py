"""What a request says, read with the types of its operation: query, page, body, reason, language."""

import re
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec

from smartmail.domain.errors import Invalid
from smartmail.edge.httpd.admin import misshapen
from smartmail.edge.httpd.admin.operation import MAX_PAGE, USUAL_PAGE, Operation, PageWish
from smartmail.edge.httpd.admin.problems import Refused
from smartmail.edge.httpd.wire import Request

BODY_TYPES: Final = frozenset({"application/json", "application/merge-patch+json"})
MAX_REASON: Final = 500
MAX_RAW_REASON: Final = 4_500
"""Each character of a reason is at most three octets, or four for two code units, of three signs each."""
MAX_TAG: Final = 200
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NO_NUL: Final = "no text holds the character U+0000"
"""PostgreSQL stores no text with it, and nobody types it."""


def query_of(request: Request, operation: Operation) -> tuple[Any, PageWish]:
    """Return query and page. Raises Invalid: an unknown name, one said twice, a wrong value."""
    text = request.scope.get("query_string", b"").decode("latin-1")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError:
        raise Invalid("the query cannot be read", reason="request.form") from None
    if any("\0" in name or "\0" in value for name, value in pairs):
        raise Invalid(_NO_NUL, reason="text.nul")
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Invalid("a name stands in the query twice", reason="request.form")
    wish = _page(values) if operation.paged else PageWish()
    if operation.query is None:
        if values:
            raise Invalid(f"unknown in the query: {', '.join(sorted(values))}"[:200], reason="request.form")
        return None, wish
    try:
        return msgspec.convert(values, operation.query, strict=False), wish
    except msgspec.ValidationError as error:
        raise misshapen.refusal(str(error)) from None


def _page(values: dict[str, str]) -> PageWish:
    limit, after = values.pop("limit", str(USUAL_PAGE)), values.pop("after", "")
    if not limit.isascii() or not limit.isdecimal() or not 1 <= int(limit[:6]) <= MAX_PAGE:
        raise Invalid(f"`limit` is a number from 1 to {MAX_PAGE}", reason="number.range", least=1, most=MAX_PAGE)
    if len(after) > 300 or not after.isprintable():
        raise Invalid("`after` is not one that a page has told", reason="request.form")
    return PageWish(after, int(limit))


def body_of(request: Request, operation: Operation, octets: bytes) -> Any:
    """Return the body. Raises Invalid, Refused (no JSON)."""
    if operation.body is None:
        if octets.strip():
            raise Invalid("this takes no body", reason="request.form")
        return None
    if request.header("content-type").partition(";")[0].strip().lower() not in BODY_TYPES:
        raise Refused("media_type", "the body is application/json")
    if _NUL.search(octets):
        raise Invalid(_NO_NUL, reason="text.nul")
    try:
        return msgspec.json.decode(octets, type=operation.body)
    except msgspec.DecodeError as error:
        raise misshapen.refusal(str(error)) from None
    except (UnicodeDecodeError, RecursionError):
        raise Invalid("the body is not JSON in UTF-8", reason="request.form") from None


def reason_of(request: Request) -> str:
    """Return why something is done (`X-Reason`, UTF-8 with % escapes). Raises Invalid."""
    if len(request.header("x-reason")) > MAX_RAW_REASON:
        raise Invalid(f"a reason has at most {MAX_REASON} characters", reason="reason.long", most=MAX_REASON)
    try:
        reason = " ".join(unquote(request.header("x-reason"), errors="strict").split())
    except UnicodeDecodeError:
        raise Invalid("X-Reason is UTF-8 with % escapes", reason="request.form") from None
    if len(reason) > MAX_REASON or not (reason.isprintable()):
        raise Invalid(f"a reason has at most {MAX_REASON} characters", reason="reason.long", most=MAX_REASON)
    return reason


def idempotency_of(request: Request) -> str:
    """Return the Idempotency-Key, "" when there is none. Raises Invalid."""
    key = request.header("idempotency-key")
    if key and not _KEY.fullmatch(key):
        raise Invalid("an Idempotency-Key has 1 to 200 visible ASCII characters", reason="request.form")
    return key


def wanted_tags(request: Request) -> set[str]:
    """Return the tags of If-Match (RFC 9110 §13.1.1), none when it is not there or any will do. Raises Invalid."""
    text = request.header("if-match")
    if len(text) > MAX_TAG:
        raise Invalid(f"If-Match has at most {MAX_TAG} characters", reason="request.form")
    return {one.strip() for one in text.split(",") if one.strip() not in {"", "*"}}


def request_id_of(request: Request) -> str:
    """Return the id that the client gave the request, "" when it is none."""
    given = request.header("x-request-id")
    return given if _ID.fullmatch(given) else ""
