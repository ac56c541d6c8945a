"""Flow: how mail moves: intake, filters, delivery, outgoing letters, the queue, routes, transport, traces.

NOUNS     letter, recipient, address, list, route, queue entry, attempt, report, story.
MAY ASK   mailbox, identity, protection, kernel.
Must not know who administers a company or how the system is run.
"""
