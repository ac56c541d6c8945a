"""/bulletins: announcements in the webmail (공지), and who has read them."""

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from smartmail.domain import bulletins
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.policy import ScopeText, scope_of
from smartmail.edge.httpd.admin.shapes import Id, Input, Output, Page, Time, milliseconds, part, time_or_none
from smartmail.service.mailbox.bulletins import BulletinText, BulletinWish, HeldBulletin, Reader
from smartmail.service.mailbox.bulletins.texts import MAX_BODY, MAX_TITLE

Title = Annotated[str, Meta(min_length=1, max_length=MAX_TITLE)]
Body = Annotated[str, Meta(max_length=MAX_BODY, description="Plain text; addresses of pages become links.")]
Place = Annotated[ScopeText, Meta(description="organization:ID, domain:NAME, department:ID:CODE or group:ID.")]
FILE = "application/octet-stream"


class Bulletin(Output, frozen=True):
    """A bulletin. `placeName`: its audience in words; `by`: the author; `shown`: whether it is shown now."""

    id: Id
    title: str
    body: str
    place: str
    place_name: str
    shown_from: Time
    shown_until: Time
    shown: bool
    pinned: bool
    popup: bool
    must_read: bool
    at_sign_in: bool
    by: str
    changed_at: Time


class BulletinCreate(Input, frozen=True):
    """A bulletin to publish. `pinned`: above the message list; `popup`: opens once for each person; `mustRead`: stays
    until the person confirms that they have read it. `atSignIn`: the sign-in page shows it too, to everybody who opens it
    (of a company or a domain only).
    """

    title: Title
    place: Place
    shown_from: Time
    shown_until: Time
    body: Body = ""
    pinned: bool = True
    popup: bool = False
    must_read: bool = False
    at_sign_in: bool = False


class BulletinUpdate(Input, frozen=True):
    """A merge patch (RFC 7396). `showAgain`: show it to everyone again and reset who has read it."""

    title: Title | UnsetType = UNSET
    body: Body | UnsetType = UNSET
    place: Place | UnsetType = UNSET
    shown_from: Time | UnsetType = UNSET
    shown_until: Time | UnsetType = UNSET
    pinned: bool | UnsetType = UNSET
    popup: bool | UnsetType = UNSET
    must_read: bool | UnsetType = UNSET
    at_sign_in: bool | UnsetType = UNSET
    show_again: bool = False


class BulletinReader(Output, frozen=True):
    """A person of the audience; `readAt` null: not read."""

    account_id: Id
    address: str
    name: str
    department: str
    read_at: Time | None


class ReaderQuery(Input, frozen=True):
    """Which of them. `unread`: those who have not read it only."""

    unread: bool = False


class BulletinExportRequest(Input, frozen=True):
    """Why the table of people who have not read it is exported (at least ten characters)."""

    reason: Annotated[str, Meta(min_length=10, max_length=500)]


api = Resource(asks="anywhere")
_ONE = "/bulletins/{id}"


@api.get(
    "/bulletins", "Bulletins.", "bulletin.read", cli="bulletin list",
    columns="id title placeName shownFrom shownUntil pinned popup mustRead atSignIn",
)  # fmt: skip
async def _list(call: Call) -> Page[Bulletin]:
    rows = await call.services.bulletins.desk.list_all(call.actor, call.home)
    # The newest first: keys fall as numbers rise.
    return part(rows, lambda one: f"{(1 << 63) - one.row.id:019}", call.page, _told)


@api.post("/bulletins", "Publish a bulletin.", "bulletin.change", BulletinCreate, status=201, cli="bulletin new title")
async def _create(call: Call) -> Bulletin:
    body, place = call.body, scope_of(call.body.place)
    await call.may(place)
    wish = BulletinWish(
        place, BulletinText(body.title, body.body), milliseconds(body.shown_from), milliseconds(body.shown_until),
        body.pinned, body.popup, body.must_read, body.at_sign_in,
    )  # fmt: skip
    return _told(await call.services.bulletins.desk.make(call.actor, wish))


@api.get(_ONE, "One bulletin.", "bulletin.read", cli="bulletin show")
async def _get(call: Call) -> Bulletin:
    return _told(await call.services.bulletins.desk.get(call.actor, call.number()))


@api.patch(_ONE, "Change a bulletin.", "bulletin.change", BulletinUpdate, cli="bulletin set")
async def _change(call: Call) -> Bulletin:
    desk, body = call.services.bulletins.desk, call.body
    now = await desk.get(call.actor, call.number())
    row = now.row
    wish = BulletinWish(
        row.place if body.place is UNSET else scope_of(body.place),
        BulletinText(
            now.text.title if body.title is UNSET else body.title, now.text.body if body.body is UNSET else body.body
        ),
        row.shown_from if body.shown_from is UNSET else milliseconds(body.shown_from),
        row.shown_until if body.shown_until is UNSET else milliseconds(body.shown_until),
        row.pinned if body.pinned is UNSET else body.pinned,
        row.popup if body.popup is UNSET else body.popup,
        row.must_read if body.must_read is UNSET else body.must_read,
        row.at_sign_in if body.at_sign_in is UNSET else body.at_sign_in,
    )  # fmt: skip
    return _told(await desk.change(call.actor, row.id, wish, anew=body.show_again))


@api.post(f"{_ONE}/end", "End a bulletin.", "bulletin.change", cli="bulletin end")
async def _end(call: Call) -> Bulletin:
    return _told(await call.services.bulletins.desk.end(call.actor, call.number()))


@api.delete(_ONE, "Remove a bulletin and its list of readers.", "bulletin.change", cli="bulletin remove")
async def _drop(call: Call) -> None:
    await call.services.bulletins.desk.drop(call.actor, call.number())


@api.get(
    f"{_ONE}/readers", "Audience of a bulletin and who has read it.", "bulletin.read", query=ReaderQuery,
    cli="bulletin readers", columns="address name department readAt",
)  # fmt: skip
async def _readers(call: Call) -> Page[BulletinReader]:
    found = await call.services.bulletins.desk.readers(call.actor, call.number())
    rows = [one for one in found if not (call.query.unread and one.read_at)]
    return part(rows, lambda one: one.account.login, call.page, _reader)


@api.post(
    f"{_ONE}/unread-export", "Export who has not read a bulletin, as CSV.", "bulletin.read", BulletinExportRequest,
    stream=FILE, cli="bulletin unread",
)  # fmt: skip
async def _unread_table(call: Call) -> None:
    number = call.number()
    octets = await call.services.bulletins.desk.unread_table(call.actor, number, call.body.reason, call.language)
    await call.file(octets, f"unread-{number}.csv")


def _told(one: HeldBulletin) -> Bulletin:
    row: bulletins.Bulletin = one.row
    return Bulletin.from_row(
        row,
        title=one.text.title,
        body=one.text.body,
        place=f"{row.place.level}:{row.place.subject}",
        place_name=one.place_name,
        shown=one.shown,
        by=row.author,
    )


def _reader(one: Reader) -> BulletinReader:
    who = one.account
    return BulletinReader(str(int(who.id)), who.login, who.name, who.department, time_or_none(one.read_at))
