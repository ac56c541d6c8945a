"""How far the work on a parcel is: said by the work, written by whoever watches it; and what it met on its way."""

from smartmail.service.mailbox.parcels.texts import SHOWN, ParcelText, Trouble


class Progress:
    """`done` of `total`; counts of the text that will be sealed at the end."""

    def __init__(self, total: int = 0) -> None:
        self.done = 0
        self.total = total
        self.taken = 0
        self.present = 0
        self.ignored = 0
        self.failed = 0
        self._troubles: list[Trouble] = []

    def fail(self, place: str, reason: str) -> None:
        """Count a message that does not come along."""
        self.failed += 1
        if len(self._troubles) < SHOWN:
            self._troubles.append(Trouble(place[-300:], reason[:200]))

    def text(self, asked: ParcelText, reason: str = "") -> ParcelText:
        """Return what was asked for with what came of it."""
        return ParcelText(
            asked.name, asked.mailboxes, asked.since, asked.until, asked.mailbox_id, self.taken, self.present,
            self.ignored, self.failed, tuple(self._troubles), reason, asked.form,
        )  # fmt: skip
