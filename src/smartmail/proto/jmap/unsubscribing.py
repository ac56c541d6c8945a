"""Shapes of our own Email/unsubscribe: leaving a mailing list by one click (RFC 8058)."""

from smartmail.proto.jmap.core import Answer, Arguments, Id


class UnsubscribeArguments(Arguments, frozen=True, kw_only=True):
    """`id`: an Email of the list."""

    id: Id


class UnsubscribeAnswer(Answer, frozen=True, kw_only=True):
    """`outcome`: "done"; "notOffered" (no one-click address), "notProved" (nobody answers for the message), "refused"
    (the list's server did not take it).
    """

    id: str
    outcome: str
