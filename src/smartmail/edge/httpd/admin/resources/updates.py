"""/updates: signed bundles for hosts without internet access; installed versions, rollback."""

from typing import Annotated

from msgspec import Meta

from smartmail.edge.httpd.admin.operation import Call
from smartmail.edge.httpd.admin.resource import Resource
from smartmail.edge.httpd.admin.shapes import Count, Input, Output, Page, Time, decoded, part
from smartmail.service.operations.updates import SYSTEM, Checked

MAX_BUNDLE = 64 << 20
"""Octets of a bundle by this way; a larger one is applied by command."""
MAX_BODY = MAX_BUNDLE * 4 // 3 + (1 << 20)
Content = Annotated[str, Meta(max_length=MAX_BODY, description="The bundle, in base64.")]


class SoftwareVersion(Output, frozen=True):
    """An installed version. The one of the first installation has the id `installed`."""

    id: str
    version: str
    fixes: list[str]
    chosen: bool
    running: bool
    healthy: bool
    previous: bool
    failed: str


class UpdateKey(Output, frozen=True):
    """The key that verifies bundles, "" for none; `proposalId`: another key waits for approval."""

    key: str
    proposal_id: str | None = None


class UpdateKeyUpdate(Input, frozen=True):
    """The vendor's public key (Ed25519, 32 bytes in base64)."""

    key: Annotated[str, Meta(min_length=40, max_length=48)]


class UpdateBundleUpload(Input, frozen=True):
    """A bundle. `noWayBack`: accept one that can be rolled back only by restoring a backup."""

    content: Content
    no_way_back: bool = False


class UpdateBundle(Output, frozen=True):
    """A bundle with a valid signature of its vendor."""

    id: str
    version: str
    made_at: Time
    fixes: list[str]
    notes: str
    files: Count
    way_back: bool


class UpdateRollback(Output, frozen=True):
    """The version that runs after the rollback."""

    id: str


api = Resource(asks="system")
_NO_CONTENT = "`content` is no base64"


@api.get("/updates", "Installed versions of this node.", "node.read", cli="update list", asks="anywhere")
async def _list(call: Call) -> Page[SoftwareVersion]:
    rows = await call.services.updates.states(call.actor)
    return part(
        rows, lambda one: one.id or "installed", call.page,
        lambda one: SoftwareVersion.from_row(one, id=one.id or "installed"),
    )  # fmt: skip


@api.get("/update-key", "The pinned vendor key.", "node.read", cli="update vendor-key", asks="anywhere")
async def _key(call: Call) -> UpdateKey:
    return UpdateKey(await call.services.updates.vendor_key(call.actor))


@api.put("/update-key", "Pin the vendor key.", "node.change", UpdateKeyUpdate, cli="update trust key", asks="anywhere")
async def _trust(call: Call) -> UpdateKey:
    await _proved(call)
    made = await call.services.updates.trust(call.actor, call.body.key, call.reason)
    proposal = None if made is None or made.proposal is None else str(made.proposal.row.id)
    return UpdateKey(await call.services.updates.vendor_key(call.actor), proposal)


async def _may_apply(call: Call) -> None:
    await call.may(SYSTEM)
    await _proved(call)


async def _proved(call: Call) -> None:
    """Ask a session for a proof that is only minutes old: another program is put in the place of this one."""
    if call.actor.by == "session":
        await call.services.step_up.require(call.actor)


@api.post("/updates/check", "Verify an update bundle.", "node.read", UpdateBundleUpload, body_octets=MAX_BODY)
async def _check(call: Call) -> UpdateBundle:
    return _told(await call.services.updates.check_octets(call.actor, decoded(call.body.content, _NO_CONTENT)))


@api.post(
    "/updates/apply", "Install an update bundle and switch to it.", "node.change", UpdateBundleUpload,
    body_octets=MAX_BODY, first=_may_apply,
)  # fmt: skip
async def _apply(call: Call) -> UpdateBundle:
    await _proved(call)
    octets = decoded(call.body.content, _NO_CONTENT)
    return _told(await call.services.updates.apply_octets(call.actor, octets, no_way_back=call.body.no_way_back))


@api.post("/updates/rollback", "Roll back to the previous version.", "node.change", asks="anywhere")
async def _back(call: Call) -> UpdateRollback:
    await _proved(call)
    return UpdateRollback(await call.services.updates.back(call.actor) or "installed")


def _told(one: Checked) -> UpdateBundle:
    it = one.manifest
    return UpdateBundle.from_row(it, files=len(it.files), way_back=one.way_back)
