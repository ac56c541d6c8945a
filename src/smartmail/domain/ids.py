"""Identifiers. Numbers count per account unless said; text forms belong to the protocols that show them."""

from typing import NewType

OrganizationId = NewType("OrganizationId", int)
AccountId = NewType("AccountId", int)
MailboxId = NewType("MailboxId", int)
"""Counts per account from 1; 0 stands for "no parent"."""
MessageId = NewType("MessageId", int)
ThreadId = NewType("ThreadId", int)
IdentityId = NewType("IdentityId", int)
SubmissionId = NewType("SubmissionId", int)
QueueEntryId = NewType("QueueEntryId", int)
"""Unique in the cluster and rising with time (Clock.new_id)."""
VolumeId = NewType("VolumeId", int)
Uid = NewType("Uid", int)
ModSeq = NewType("ModSeq", int)
BlobId = NewType("BlobId", bytes)
"""Sixteen octets, unique in the installation: eight that rise with time, eight random ones."""

BLOB_ID_OCTETS = 16
NO_PARENT = MailboxId(0)
