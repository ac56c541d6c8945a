"""Settings of the peers: what Debian ships, plus what a private instance on loopback needs.

Durability is as shipped: Postfix syncs its queue files, Dovecot's `mail_fsync = optimized` syncs what LMTP and APPEND
save. Logins are compared in clear on both sides, so that no password scheme is measured.
"""

import os
import subprocess
from pathlib import Path

DOVECOT = """\
dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
base_dir = @FOLDER@/run
state_dir = @FOLDER@/state
log_path = @FOLDER@/log
protocols = imap lmtp
listen = 127.0.0.1
auth_allow_cleartext = yes
first_valid_uid = 1
mail_driver = maildir
mail_path = @FOLDER@/mail/%{user | username}/Maildir
mail_home = @FOLDER@/mail/%{user | username}
mail_inbox_path = @FOLDER@/mail/%{user | username}/Maildir
mail_max_userip_connections = 1000
default_client_limit = 4000
lmtp_user_concurrency_limit = unlimited

passdb static {
  password = @PASSWORD@
}
userdb static {
  allow_all_users = yes
  fields {
    uid = 65534
    gid = 65534
    home = @FOLDER@/mail/%{user | username}
  }
}

namespace inbox {
  inbox = yes
  separator = /
}

service imap-login {
  process_limit = 2000
  inet_listener imap {
    port = @IMAP@
  }
  inet_listener imaps {
    port = @IMAPS@
    ssl = yes
  }
}
service imap {
  process_limit = 4000
}
service lmtp {
  inet_listener lmtp {
    port = @LMTP@
  }
}
"""

DOVECOT_PLAIN_TLS = """\
ssl = yes
ssl_server_cert_file = @FOLDER@/cert.pem
ssl_server_key_file = @FOLDER@/key.pem
"""

CRYPT = """\
mail_plugins {
  mail_crypt = yes
}
crypt_global_private_key main {
  crypt_private_key_file = @FOLDER@/crypt.key
}
crypt_global_public_key_file = @FOLDER@/crypt.pub
"""

POSTFIX_MAIN = """\
compatibility_level = 3.6
queue_directory = @FOLDER@/queue
data_directory = @FOLDER@/lib
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = @FOLDER@/log
maillog_file_prefixes = @FOLDER@
myhostname = mx.@DOMAIN@
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
biff = no
virtual_mailbox_domains = @DOMAIN@
virtual_mailbox_maps = static:all
virtual_transport = lmtp:inet:127.0.0.1:@LMTP@
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
"""

POSTFIX_MASTER = """\
127.0.0.1:@PORT@ inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def make_certificate(folder: Path) -> None:
    """Write a self-signed certificate for Dovecot."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", "/CN=localhost"),
            *("-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")),
        ],
        check=True,
        capture_output=True,
    )


def make_crypt_keys(folder: Path, owner: int) -> None:
    """Write the key pair of mail_crypt, readable by the user that the mail belongs to."""
    private, public = folder / "crypt.key", folder / "crypt.pub"
    made = subprocess.run(
        ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
        check=True,
        capture_output=True,
    )
    private.write_bytes(made.stdout)
    subprocess.run(
        ["openssl", "pkey", "-in", str(private), "-pubout", "-out", str(public)], check=True, capture_output=True
    )
    for file in (private, public):
        os.chown(file, owner, owner)
        file.chmod(0o400)
