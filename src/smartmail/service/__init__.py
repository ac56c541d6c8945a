"""The use-cases, one function each: authorise, one transaction on one account, return domain values.

FLOORS, lower ones never import upper ones (a contract in pyproject.toml):

    people        who belongs to a company, arrives and leaves
    operations    what an operator does to the system
    governance    what a company decides and proves
    flow          how mail moves
    mailbox       a person's mail and what belongs to it
    identity      who comes in, and how that is known
    protection    whether a message or a connection is what it seems
    kernel        rights, policy, records of acts, sealed blobs: what every service uses

`catalogue` names the services that the edge is given. Must not know sockets, wire text or drivers.
Read first: mailbox.mailstore, flow.delivery, kernel.rights.
"""
