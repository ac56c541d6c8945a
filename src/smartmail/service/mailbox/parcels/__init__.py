"""Parcels (메일함 내려받기·올리기, BR-20): a person's mail in one file, out of the mailbox or into it.

Must not know HTTP: the door is edge.httpd.parcels.
"""

from dataclasses import dataclass

from smartmail.service.mailbox.parcels.bundling import MailBundles
from smartmail.service.mailbox.parcels.desk import ParcelDesk, Wish
from smartmail.service.mailbox.parcels.parts import PartWriter
from smartmail.service.mailbox.parcels.texts import OpenParcel, ParcelText
from smartmail.service.mailbox.parcels.working import ParcelWork


@dataclass(frozen=True, slots=True)
class Parcels:
    """The parts that edges and jobs call."""

    desk: ParcelDesk
    work: ParcelWork
    bundles: MailBundles


__all__ = ["MailBundles", "OpenParcel", "ParcelDesk", "ParcelText", "ParcelWork", "Parcels", "PartWriter", "Wish"]
