"""NAME
    columns: what lies under an account's key and under a company's, column by column

STRATEGIES
    A key can be changed only when all that lies under it is known: each column is named here with what its values are bound
    to. A column that nobody names is found by tests/unit/service_keys/test_columns.py, which knows the whole schema.

LIMITS
    Under a company's key lie also texts of the record of acts, which are chained as they are sealed (docs/adr/0011), and a
    few settings: they stay, and open by the key of before, which hangs on the new one.

Must not know how values are read or written.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from smartmail.domain.rekeying import SealedColumn
from smartmail.formats.seal import ID_OCTETS, Kind
from smartmail.service.flow.filters.sealing import CONTENT_SLOT, NAME_SLOT, PROBLEM_SLOT, VACATION_SLOT
from smartmail.service.identity.factors.challenges import slot
from smartmail.service.mailbox.search.segments import place_of

Ids = tuple[int | bytes, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column, the kind of its values, and what they are bound to beside their owner: made of the column's facts.
    `wrapped`: values are keys, wrapped.
    """

    where: SealedColumn
    kind: Kind
    ids: Callable[..., Ids]
    wrapped: bool = False


def _column(
    place: str, key: str, kind: Kind, facts: str = "", ids: Callable[..., Ids] | None = None, *, owner: str = "",
    wrapped: bool = False,
) -> Column:  # fmt: skip
    """Build one of words: `place` is TABLE.COLUMN, `key` and `facts` names of columns."""
    table, _, column = place.partition(".")
    more = {"owner": owner} if owner else {}
    where = SealedColumn(table, column, tuple(key.split()), tuple(facts.split()), **more)
    return Column(where, kind, ids or (lambda *values: values), wrapped)


def _begin(octets: bytes) -> Ids:
    return (octets[:ID_OCTETS],)


def _at(*slots: int) -> Callable[..., Ids]:
    return lambda *facts: (*facts, *slots)


def _month(text: str) -> int:
    return int(text.replace("-", ""))


_BLOB: Final = Kind.KEY_OF_BLOB
_PARCELS: Final = "parcel_id in (select p.id from parcel p where p.account_id = $1)"
_OWN_RULE: Final = "level = 'account' and place = ($1::bigint)::text"

ACCOUNT: Final[Sequence[Column]] = (
    _column("mailbox.sealed_name", "id", Kind.MAILBOX_NAME),
    _column("message.wrapped_key", "id", _BLOB, "blob_id", wrapped=True),
    _column("summary.sealed", "message_id", Kind.SUMMARY, "blob_id"),
    _column("search_text.sealed", "message_id", Kind.SEARCH_TEXT, "message_id"),
    _column(
        "search_bucket.sealed", "segment_id number", Kind.SEARCH_BUCKET, "segment_id number",
        lambda segment, number: (segment, place_of(number)),
    ),
    _column("inspection.sealed", "message_id", Kind.INSPECTION, "blob_id"),
    _column("vault.wrapped_key", "message_id", _BLOB, "blob_id", wrapped=True),
    _column("vault.sealed_summary", "message_id", Kind.SUMMARY, "blob_id"),
    _column("spam_lesson.sealed", "message_id", Kind.FILTER_MODEL, "message_id"),
    _column("spam_model.sealed", "organization_id", Kind.FILTER_MODEL, "", _at(0)),
    _column("keyword.sealed_name", "number", Kind.KEYWORD),
    _column("tag.sealed", "id", Kind.TAG),
    _column("identity.sealed", "id", Kind.IDENTITY),
    _column("submission.sealed", "id", Kind.SUBMISSION),
    _column("upload.wrapped_key", "blob_id", _BLOB, "blob_id", wrapped=True),
    _column("note.sealed", "id", Kind.NOTE, "message_id"),
    _column("sent_by.sealed", "message_id", Kind.SENT_BY),
    _column("annotation.sealed", "mailbox_id owner_id name_hash", Kind.ANNOTATION, "mailbox_id name_hash"),
    _column("filter_script.sealed_name", "id", Kind.SCRIPT, "", _at(NAME_SLOT)),
    _column("filter_script.sealed", "id", Kind.SCRIPT, "", _at(CONTENT_SLOT)),
    _column("filter_state.sealed_vacation", "account_id", Kind.SCRIPT, "", _at(VACATION_SLOT)),
    _column("filter_state.sealed_problem", "account_id", Kind.SCRIPT, "", _at(PROBLEM_SLOT)),
    _column("push_subscription.sealed", "id", Kind.PUSH_SUBSCRIPTION, "id"),
    _column("sender_rule.sealed", "id", Kind.SENDER_RULE, "hash", owner=_OWN_RULE),
    _column("travel_pass.sealed_reason", "id", Kind.TRAVEL_PASS, "account_id asked_at"),
    _column("factor.sealed", "id", Kind.FACTOR, "kind created_at", slot),
    _column("factor.sealed_label", "id", Kind.FACTOR_LABEL, "created_at"),
    _column("challenge.sealed", "token_hash", Kind.FACTOR_BEGUN, "token_hash", _begin),
    _column("account_proof.sealed_recovery", "account_id", Kind.RECOVERY_ADDRESS),
    _column("known_device.sealed_name", "token_hash", Kind.DEVICE, "token_hash", _begin),
    _column("session.sealed_device", "token_hash", Kind.DEVICE, "token_hash", _begin),
    _column("credential.sealed_label", "id", Kind.CREDENTIAL_LABEL, "created_at"),
    _column("credential.sealed_hash", "id", Kind.PASSWORD_HASH, "created_at"),
    _column("photograph.sealed_small", "account_id", Kind.PHOTOGRAPH, "changed_at", _at(0)),
    _column("photograph.sealed_large", "account_id", Kind.PHOTOGRAPH, "changed_at", _at(1)),
    _column("oauth_code.sealed_label", "code_hash", Kind.OAUTH_LABEL, "code_hash", _begin),
    _column("big_file.wrapped_key", "id", Kind.KEY_OF_BIG_FILE, "id", wrapped=True),
    _column("secure_letter.wrapped_key", "id", Kind.KEY_OF_SECURE_LETTER, "id", wrapped=True),
    _column("address_book.sealed", "id", Kind.ADDRESS_BOOK, "id"),
    _column("contact_card.sealed", "id", Kind.CONTACT_CARD, "id"),
    _column("contact_line.sealed", "id", Kind.CONTACT_LINE, "id"),
    _column("parcel.sealed", "id", Kind.PARCEL, "id"),
    _column("correspondence.sealed", "account_id", Kind.CORRESPONDENCE),
    _column("recurring.sealed", "message_id", Kind.RECURRING, "message_id"),
    _column("pull.sealed", "id", Kind.PULL, "id"),
    _column("pull.sealed_said", "id", Kind.PULL_SAID, "id"),
    _column("invitation.sealed", "uid_hash", Kind.INVITATION, "uid_hash"),
    _column("parcel_part.wrapped_key", "parcel_id number", _BLOB, "blob_id", owner=_PARCELS, wrapped=True),
)  # fmt: skip

_HOME: Final = "organization_id = $1"
_DOMAINS: Final = "domain in (select d.name from domain d where d.organization_id = $1)"
_LISTS: Final = "list in (select s.address from stand_in s where s.organization_id = $1)"
_APPROVALS: Final = "approval_id in (select a.id from approval a where a.organization_id = $1)"
_IMPORTS: Final = "import_id in (select i.id from directory_import i where i.organization_id = $1)"


def _home(place: str, key: str, kind: Kind, facts: str = "", ids: Callable[..., Ids] | None = None) -> Column:
    return _column(place, key, kind, facts, ids, owner=_HOME)


ORGANIZATION: Final[Sequence[Column]] = (
    _column("phishing_case.wrapped_key", "id", _BLOB, "blob_id", owner=_HOME, wrapped=True),
    _home("phishing_case.sealed", "id", Kind.PHISHING_CASE, "blob_id"),
    _home("mail_purge.sealed", "id", Kind.PURGE, "started_at"),
    _home("consent_text.sealed", "name version language", Kind.CONSENT_TEXT, "at"),
    _home("person.sealed", "account_id", Kind.PERSON_FACTS, "account_id"),
    _home("planned_change.sealed", "id", Kind.PLANNED_CHANGE, "effective_at"),
    _home("admin_role.sealed_name", "id", Kind.ADMIN_ROLE),
    _home("act_proposal.sealed", "id", Kind.PROPOSAL, "act_key"),
    _home("act_proposal.sealed_result", "id", Kind.PROPOSAL, "act_key", _at(1)),
    _home("admin_job.sealed_request", "id", Kind.ADMIN_JOB, "account_id created_at"),
    _home("admin_job.sealed_result", "id", Kind.ADMIN_JOB, "account_id id"),
    _home("admin_key.sealed_label", "id", Kind.ADMIN_KEY_LABEL, "created_at"),
    _home("webhook.sealed", "id", Kind.WEBHOOK, "created_at"),
    _home("access_review.sealed_body", "month", Kind.REVIEW, "month", lambda month: (_month(month),)),
    _home("access_review.sealed_comment", "month", Kind.REVIEW, "month", lambda month: (_month(month), 1)),
    _home("investigation.sealed_reason", "id", Kind.INVESTIGATION, "account_id since"),
    _home("leaving.sealed", "account_id", Kind.LEAVING, "account_id"),
    _home("sponsorship.sealed", "account_id", Kind.SPONSORSHIP, "account_id"),
    _home("absence.sealed", "account_id", Kind.ABSENCE, "account_id"),
    _home("opening.sealed_reason", "id", Kind.OPENING, "account_id begun_at"),
    _home("team_template.sealed", "id", Kind.TEAM_TEMPLATE, "id"),
    _home("bulletin.sealed", "id", Kind.BULLETIN, "id"),
    _home("share_request.sealed", "id", Kind.SHARE_REQUEST, "id"),
    _home("appearance.sealed", "domain", Kind.APPEARANCE, "changed_at"),
    _home("figure_day.sealed", "day", Kind.FIGURES, "day", lambda day: (date.fromisoformat(day).toordinal(),)),
    _home("leak_incident.sealed", "id", Kind.LEAK_INCIDENT, "id"),
    _home("leak_incident.sealed_values", "id", Kind.LEAK_VALUES, "id"),
    _home("leak_exception.sealed", "id", Kind.LEAK_EXCEPTION, "id"),
    _home("relay.sealed", "id", Kind.RELAY),
    _home("approval.sealed", "id", Kind.APPROVAL, "entry_id"),
    _home("approval.sealed_letter", "id", Kind.APPROVAL_LETTER, "entry_id"),
    _column("approval_act.sealed", "approval_id number", Kind.APPROVAL_ACT, "approval_id at", owner=_APPROVALS),
    _column("dkim_key.sealed_private", "domain selector", Kind.SIGNING_KEY, owner=_DOMAINS),
    _column("list_member.sealed", "list key", Kind.LIST_MEMBER, "key", owner=_LISTS),
    _column("directory_import_step.sealed", "import_id number", Kind.DIRECTORY_IMPORT, "import_id number", owner=_IMPORTS),
    _column(
        "spam_model.sealed", "account_id", Kind.FILTER_MODEL, "", _at(0), owner=f"{_HOME} and account_id = 0"
    ),
    _column(
        "sender_rule.sealed", "id", Kind.SENDER_RULE, "hash",
        owner="level = 'organization' and place = ($1::bigint)::text",
    ),
)  # fmt: skip

STAYS: Final = {
    "audit.sealed_detail": "chained as it is sealed",
    "admin_answer.sealed_answer": "forgotten after a day",
    "break_glass.sealed_reason": "as the record of acts that it is of",
    "destruction.sealed_note": "of an account that is gone, in a register that is not written again",
    "stand_in.sealed": "bound to a keyed hash of its address",
}
"""What lies under a company's key and is not sealed anew: it opens by the key of before."""
