"""What the `/set` methods share: one report of what was done, and errors of single objects as exceptions."""

from collections.abc import Iterable
from typing import Any

from smartmail.domain.errors import MailError
from smartmail.edge.httpd.jmap.errors import set_error
from smartmail.proto.jmap.core import SetAnswer, SetArguments
from smartmail.proto.jmap.dispatch import CreatedIds
from smartmail.proto.jmap.errors import SetError, invalid_properties


class Refused(Exception):
    """One object is left as it is."""

    def __init__(self, error: SetError) -> None:
        super().__init__(error.type)
        self.error = error


def refuse(*properties: str, description: str = "") -> Refused:
    """Return the refusal that names properties."""
    return Refused(invalid_properties(*properties, description=description))


def why(error: Refused | MailError) -> SetError:
    """Return the SetError of an exception."""
    return error.error if isinstance(error, Refused) else set_error(error)


class Report:
    """Collects the outcome of a `/set`."""

    def __init__(self, created_ids: CreatedIds) -> None:
        self._created_ids = created_ids
        self.created: dict[str, Any] = {}
        self.updated: dict[str, Any] = {}
        self.destroyed: list[str] = []
        self.not_created: dict[str, SetError] = {}
        self.not_updated: dict[str, SetError] = {}
        self.not_destroyed: dict[str, SetError] = {}

    def made(self, creation_id: str, object_: dict[str, Any]) -> None:
        """Note a new object; from now on `#creation_id` means it."""
        self.created[creation_id] = object_
        self._created_ids[creation_id] = object_["id"]

    def updates(self, arguments: SetArguments) -> dict[str, tuple[str, dict[str, Any]]]:
        """Return key as asked → (id, patch), without objects that the same call destroys (RFC 8620 §5.3)."""
        doomed = {self._created_ids.resolve(one) for one in arguments.destroy or ()}
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        for key, patch in (arguments.update or {}).items():
            target = self._created_ids.resolve(key)
            if target is None:
                self.not_updated[key] = SetError("notFound")
            elif target in doomed:
                self.not_updated[key] = SetError("willDestroy")
            else:
                found[key] = (target, patch)
        return found

    def destroys(self, arguments: SetArguments) -> dict[str, str]:
        """Return key as asked → id of what shall be destroyed."""
        found: dict[str, str] = {}
        for key in arguments.destroy or ():
            target = self._created_ids.resolve(key)
            if target is None:
                self.not_destroyed[key] = SetError("notFound")
            else:
                found[key] = target
        return found

    def answer(self, account_id: str, old_state: str | None, new_state: str) -> SetAnswer:
        """Return the answer; what is empty is null."""
        return SetAnswer(
            account_id=account_id,
            old_state=old_state,
            new_state=new_state,
            created=self.created or None,
            updated=self.updated or None,
            destroyed=self.destroyed or None,
            not_created=self.not_created or None,
            not_updated=self.not_updated or None,
            not_destroyed=self.not_destroyed or None,
        )


def unknown_properties(given: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return the names that an object does not have, so that they can be told all at once."""
    names = set(known)
    return [name for name in given if name not in names]
