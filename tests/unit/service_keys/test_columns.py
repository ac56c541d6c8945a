"""Every column of octets in the schema is one that a change of keys knows: sealed under a key that it walks, or not at all."""

import re
from pathlib import Path

import smartmail.adapters.sql as sql
from smartmail.service.operations.keys.columns import ACCOUNT, ORGANIZATION, STAYS

OTHERWISE = {
    "keyed hashes, digests and signatures": """once_token.token_hash session.token_hash mailbox.name_hash thread_ref.ref_hash
        thread_ref.subject_hash keyword.name_hash delivery_key.key import_key.key queue_entry.sender_hash
        queue_recipient.address_hash credential.lookup filter_script.name_hash filter_memory.key annotation.name_hash
        audit_link.digest audit_link.seal audit_link.gone audit_head.digest audit_head.seal list_member.key
        acquaintance.key greylist.key known_sender.key correspondent.key sender_country.sender_hash sender_rule.hash
        phishing_case.similarity trace_key.key factor.lookup recovery_code.hash challenge.token_hash
        challenge.session_hash known_device.token_hash admin_answer.key_hash admin_answer.request_hash admin_key.lookup
        audit_anchor.signature audit.tag audit_untagged.seal login_attempt.tag oauth_code.code_hash oauth_code.client oauth_code.grant_lookup oauth_token.token_hash
        oauth_token.grant_lookup oauth_token.client big_link.token_hash big_download.ticket_hash
        secure_letter.message_hash secure_ticket.token_hash secure_view.session_hash contact_card.uid_hash
        brand_seen.mark invitation.uid_hash approval.digest leak_exception.mark
        leak_exception.fingerprint pull_seen.key pull_seen.digest
        reminder.ref_hash""",
    "ids of what is sealed": """message.blob_id summary.blob_id blob.id upload.blob_id queue_entry.blob_id
        search_text.blob_id vault.blob_id inspection.blob_id phishing_case.blob_id big_file.id big_part.file_id
        big_part.blob_id big_link.id big_link.file_id big_download.id big_download.link_id secure_letter.id secure_letter.blob_id
        secure_ticket.id secure_ticket.letter_id secure_view.id secure_view.ticket_id secure_view.letter_id volume_leaving.blob_id
        volume_finding.blob_id pull.id pull_seen.pull_id parcel.id parcel_part.parcel_id parcel_part.blob_id parcel_message.parcel_id""",
    "public or plain by design": """tombstone.gone search_segment.dead challenge.nonce geo_table.octets
        certificate_authority.der revocation_list.issuer revocation_list.der certificate_standing.fingerprint
        volume_work.cursor trace_act.acts brand_logo.source brand_logo.picture brand_logo.svg brand_logo.root
        share_letter.id""",
    "keys of companies and accounts themselves": """organization.wrapped_key organization.wrapped_queue_key
        account.wrapped_key""",
    "under the key of a company's queue, which is not changed": """queue_entry.wrapped_key queue_entry.sealed_envelope
        queue_entry.sealed_prefix queue_recipient.sealed queue_recipient.sealed_result trace_story.sealed
        trace_event.sealed trace_text.sealed""",
    "under the key of a file, of a secure letter, or of an original": """big_file.sealed big_part.wrapped_key big_link.sealed
        big_download.sealed secure_letter.content_key secure_letter.sealed secure_letter.sealed_summary
        secure_letter.wrapped_data_key secure_ticket.sealed secure_view.sealed blob.newer_key""",
    "under a key of the installation": """volume.sealed ban.sealed_note defence_allow.sealed_note
        policy_change.sealed_reason key_rotation.sealed""",
}


def schema() -> set[str]:
    """Return TABLE.COLUMN of all columns of octets."""
    found = set()
    for file in sorted(Path(sql.__file__).parent.joinpath("migrations").glob("*.sql")):
        text = re.sub(r"--[^\n]*", "", file.read_text())
        for table, body in re.findall(r"create table (\w+) \((.*?)\n\)", text, re.DOTALL):
            found |= {f"{table}.{name}" for name in re.findall(r"(\w+) bytea\b", body)}
        found |= {f"{table}.{name}" for table, name in re.findall(r"alter table (\w+) add column (\w+) bytea\b", text)}
        found -= {f"{table}.{name}" for table, name in re.findall(r"alter table (\w+) drop column (\w+)", text)}
    return found


def test_every_column_of_octets_is_known():
    walked = [f"{one.where.table}.{one.where.column}" for one in (*ACCOUNT, *ORGANIZATION)]
    other = [name for text in OTHERWISE.values() for name in text.split()]
    unknown = schema() - set(walked) - set(other) - set(STAYS)
    assert not unknown, (
        f"name these in service/operations/keys/columns.py (sealed under an account's or a company's key) or here: {sorted(unknown)}"
    )
    assert set(walked) | set(other) | set(STAYS) <= schema(), "named, but not there"
    assert not set(other) & (set(walked) | set(STAYS)) and not set(walked) & set(STAYS)
    assert len(other) == len(set(other))
