"""What holdings ask of the store, in addition to what account life itself does."""

from typing import Protocol

from smartmail.ports.store_addressing import AddressingStore
from smartmail.ports.store_approvals import ApprovalStore
from smartmail.ports.store_big_files import BigFileStore
from smartmail.ports.store_directory import CredentialStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_policy import GroupStore
from smartmail.ports.store_proposals import ProposalStore
from smartmail.ports.store_records import RecordStore
from smartmail.ports.store_roles import RoleStore
from smartmail.ports.store_sharing import SharingStore
from smartmail.service.people.account_life import store


class Store(
    store.Store,
    AddressingStore,
    BigFileStore,
    CredentialStore,
    GroupStore,
    MailReads,
    ProposalStore,
    RecordStore,
    RoleStore,
    SharingStore,
    Protocol,
):
    """Its groups."""

    @property
    def approving(self) -> ApprovalStore:
        """Approvals of mail."""
        ...
