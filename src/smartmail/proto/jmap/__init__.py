"""JMAP envelope, result references, patch and error shapes (RFC 8620), and the arguments of mail (RFC 8621).

NAME
    jmap — the JSON side of JMAP as pure functions.
PURPOSE
    Reads a request, calls handlers out of a dispatch table, resolves references between calls, writes the response.
    Knows no account, no store and no HTTP: handlers come in, octets go out. Read first: `envelope`, `dispatch`,
    `core`.
STATES
    None between requests; within one, the list of responses and the map of created ids.
LIMITS
    `limits.Limits`: octets of a request, calls in it, objects per get and set, depth and size of filters, work of a
    result reference. Told to clients by the Core capability.
FAILURE
    `errors.RequestError` for a whole request (problem+json), `errors.MethodError` for one call; anything else that a
    handler raises becomes `serverFail` without a word of its text, and is handed to `on_failure`.
SECURITY
    Every argument is converted to a declared shape before a handler sees it; unknown arguments are refused.
STANDARDS
    RFC 8620, RFC 8621, RFC 6901, RFC 7493.
"""
