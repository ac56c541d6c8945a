"""Bulletins (공지): what a company tells its people in the webmail, beside mail.

`BulletinDesk` (desk.py): administrators make, change and end them, and learn who has not read one.
`BulletinBoard` (board.py): people see those that are for them, and say that they read.
`BulletinNews` (readers.py): which devices have yet to hear of them.
Must not know JMAP or the admin API.
"""

from dataclasses import dataclass

from smartmail.service.mailbox.bulletins.board import BulletinBoard, BulletinWatch, ShownBulletin
from smartmail.service.mailbox.bulletins.desk import BulletinDesk, BulletinWish, HeldBulletin, Reader
from smartmail.service.mailbox.bulletins.readers import BulletinNews
from smartmail.service.mailbox.bulletins.texts import BulletinText


@dataclass(frozen=True, slots=True)
class Bulletins:
    """The parts that edges and commands call."""

    desk: BulletinDesk
    board: BulletinBoard
    news: BulletinNews


__all__ = [
    "BulletinBoard", "BulletinDesk", "BulletinNews", "BulletinText", "BulletinWatch", "BulletinWish", "Bulletins", "HeldBulletin",
    "Reader", "ShownBulletin",
]  # fmt: skip
