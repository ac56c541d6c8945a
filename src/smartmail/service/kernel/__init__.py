"""Kernel: what every service uses: rights, policy, records of acts, sealed blobs, keys at hand, hints, clocks.

NOUNS     actor and right, permission and scope, policy snapshot, audit record, sealed blob, envelope, lease, hint.
MAY ASK   ports, policy, domain, formats. No other floor.
Must not know mailboxes, queues, people's records or what an administrator is shown.
"""
