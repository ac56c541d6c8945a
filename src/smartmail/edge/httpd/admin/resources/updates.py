"""/updates: signed bundles for hosts without a network; what is installed, what runs, the way back."""

import base64
import binascii
from typing import Annotated

from msgspec import Meta

from smartmail.domain.errors import Invalid
from smartmail.edge.httpd.admin.operation import Call, Operation
from smartmail.edge.httpd.admin.shapes import Asked, Count, Page, Time, Told, part, time_of
from smartmail.service.updates import SYSTEM, Checked

MAX_BUNDLE = 64 << 20
"""Octets of a bundle by this way; a larger one is applied by command."""
MAX_BODY = MAX_BUNDLE * 4 // 3 + (1 << 20)
Content = Annotated[str, Meta(max_length=MAX_BODY, description="The bundle, in base64.")]


class VersionTold(Told, frozen=True):
    """One version. The one that came with the installation has the id `installed`."""

    id: str
    version: str
    fixes: list[str]
    chosen: bool
    running: bool
    healthy: bool
    previous: bool
    failed: str


class VendorKey(Told, frozen=True):
    """The key that bundles must be signed with, "" for none; `proposalId`: another one waits for a second administrator."""

    key: str
    proposal_id: str | None = None


class VendorKeyAsked(Asked, frozen=True):
    """The vendor's public key (Ed25519, 32 octets in base64)."""

    key: Annotated[str, Meta(min_length=40, max_length=48)]


class BundleAsked(Asked, frozen=True):
    """A bundle. `noWayBack`: also one after which only a backup leads back."""

    content: Content
    no_way_back: bool = False


class BundleTold(Told, frozen=True):
    """A bundle that is what its vendor signed."""

    id: str
    version: str
    made_at: Time
    fixes: list[str]
    notes: str
    files: Count
    way_back: bool


class UpdateBack(Told, frozen=True):
    """The version that runs again."""

    id: str


async def _list(call: Call) -> Page[VersionTold]:
    await call.holds()
    rows = await call.services.updates.states(call.actor)
    return part(
        rows, lambda one: one.id or "installed", call.page,
        lambda one: VersionTold(
            one.id or "installed", one.version, list(one.fixes), one.chosen, one.running, one.healthy, one.previous,
            one.failed,
        ),
    )  # fmt: skip


async def _key(call: Call) -> VendorKey:
    await call.holds()
    return VendorKey(await call.services.updates.vendor_key(call.actor))


async def _trust(call: Call) -> VendorKey:
    await call.holds()
    await _proved(call)
    made = await call.services.updates.trust(call.actor, call.body.key, call.reason)
    proposal = None if made is None or made.proposal is None else str(made.proposal.row.id)
    return VendorKey(await call.services.updates.vendor_key(call.actor), proposal)


async def _check(call: Call) -> BundleTold:
    await call.holds()
    return _told(await call.services.updates.check_octets(call.actor, _octets(call.body.content)))


async def _apply(call: Call) -> BundleTold:
    await call.holds()
    await _proved(call)
    octets = _octets(call.body.content)
    return _told(await call.services.updates.apply_octets(call.actor, octets, no_way_back=call.body.no_way_back))


async def _back(call: Call) -> UpdateBack:
    await call.holds()
    await _proved(call)
    return UpdateBack(await call.services.updates.back(call.actor) or "installed")


async def _may_check(call: Call) -> None:
    await call.may(SYSTEM)


async def _may_apply(call: Call) -> None:
    await call.may(SYSTEM)
    await _proved(call)


async def _proved(call: Call) -> None:
    """Ask a session for a proof that is only minutes old: another program is put in the place of this one."""
    if call.actor.by == "session":
        await call.services.step_up.require(call.actor)


def _octets(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid("`content` is no base64") from None


def _told(one: Checked) -> BundleTold:
    it = one.manifest
    return BundleTold(it.id, it.version, time_of(it.made_at), list(it.fixes), it.notes, len(it.files), one.way_back)


OPERATIONS = (
    Operation("GET", "/updates", "Versions of this node.", _list, "node.read", Page[VersionTold], paged=True),
    Operation("GET", "/update-key", "The vendor's key.", _key, "node.read", VendorKey),
    Operation("PUT", "/update-key", "Pin the vendor's key.", _trust, "node.change", VendorKey, body=VendorKeyAsked),
    Operation(
        "POST", "/updates/check", "Check a bundle.", _check, "node.read", BundleTold, body=BundleAsked,
        body_octets=MAX_BODY, first=_may_check,
    ),
    Operation(
        "POST", "/updates/apply", "Install a bundle and let it run.", _apply, "node.change", BundleTold,
        body=BundleAsked, body_octets=MAX_BODY, first=_may_apply,
    ),
    Operation("POST", "/updates/back", "Let the version before run again.", _back, "node.change", UpdateBack),
)  # fmt: skip
