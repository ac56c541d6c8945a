"""/encryption, /master-key-rotations, /re-encryptions, /recovery-kit, /content-accesses: encryption of stored messages."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, TypeVar

from msgspec import Meta

from smartmail.domain.errors import Invalid
from smartmail.domain.ids import MessageId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, number_of
from smartmail.edge.httpd.admin.reading import idempotency_of
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.roles import OperationOutcome
from smartmail.edge.httpd.admin.shapes import Count, Id, Input, Output, Page, Time, cut, time_of, time_or_none
from smartmail.formats import shares
from smartmail.formats.seal import SUITE_NAMES
from smartmail.service.operations.keys.kits import KitState
from smartmail.service.operations.keys.opening import OpeningView
from smartmail.service.operations.keys.resealing import ResealView
from smartmail.service.operations.keys.rotating import RotationView

T = TypeVar("T")
R = TypeVar("R")
SYSTEM = Scope("system")
FILE = "message/rfc822"
Why = Annotated[str, Meta(min_length=10, max_length=500, description="Ten characters at least; kept sealed.")]
Cap = Annotated[
    int, Meta(ge=0, le=1 << 40, description="Bytes per second at most; 0: unlimited.", extra={"unit": "bytes"})
]
Suite = Literal["AES-256-GCM", "ChaCha20-Poly1305"]
_NUMBERS = {name: number for number, name in SUITE_NAMES.items()}


class Encryption(Output, frozen=True):
    """Encryption of stored messages: the master key and since when it is in use (null: always), and the cipher suite of
    new ones.
    """

    master_key: str
    since: Time | None
    suite: Suite


class NodeProblem(Output, frozen=True):
    """Why a node cannot take part."""

    node: str
    problem: str


class MasterKeyRotation(Output, frozen=True):
    """A rotation of the master key."""

    id: Id
    state: Literal["spreading", "rewrapping", "switching", "settling", "done", "cancelled"]
    old_key: str
    new_key: str
    percent: Count
    waits_for: list[str]
    problems: list[NodeProblem]
    actor: str
    started_at: Time
    ended_at: Time | None


class ReasonRequest(Input, frozen=True):
    """The reason."""

    reason: Why


class Reencryption(Output, frozen=True):
    """Re-encryption of stored messages. `failed`: those that could not be decrypted before; `secondsLeft` null: not
    known yet.
    """

    id: Id
    state: Literal["running", "paused", "done", "cancelled"]
    suite: Suite
    percent: Count
    blobs: Count
    octets: Count
    total: Count
    failed: Count
    cap: Count
    seconds_left: int | None
    actor: str
    started_at: Time
    ended_at: Time | None


class ReencryptionCreate(Input, frozen=True):
    """The cipher suite, the speed limit and the reason."""

    suite: Suite
    reason: Why
    cap: Cap = 0


class ReencryptionUpdate(Input, frozen=True):
    """Changed fields of the open re-encryption; null: unchanged."""

    state: Literal["running", "paused", "cancelled"] | None = None
    cap: Cap | None = None


class RecoveryKit(Output, frozen=True):
    """The newest recovery kit. `fits`: made for the key in use; `due`: one must be made or verified. `kit` "": none."""

    master_key: str
    kit: str
    need: Count
    count: Count
    made_at: Time | None
    rehearsed_at: Time | None
    fits: bool
    due: bool


class RecoveryKitCreate(Input, frozen=True):
    """The number of shares, how many of them restore the key, and the reason."""

    reason: Why
    count: Annotated[int, Meta(ge=2, le=16)] = 5
    need: Annotated[int, Meta(ge=2, le=16)] = 3


class RecoveryShare(Output, frozen=True):
    """A share: lines to print and type. It is returned only once and not stored."""

    number: Count
    text: str


class RecoveryKitCreated(Output, frozen=True):
    """The shares of a new recovery kit. Give each to another person, on paper."""

    kit: str
    master_key: str
    need: Count
    shares: list[RecoveryShare]


class RecoveryKitVerifyRequest(Input, frozen=True):
    """Shares as typed."""

    shares: Annotated[list[Annotated[str, Meta(max_length=2000)]], Meta(min_length=1, max_length=16)]


class ContentAccess(Output, frozen=True):
    """Permission of two persons to read an account's messages until a time."""

    id: Id
    account_id: Id
    address: str
    is_open: bool
    proposed_by: str
    confirmed_by: str
    begun_at: Time
    until: Time
    reason: str


class ContentAccessCreate(Input, frozen=True):
    """The duration from the approval on, and the reason."""

    minutes: Annotated[int, Meta(ge=5, le=10080)]
    reason: Why


class OpenedMessage(Output, frozen=True):
    """A message of an account opened by content access. `readable` false: its summary cannot be decrypted."""

    id: Id
    received_at: Time
    sender: str
    subject: str
    size: Count
    has_attachment: bool
    readable: bool


class MessageAttachment(Output, frozen=True):
    """An attachment; its bytes are in the original message."""

    name: str
    type: str
    size: Count


class OpenedMessageText(Output, frozen=True):
    """A message as plain text."""

    id: Id
    received_at: Time
    sender: str
    to: str
    cc: str
    subject: str
    text: str
    files: list[MessageAttachment]


class OpenedMessageQuery(Input, frozen=True):
    """`words`: in subject or sender."""

    words: Annotated[str, Meta(max_length=200)] = ""


api = Resource(asks="system")
_MESSAGES = "/content-accesses/{id}/messages"


@api.get("/encryption", "Encryption of stored messages.", "key.read")
async def _state(call: Call) -> Encryption:
    keys = call.services.keys
    changed = next((one.row for one in await keys.rotation.views(call.actor) if one.row.state == "done"), None)
    kit = await keys.kits.state(call.actor)
    suite = await keys.resealing.suite()
    return Encryption(kit.key_id, time_or_none(changed.ended_at if changed else None), _suite(suite))


@api.get(
    "/master-key-rotations", "Rotations of the master key.", "key.read", cli="key rotations",
    columns="id state percent oldKey newKey waitsFor startedAt endedAt",
)  # fmt: skip
async def _rotations(call: Call) -> Page[MasterKeyRotation]:
    return _newest(await call.services.keys.rotation.views(call.actor), lambda one: one.row.id, call, _rotation)


@api.post(
    "/master-key-rotations", "Rotate the master key while mail flows.", "key.change", ReasonRequest, status=202,
    cli="key rotate",
)  # fmt: skip
async def _rotate(call: Call) -> MasterKeyRotation:
    rotation = call.services.keys.rotation
    return _rotation(await rotation.view(await rotation.begin(call.actor, call.body.reason)))


@api.post(
    "/master-key-rotations/cancel", "Cancel a rotation that has not wrapped any key yet.", "key.change",
    cli="key rotate-cancel",
)  # fmt: skip
async def _cancel_rotation(call: Call) -> None:
    await call.services.keys.rotation.cancel(call.actor)


@api.get(
    "/re-encryptions", "Re-encryptions of stored messages.", "key.read", cli="key re-encryptions",
    columns="id suite state percent blobs failed cap secondsLeft startedAt endedAt",
)  # fmt: skip
async def _reseals(call: Call) -> Page[Reencryption]:
    return _newest(await call.services.keys.resealing.views(call.actor), lambda one: one.row.id, call, _reseal)


@api.post(
    "/re-encryptions", "Re-encrypt stored messages while mail flows.", "key.change", ReencryptionCreate, status=202,
    cli="key re-encrypt suite",
)  # fmt: skip
async def _begin_reseal(call: Call) -> Reencryption:
    work, body = call.services.keys.resealing, call.body
    return _reseal(work.view(await work.begin(call.actor, _NUMBERS[body.suite], body.reason, body.cap)))


@api.patch(
    "/re-encryptions", "Pause, resume or cancel a re-encryption, or change its speed limit.", "key.change",
    ReencryptionUpdate,
    cli=(
        "key re-encrypt-cap cap", "key re-encrypt-pause state=paused", "key re-encrypt-resume state=running",
        "key re-encrypt-cancel state=cancelled",
    ),
)  # fmt: skip
async def _steer(call: Call) -> Reencryption:
    work, body = call.services.keys.resealing, call.body
    if body.cap is not None:
        await work.cap(call.actor, body.cap)
    if body.state is not None:
        await work.turn_to(call.actor, body.state)
    return _reseal((await work.views(call.actor))[0])


@api.get("/recovery-kit", "The newest recovery kit.", "key.read")
async def _kit(call: Call) -> RecoveryKit:
    return _kit_told(await call.services.keys.kits.state(call.actor))


@api.post("/recovery-kit", "Create a recovery kit; its shares are returned once.", "key.change", RecoveryKitCreate)
async def _make_kit(call: Call) -> RecoveryKitCreated:
    if idempotency_of(call.request):
        # An answer that is kept for a repeated request would keep the shares.
        raise Invalid("a recovery kit is told once: send no Idempotency-Key", reason="request.form")
    body = call.body
    made = await call.services.keys.kits.make(call.actor, body.need, body.count, body.reason)
    told = [RecoveryShare(one.number, shares.to_text(one)) for one in made]
    return RecoveryKitCreated(made[0].kit.hex(), made[0].key_id.hex(), body.need, told)


@api.post("/recovery-kit/verify", "Verify typed shares.", "key.change", RecoveryKitVerifyRequest)
async def _rehearse(call: Call) -> RecoveryKit:
    return _kit_told(await call.services.keys.kits.rehearse(call.actor, call.body.shares))


@api.get(
    "/content-accesses", "Content accesses.", "message.open", cli="key content-accesses",
    columns="id address isOpen proposedBy confirmedBy until reason", asks="anywhere",
)  # fmt: skip
async def _openings(call: Call) -> Page[ContentAccess]:
    return _newest(await call.services.keys.openings.views(call.actor), lambda one: one.row.id, call, _opening)


@api.get("/content-accesses/{id}", "One content access.", "message.open", asks="anywhere")
async def _opening_of(call: Call) -> ContentAccess:
    return _opening(await call.services.keys.openings.view(call.actor, call.number()))


@api.post(
    "/content-accesses/{id}/end", "End a content access early.", "message.open", cli="key content-access-end",
    asks="anywhere",
)  # fmt: skip
async def _end_opening(call: Call) -> None:
    await call.services.keys.openings.end(call.actor, call.number())


@api.post(
    "/accounts/{id}/content-access", "Request access to the content of an account.", "message.open",
    ContentAccessCreate, status=202, cli="key content-access", asks="handler",
)  # fmt: skip
async def _ask_opening(call: Call) -> OperationOutcome:
    body, account_id = call.body, await call.account()
    asked = await call.services.keys.openings.propose(call.actor, account_id, body.minutes, body.reason)
    return OperationOutcome(True, "", str(asked.row.id))


@api.get(_MESSAGES, "Messages of the account.", "message.open", query=OpenedMessageQuery, asks="anywhere")
async def _messages(call: Call) -> Page[OpenedMessage]:
    limit = call.page.limit
    found = await call.services.keys.openings.messages(
        call.actor, call.number(), after=_place(call.page.after), words=call.query.words, limit=limit
    )
    following = f"{found[-1].received_at}-{found[-1].id}" if len(found) == limit else None
    return Page([OpenedMessage.from_row(one) for one in found], following)


def _place(text: str) -> tuple[int, int] | None:
    """Return where a page goes on: when the last message was received, and its id. Raises Invalid."""
    if not text:
        return None
    at, _, message_id = text.partition("-")
    place = number_of(at), number_of(message_id)
    if place[0] is None or place[1] is None:
        raise Invalid("`after` is not one that a page has told", reason="request.form")
    return place[0], place[1]


@api.get(f"{_MESSAGES}/{{message}}", "One message as text.", "message.open", asks="anywhere")
async def _message(call: Call) -> OpenedMessageText:
    one = await call.services.keys.openings.message(call.actor, call.number(), MessageId(call.number("message")))
    line = one.line
    files = [MessageAttachment(name, kind, size) for name, kind, size in one.files]
    return OpenedMessageText.from_row(line, to=one.to, cc=one.cc, text=one.text, files=files)


@api.get(f"{_MESSAGES}/{{message}}/original", "The original message.", "message.open", stream=FILE, asks="anywhere")
async def _original(call: Call) -> None:
    """Answer the octets themselves: what is taken is on record before a byte leaves."""
    message_id = MessageId(call.number("message"))
    octets = await call.services.keys.openings.original(call.actor, call.number(), message_id)
    await call.file(octets, f"{message_id}.eml")


def _newest(rows: Sequence[T], key: Callable[[T], int], call: Call, show: Callable[[T], R]) -> Page[R]:
    """Return a page of rows that come the newest first."""
    after = call.page.after_number
    left = [one for one in rows if not after or key(one) < after]
    return cut(left[: call.page.limit + 1], key, call.page, show)


def _suite(number: int) -> Suite:
    return "ChaCha20-Poly1305" if number == _NUMBERS["ChaCha20-Poly1305"] else "AES-256-GCM"


def _rotation(one: RotationView) -> MasterKeyRotation:
    row = one.row
    return MasterKeyRotation.from_row(
        row,
        old_key=row.old_id,
        new_key=row.new_id,
        percent=one.percent,
        waits_for=list(one.waits_for),
        problems=[NodeProblem(node, text) for node, text in one.problems],
    )


def _reseal(one: ResealView) -> Reencryption:
    row = one.row
    return Reencryption.from_row(row, suite=_suite(row.suite), seconds_left=one.seconds_left)


def _kit_told(one: KitState) -> RecoveryKit:
    return RecoveryKit.from_row(one, master_key=one.key_id)


def _opening(one: OpeningView) -> ContentAccess:
    row = one.row
    return ContentAccess.from_row(
        row, address=one.login, is_open=one.is_open, until=time_of(row.ended_at or row.until), reason=one.reason
    )
