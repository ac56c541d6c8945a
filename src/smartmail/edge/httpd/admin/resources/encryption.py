"""/encryption, /key-rotations, /reseals, /recovery-kit and /openings: the master key, originals sealed anew or opened by two."""

from collections.abc import Callable, Sequence
from typing import Annotated, Literal, TypeVar

from msgspec import Meta

from smartmail.domain.errors import Invalid
from smartmail.domain.ids import MessageId
from smartmail.domain.policy import Scope
from smartmail.edge.httpd.admin.operation import Call, Operation, number_of
from smartmail.edge.httpd.admin.reading import idempotency_of
from smartmail.edge.httpd.admin.resources.roles import OutcomeTold
from smartmail.edge.httpd.admin.shapes import Asked, Count, Id, Page, Time, Told, cut, time_of, time_or_none
from smartmail.formats import shares
from smartmail.formats.seal import SUITE_NAMES
from smartmail.service.keys.kits import KitState
from smartmail.service.keys.opening import OpeningView, OriginalLine
from smartmail.service.keys.resealing import ResealView
from smartmail.service.keys.rotating import RotationView

T = TypeVar("T")
R = TypeVar("R")
SYSTEM = Scope("system")
FILE = "message/rfc822"
Why = Annotated[str, Meta(min_length=10, max_length=500, description="Ten characters at least; kept sealed.")]
Cap = Annotated[int, Meta(ge=0, le=1 << 40, description="Octets a second at most; 0: as fast as it can.")]
Suite = Literal["AES-256-GCM", "ChaCha20-Poly1305"]
_NUMBERS = {name: number for number, name in SUITE_NAMES.items()}


class EncryptionTold(Told, frozen=True):
    """How originals lie: under which master key since when (null: since the beginning), and under which suite new ones."""

    master_key: str
    since: Time | None
    suite: Suite


class NodeProblem(Told, frozen=True):
    """Why a node cannot do its part."""

    node: str
    problem: str


class RotationTold(Told, frozen=True):
    """A change of the master key."""

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


class Reasoned(Asked, frozen=True):
    """Why."""

    reason: Why


class ResealTold(Told, frozen=True):
    """Originals that are sealed anew. `failed`: those that did not open before; `secondsLeft` null: not known yet."""

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


class ResealNew(Asked, frozen=True):
    """Under which suite, how fast, why."""

    suite: Suite
    reason: Why
    cap: Cap = 0


class ResealPatch(Asked, frozen=True):
    """What changes of the open work; null stays."""

    state: Literal["running", "paused", "cancelled"] | None = None
    cap: Cap | None = None


class KitTold(Told, frozen=True):
    """The newest recovery kit. `fits`: it is of the key in use; `due`: one is to be made or rehearsed. `kit` "": none."""

    master_key: str
    kit: str
    need: Count
    count: Count
    made_at: Time | None
    rehearsed_at: Time | None
    fits: bool
    due: bool


class KitNew(Asked, frozen=True):
    """How many shares, how many of them give the key, why one is made."""

    reason: Why
    count: Annotated[int, Meta(ge=2, le=16)] = 5
    need: Annotated[int, Meta(ge=2, le=16)] = 3


class ShareTold(Told, frozen=True):
    """A share: lines to print and type. It is told this once and kept nowhere."""

    number: Count
    text: str


class KitMade(Told, frozen=True):
    """The shares of a new kit. Each goes to another person, on paper."""

    kit: str
    master_key: str
    need: Count
    shares: list[ShareTold]


class Typed(Asked, frozen=True):
    """Shares as people typed them."""

    shares: Annotated[list[Annotated[str, Meta(max_length=2000)]], Meta(min_length=1, max_length=16)]


class OpeningTold(Told, frozen=True):
    """That two persons may read somebody's originals, until when."""

    id: Id
    account_id: Id
    address: str
    is_open: bool
    proposed_by: str
    confirmed_by: str
    begun_at: Time
    until: Time
    reason: str


class OpeningNew(Asked, frozen=True):
    """For how long from the consent on, and why."""

    minutes: Annotated[int, Meta(ge=5, le=10080)]
    reason: Why


class OriginalTold(Told, frozen=True):
    """A message of an opened mailbox. `readable` false: its summary does not open."""

    id: Id
    received_at: Time
    sender: str
    subject: str
    size: Count
    has_attachment: bool
    readable: bool


class AttachedTold(Told, frozen=True):
    """A file of a message; its octets are in the original."""

    name: str
    type: str
    size: Count


class OriginalTextTold(Told, frozen=True):
    """A message to be read, as plain text."""

    id: Id
    received_at: Time
    sender: str
    to: str
    cc: str
    subject: str
    text: str
    files: list[AttachedTold]


class OriginalQuery(Asked, frozen=True):
    """`words`: in subject or sender."""

    words: Annotated[str, Meta(max_length=200)] = ""


async def _state(call: Call) -> EncryptionTold:
    await call.may(SYSTEM)
    keys = call.services.keys
    changed = next((one.row for one in await keys.rotation.views(call.actor) if one.row.state == "done"), None)
    kit = await keys.kits.state(call.actor)
    suite = await keys.resealing.suite()
    return EncryptionTold(kit.key_id, time_or_none(changed.ended_at if changed else None), _suite(suite))


async def _rotations(call: Call) -> Page[RotationTold]:
    await call.may(SYSTEM)
    return _newest(await call.services.keys.rotation.views(call.actor), lambda one: one.row.id, call, _rotation)


async def _rotate(call: Call) -> RotationTold:
    await call.may(SYSTEM)
    rotation = call.services.keys.rotation
    return _rotation(await rotation.view(await rotation.begin(call.actor, call.body.reason)))


async def _cancel_rotation(call: Call) -> None:
    await call.may(SYSTEM)
    await call.services.keys.rotation.cancel(call.actor)


async def _reseals(call: Call) -> Page[ResealTold]:
    await call.may(SYSTEM)
    return _newest(await call.services.keys.resealing.views(call.actor), lambda one: one.row.id, call, _reseal)


async def _begin_reseal(call: Call) -> ResealTold:
    await call.may(SYSTEM)
    work, body = call.services.keys.resealing, call.body
    return _reseal(work.view(await work.begin(call.actor, _NUMBERS[body.suite], body.reason, body.cap)))


async def _steer(call: Call) -> ResealTold:
    await call.may(SYSTEM)
    work, body = call.services.keys.resealing, call.body
    if body.cap is not None:
        await work.cap(call.actor, body.cap)
    if body.state is not None:
        await work.turn_to(call.actor, body.state)
    return _reseal((await work.views(call.actor))[0])


async def _kit(call: Call) -> KitTold:
    await call.may(SYSTEM)
    return _kit_told(await call.services.keys.kits.state(call.actor))


async def _make_kit(call: Call) -> KitMade:
    await call.may(SYSTEM)
    if idempotency_of(call.request):
        # An answer that is kept for a repeated request would keep the shares.
        raise Invalid("a recovery kit is told once: send no Idempotency-Key")
    body = call.body
    made = await call.services.keys.kits.make(call.actor, body.need, body.count, body.reason)
    told = [ShareTold(one.number, shares.to_text(one)) for one in made]
    return KitMade(made[0].kit.hex(), made[0].key_id.hex(), body.need, told)


async def _rehearse(call: Call) -> KitTold:
    await call.may(SYSTEM)
    return _kit_told(await call.services.keys.kits.rehearse(call.actor, call.body.shares))


async def _openings(call: Call) -> Page[OpeningTold]:
    await call.holds()
    return _newest(await call.services.keys.openings.views(call.actor), lambda one: one.row.id, call, _opening)


async def _opening_of(call: Call) -> OpeningTold:
    await call.holds()
    return _opening(await call.services.keys.openings.view(call.actor, call.number()))


async def _ask_opening(call: Call) -> OutcomeTold:
    body, account_id = call.body, await call.account()
    asked = await call.services.keys.openings.propose(call.actor, account_id, body.minutes, body.reason)
    return OutcomeTold(True, "", str(asked.row.id))


async def _end_opening(call: Call) -> None:
    await call.holds()
    await call.services.keys.openings.end(call.actor, call.number())


async def _messages(call: Call) -> Page[OriginalTold]:
    await call.holds()
    limit = call.page.limit
    found = await call.services.keys.openings.messages(
        call.actor, call.number(), after=_place(call.page.after), words=call.query.words, limit=limit
    )
    following = f"{found[-1].received_at}-{found[-1].id}" if len(found) == limit else None
    return Page([_line(one) for one in found], following)


def _place(text: str) -> tuple[int, int] | None:
    """Return where a page goes on: when the last message was received, and its id. Raises Invalid."""
    if not text:
        return None
    at, _, message_id = text.partition("-")
    place = number_of(at), number_of(message_id)
    if place[0] is None or place[1] is None:
        raise Invalid("`after` is not one that a page has told")
    return place[0], place[1]


async def _message(call: Call) -> OriginalTextTold:
    await call.holds()
    one = await call.services.keys.openings.message(call.actor, call.number(), MessageId(call.number("message")))
    line = one.line
    files = [AttachedTold(name, kind, size) for name, kind, size in one.files]
    return OriginalTextTold(
        str(line.id), time_of(line.received_at), line.sender, one.to, one.cc, line.subject, one.text, files
    )


async def _original(call: Call) -> None:
    """Answer the octets themselves: what is taken is on record before a byte leaves."""
    await call.holds()
    message_id = MessageId(call.number("message"))
    octets = await call.services.keys.openings.original(call.actor, call.number(), message_id)
    name = f'attachment; filename="{message_id}.eml"'
    await call.answer.whole(200, octets, FILE, [("content-disposition", name)])


def _newest(rows: Sequence[T], key: Callable[[T], int], call: Call, show: Callable[[T], R]) -> Page[R]:
    """Return a page of rows that come the newest first."""
    after = call.page.after_number
    left = [one for one in rows if not after or key(one) < after]
    return cut(left[: call.page.limit + 1], key, call.page, show)


def _suite(number: int) -> Suite:
    return "ChaCha20-Poly1305" if number == _NUMBERS["ChaCha20-Poly1305"] else "AES-256-GCM"


def _rotation(one: RotationView) -> RotationTold:
    row = one.row
    return RotationTold(
        str(row.id), row.state, row.old_id, row.new_id, one.percent, list(one.waits_for),
        [NodeProblem(node, text) for node, text in one.problems], row.actor, time_of(row.started_at),
        time_or_none(row.ended_at),
    )  # fmt: skip


def _reseal(one: ResealView) -> ResealTold:
    row = one.row
    return ResealTold(
        str(row.id), row.state, _suite(row.suite), row.percent, row.blobs, row.octets, row.total, row.failed, row.cap,
        one.seconds_left, row.actor, time_of(row.started_at), time_or_none(row.ended_at),
    )  # fmt: skip


def _kit_told(one: KitState) -> KitTold:
    return KitTold(
        one.key_id, one.kit, one.need, one.count, time_or_none(one.made_at), time_or_none(one.rehearsed_at), one.fits,
        one.due,
    )  # fmt: skip


def _opening(one: OpeningView) -> OpeningTold:
    row = one.row
    return OpeningTold(
        str(row.id), str(row.account_id), one.login, one.is_open, row.proposed_by, row.confirmed_by,
        time_of(row.begun_at), time_of(row.ended_at or row.until), one.reason,
    )  # fmt: skip


def _line(one: OriginalLine) -> OriginalTold:
    return OriginalTold(
        str(one.id), time_of(one.received_at), one.sender, one.subject, one.size, one.has_attachment, one.readable
    )


_MESSAGES = "/openings/{id}/messages"
OPERATIONS = (
    Operation("GET", "/encryption", "How originals lie.", _state, "key.read", EncryptionTold),
    Operation(
        "GET", "/key-rotations", "Changes of the master key.", _rotations, "key.read", Page[RotationTold], paged=True
    ),
    Operation(
        "POST", "/key-rotations", "Replace the master key while mail flows.", _rotate, "key.change", RotationTold,
        Reasoned, status=202,
    ),
    Operation(
        "POST", "/key-rotations/cancel", "Give up one that nothing is wrapped for yet.", _cancel_rotation, "key.change"
    ),
    Operation("GET", "/reseals", "Originals sealed anew.", _reseals, "key.read", Page[ResealTold], paged=True),
    Operation(
        "POST", "/reseals", "Seal originals anew while mail flows.", _begin_reseal, "key.change", ResealTold, ResealNew,
        status=202,
    ),
    Operation("PATCH", "/reseals", "Pause, go on, give up, or change the cap.", _steer, "key.change", ResealTold, ResealPatch),
    Operation("GET", "/recovery-kit", "The newest recovery kit.", _kit, "key.read", KitTold),
    Operation("POST", "/recovery-kit", "Make one; its shares are told once.", _make_kit, "key.change", KitMade, KitNew),
    Operation("POST", "/recovery-kit/rehearsal", "Try typed shares.", _rehearse, "key.change", KitTold, Typed),
    Operation("GET", "/openings", "Originals opened by two.", _openings, "message.open", Page[OpeningTold], paged=True),
    Operation("GET", "/openings/{id}", "One of them.", _opening_of, "message.open", OpeningTold),
    Operation("POST", "/openings/{id}/end", "End it before its time.", _end_opening, "message.open"),
    Operation(
        "POST", "/accounts/{id}/opening", "Ask that two may read somebody's originals.", _ask_opening, "message.open",
        OutcomeTold, OpeningNew, status=202,
    ),
    Operation(
        "GET", _MESSAGES, "Messages of an opened mailbox.", _messages, "message.open", Page[OriginalTold],
        query=OriginalQuery, paged=True,
    ),
    Operation("GET", f"{_MESSAGES}/{{message}}", "One message.", _message, "message.open", OriginalTextTold),
    Operation(
        "GET", f"{_MESSAGES}/{{message}}/original", "Its octets.", _original, "message.open", stream=FILE
    ),
)  # fmt: skip
