"""Text out of attached documents: octets in, text out, one file per format.

What a document is, its octets say, not its name or declared type. Everything here expects to be lied to; the bounds of
`out.Limits` hold for a whole document with all that is packed inside it. No function raises anything but
`out.Unreadable` and `out.Enough`; `reading.extract` turns both into a result. Memory and time beyond these bounds are
the business of whoever runs this (adapters/extraction puts it into a child process that may be killed).
Read first: reading.py, out.py.
"""
