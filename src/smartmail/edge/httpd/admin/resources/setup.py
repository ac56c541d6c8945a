"""/setup: the wizard of an empty installation; /session/factors: the first second factor of an administrator.

SECURITY  /setup is public only as long as nobody can sign in, and asks for the token that the start printed.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from smartmail.domain.errors import Forbidden
from smartmail.domain.ids import SubmissionId
from smartmail.edge.httpd import security
from smartmail.edge.httpd.admin import proving
from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.proving import COOKIE_TEXT
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.resources.installation import SYSTEM
from smartmail.edge.httpd.admin.shapes import Address, Count, DomainName, Id, Input, Output, Page, Word, part
from smartmail.edge.httpd.sign_in.fields import page_of
from smartmail.service.identity.auth import SESSION_MS
from smartmail.service.people.founding import Founder, Progress

Secret = Annotated[str, Meta(min_length=1, max_length=1024)]
StepState = Literal["open", "done", "skipped"]


class SetupStatus(Output, frozen=True):
    """Whether this installation can still be set up."""

    open: bool


class SetupRequest(Input, frozen=True):
    """The organization, its first domain and administrator. `token`: printed at the first start; `local`: the part
    before the @.
    """

    token: Word
    organization: Word
    domain: DomainName
    local: Annotated[str, Meta(min_length=1, max_length=64)]
    name: Word
    language: Literal["ko", "en", "ja", "zh-Hans", "zh-Hant"]
    password: Secret


class SetupStep(Output, frozen=True):
    """One step of the wizard."""

    name: str
    state: str


class SetupProgress(Output, frozen=True):
    """Progress of the setup wizard. `host`: the mail host name of the installation; `domain`: that of the
    administrator.
    """

    steps: list[SetupStep]
    ended: bool
    host: str
    domain: str


class SetupStepUpdate(Input, frozen=True):
    """Result of a step."""

    state: StepState


class FirstMailCreate(Input, frozen=True):
    """A message from the administrator, sent like any other message."""

    to: Address
    subject: Annotated[str, Meta(min_length=1, max_length=200)]
    text: Annotated[str, Meta(min_length=1, max_length=4000)]


class FirstMail(Output, frozen=True):
    """Result of the first message. `state`: queued, delivered, failed; `inbox`: messages in the sender's inbox."""

    id: Id
    to: str
    state: str
    reply: str
    inbox: Count


class OwnFactor(Output, frozen=True):
    """A second factor of the signed-in administrator."""

    id: Id
    kind: str
    label: str


class FactorEnrollRequest(Input, frozen=True):
    """A second factor to enrol; the password is asked again."""

    kind: Literal["totp", "passkey"]
    password: Secret


class FactorPrompt(Output, frozen=True):
    """Data for the enrolment: for an authenticator app the secret and a QR code."""

    challenge: str
    shown: dict[str, Any]


class FactorConfirmRequest(Input, frozen=True):
    """The answer that completes an enrolment. `response` depends on the kind: {"code": …}."""

    challenge: Word
    kind: Literal["totp", "passkey"]
    label: Annotated[str, Meta(max_length=100)]
    response: dict[str, Any]


class FactorEnrolled(Output, frozen=True):
    """The enrolled factor; with the first one also the recovery codes, which are returned only once."""

    factor: OwnFactor
    recovery: list[str]


api = Resource()
_MAIL = "/setup/first-mail"


@api.get("/setup", "Whether the installation can be set up.", public=True)
async def _door(call: Call) -> SetupStatus:
    return SetupStatus(await call.services.founding.is_open())


@api.post("/setup", "Create the organization and its administrator.", body=SetupRequest, public=True)
async def _found(call: Call) -> None:
    security.require_own_page(call.request)
    body = call.body
    founder = Founder(body.organization, body.domain, body.local, body.name, body.language, body.password)
    account = await call.services.founding.found(body.token, founder)
    _actor, token = await proving.sign_in(call.services, call.request, account.login, body.password)
    call.answer.add(("set-cookie", COOKIE_TEXT.format(token, SESSION_MS // 1000)))


@api.get("/setup/progress", "Progress of the setup wizard.", "node.read")
async def _progress(call: Call) -> SetupProgress:
    await call.may(SYSTEM)
    return await _told(call, await call.services.founding.progress(call.actor))


@api.put("/setup/steps/{step}", "Record the result of a step.", "node.change", SetupStepUpdate)
async def _note(call: Call) -> SetupProgress:
    await call.may(SYSTEM)
    return await _told(call, await call.services.founding.note(call.actor, call.path["step"], call.body.state))


@api.post("/setup/end", "Dismiss the setup wizard.", "node.change")
async def _end(call: Call) -> SetupProgress:
    await call.may(SYSTEM)
    return await _told(call, await call.services.founding.end(call.actor))


@api.post(_MAIL, "Send the first message.", "node.change", FirstMailCreate, status=201)
async def _send(call: Call) -> FirstMail:
    await call.may(SYSTEM)
    body = call.body
    return FirstMail.from_row(await call.services.founding.send_first(call.actor, body.to, body.subject, body.text))


@api.get(f"{_MAIL}/{{id}}", "Delivery state of the first message.", "node.read")
async def _sent(call: Call) -> FirstMail:
    await call.may(SYSTEM)
    return FirstMail.from_row(await call.services.founding.first_mail(call.actor, SubmissionId(call.number())))


@api.get("/session/factors", "Second factors of the signed-in administrator.", owing=True)
async def _factors(call: Call) -> Page[OwnFactor]:
    _refuse_keys(call)
    rows, _left = await call.services.enrolment.list(call.actor)
    return part(rows, lambda one: one.id, call.page, OwnFactor.from_row)


@api.post("/session/factors", "Start the enrolment of a second factor.", body=FactorEnrollRequest, owing=True)
async def _begin_factor(call: Call) -> FactorPrompt:
    _refuse_keys(call)
    body, page = call.body, page_of(call.request, "admin")
    token, shown = await call.services.enrolment.begin(call.actor, body.kind, body.password, page)
    return FactorPrompt(token, dict(shown))


@api.post("/session/factors/finish", "Finish the enrolment.", body=FactorConfirmRequest, status=201, owing=True)
async def _finish_factor(call: Call) -> FactorEnrolled:
    _refuse_keys(call)
    body, page = call.body, page_of(call.request, "admin")
    made = await call.services.enrolment.finish(call.actor, body.challenge, body.kind, body.label, body.response, page)
    return FactorEnrolled(OwnFactor.from_row(made.info), list(made.recovery))


def _refuse_keys(call: Call) -> None:
    call.open_to_all()
    if call.actor.by == "key":
        raise Forbidden("a key has no factors", reason="consent.person")


async def _told(call: Call, one: Progress) -> SetupProgress:
    steps = [SetupStep(name, state) for name, state in one.steps.items()]
    domain = call.actor.login.rpartition("@")[2]
    return SetupProgress(steps, one.ended, await call.services.domain_records.host(), domain)
