"""The one exception of the engines: our own misuse. What a peer does wrong is an event, never an exception."""


class LocalProtocolError(Exception):
    """The driver asked for something that the protocol state does not allow; a fault of ours."""
