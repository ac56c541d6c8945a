"""/setup: the wizard of an empty installation; /session/factors: the second factor that an administrator begins with.

SECURITY  /setup is public only as long as nobody can sign in, and asks for the token that the start printed.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from smartmail.domain.errors import Forbidden
from smartmail.domain.ids import SubmissionId
from smartmail.edge.httpd import security
from smartmail.edge.httpd.admin import proving
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.proving import COOKIE_TEXT
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Address, Asked, Count, DomainName, Id, Page, Told, Word, part
from smartmail.edge.httpd.sign_in.fields import page_of
from smartmail.service.auth import SESSION_MS
from smartmail.service.factors.enrolment import FactorInfo
from smartmail.service.founding import FirstMail, Founder, Progress

Secret = Annotated[str, Meta(min_length=1, max_length=1024)]
StepState = Literal["open", "done", "skipped"]


class SetupDoor(Told, frozen=True):
    """Whether this installation waits for its company."""

    open: bool


class Founding(Asked, frozen=True):
    """The company, its first domain and administrator. `token`: what the start printed; `local`: before the @."""

    token: Word
    organization: Word
    domain: DomainName
    local: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Word
    language: Literal["ko", "en", "ja", "zh-Hans", "zh-Hant"]
    password: Secret


class SetupStep(Told, frozen=True):
    """One step of the wizard."""

    name: str
    state: str


class SetupTold(Told, frozen=True):
    """How far the wizard is; `host` is the installation's name in mail, `domain` the administrator's."""

    steps: list[SetupStep]
    ended: bool
    host: str
    domain: str


class StepNoted(Asked, frozen=True):
    """What became of a step."""

    state: StepState


class FirstMailNew(Asked, frozen=True):
    """A mail from the administrator by the way that all mail takes."""

    to: Address
    subject: Annotated[str, Meta(min_length=1, max_length=200)]
    text: Annotated[str, Meta(min_length=1, max_length=4000)]


class FirstMailTold(Told, frozen=True):
    """What became of it. `state`: queued, delivered, failed; `inbox`: how many messages the writer has received."""

    id: Id
    to: str
    state: str
    reply: str
    inbox: Count


class OwnFactor(Told, frozen=True):
    """A second factor of one's own."""

    id: Id
    kind: str
    label: str


class FactorBegun(Asked, frozen=True):
    """A second factor to be enrolled; the password once more."""

    kind: Literal["totp", "passkey"]
    password: Secret


class FactorShown(Told, frozen=True):
    """What the page needs for it: for an authenticator app the secret, and a picture of it."""

    challenge: str
    shown: dict[str, Any]


class FactorFinished(Asked, frozen=True):
    """The answer; `response` as the kind has it ({"code": …})."""

    challenge: Word
    kind: Literal["totp", "passkey"]
    label: Annotated[str, Meta(max_length=100)]
    response: dict[str, Any]


class FactorMade(Told, frozen=True):
    """The factor, and with the first one the recovery codes: shown once."""

    factor: OwnFactor
    recovery: list[str]


async def _door(call: Call) -> SetupDoor:
    return SetupDoor(await call.services.founding.is_open())


async def _found(call: Call) -> None:
    security.require_own_page(call.request)
    body = call.body
    founder = Founder(body.organization, body.domain, body.local, body.name, body.language, body.password)
    account = await call.services.founding.found(body.token, founder)
    _actor, token = await proving.sign_in(call.services, call.request, account.login, body.password)
    call.answer.add(("set-cookie", COOKIE_TEXT.format(token, SESSION_MS // 1000)))


async def _progress(call: Call) -> SetupTold:
    await call.may(SYSTEM)
    return _told(call, await call.services.founding.progress(call.actor))


async def _note(call: Call) -> SetupTold:
    await call.may(SYSTEM)
    return _told(call, await call.services.founding.note(call.actor, call.path["step"], call.body.state))


async def _end(call: Call) -> SetupTold:
    await call.may(SYSTEM)
    return _told(call, await call.services.founding.end(call.actor))


async def _send(call: Call) -> FirstMailTold:
    await call.may(SYSTEM)
    body = call.body
    return _mail(await call.services.founding.send_first(call.actor, body.to, body.subject, body.text))


async def _sent(call: Call) -> FirstMailTold:
    await call.may(SYSTEM)
    return _mail(await call.services.founding.first_mail(call.actor, SubmissionId(call.number())))


async def _factors(call: Call) -> Page[OwnFactor]:
    _refuse_keys(call)
    rows, _left = await call.services.enrolment.list(call.actor)
    return part(rows, lambda one: one.id, call.page, _factor)


async def _begin_factor(call: Call) -> FactorShown:
    _refuse_keys(call)
    body, page = call.body, page_of(call.request, "admin")
    token, shown = await call.services.enrolment.begin(call.actor, body.kind, body.password, page)
    return FactorShown(token, dict(shown))


async def _finish_factor(call: Call) -> FactorMade:
    _refuse_keys(call)
    body, page = call.body, page_of(call.request, "admin")
    made = await call.services.enrolment.finish(call.actor, body.challenge, body.kind, body.label, body.response, page)
    return FactorMade(_factor(made.info), list(made.recovery))


def _refuse_keys(call: Call) -> None:
    call.open_to_all()
    if call.actor.by == "key":
        raise Forbidden("a key has no factors")


def _told(call: Call, one: Progress) -> SetupTold:
    steps = [SetupStep(name, state) for name, state in one.steps.items()]
    domain = call.actor.login.rpartition("@")[2]
    return SetupTold(steps, one.ended, call.services.domain_records.host, domain)


def _mail(one: FirstMail) -> FirstMailTold:
    return FirstMailTold(str(one.id), one.to, one.state, one.reply, one.inbox)


def _factor(one: FactorInfo) -> OwnFactor:
    return OwnFactor(str(one.id), one.kind, one.label)


_MAIL = "/setup/first-mail"
OPERATIONS = (
    Operation("GET", "/setup", "Does it wait to be set up?", _door, answer=SetupDoor, public=True),
    Operation("POST", "/setup", "Make the company and its administrator.", _found, body=Founding, public=True),
    Operation("GET", "/setup/progress", "How far the wizard is.", _progress, "node.read", SetupTold),
    Operation("PUT", "/setup/steps/{step}", "Note what became of a step.", _note, "node.change", SetupTold, StepNoted),
    Operation("POST", "/setup/end", "Put the wizard away.", _end, "node.change", SetupTold),
    Operation("POST", _MAIL, "Send the first mail.", _send, "node.change", FirstMailTold, FirstMailNew, status=201),
    Operation("GET", f"{_MAIL}/{{id}}", "What became of it.", _sent, "node.read", FirstMailTold),
    Operation("GET", "/session/factors", "One's own second factors.", _factors, answer=Page[OwnFactor], paged=True, owing=True),
    Operation(
        "POST", "/session/factors", "Begin to enrol one.", _begin_factor, answer=FactorShown, body=FactorBegun, owing=True,
    ),
    Operation(
        "POST", "/session/factors/finish", "Enrol it.", _finish_factor, answer=FactorMade, body=FactorFinished, status=201,
        owing=True,
    ),
)  # fmt: skip
