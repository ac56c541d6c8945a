"""The replies that the server engine gives by itself. One place, so that wording and codes agree."""

from typing import Final

from smartmail.proto.smtp.reply import Reply

MAIL_OK: Final = Reply(250, "2.1.0", "Sender ok")
RCPT_OK: Final = Reply(250, "2.1.5", "Recipient ok")
DATA_GO: Final = Reply(354, "", "End data with <CR><LF>.<CR><LF>")
ACCEPTED: Final = Reply(250, "2.0.0", "Message accepted")
TLS_GO: Final = Reply(220, "2.0.0", "Ready to start TLS")
AUTH_OK: Final = Reply(235, "2.7.0", "Authentication succeeded")
RESET_OK: Final = Reply(250, "2.0.0", "Reset")
NOOP_OK: Final = Reply(250, "2.0.0", "Ok")
BYE: Final = Reply(221, "2.0.0", "Bye")
# RFC 5321 §3.5.3: 252 says neither yes nor no; who exists here is not told.
VRFY: Final = Reply(252, "2.5.0", "Cannot verify; send a message and see")
HELP: Final = Reply(214, "2.0.0", "See RFC 5321; postmaster reads mail")

UNKNOWN: Final = Reply(500, "5.5.1", "Command not known")
NOT_OFFERED: Final = Reply(502, "5.5.1", "Command not offered")
LINE_TOO_LONG: Final = Reply(500, "5.5.6", "Line too long")
BARE: Final = Reply(500, "5.5.2", "A line ends with CRLF and holds no other CR or LF")
NOT_TEXT: Final = Reply(500, "5.5.2", "Line is neither ASCII nor UTF-8")
NO_PARAMETERS: Final = Reply(501, "5.5.4", "Command takes no parameters")
SYNTAX: Final = Reply(501, "5.5.4", "Syntax error in parameters")
BAD_HELLO: Final = Reply(501, "5.5.4", "Domain name or address literal expected")
BAD_SENDER: Final = Reply(501, "5.1.7", "Syntax: MAIL FROM:<address>")
BAD_RECIPIENT: Final = Reply(501, "5.1.3", "Syntax: RCPT TO:<address>")
BAD_PARAMETER: Final = Reply(501, "5.5.4", "Bad parameter value")
UNKNOWN_PARAMETER: Final = Reply(555, "5.5.4", "Parameter not known")
# RFC 6531 §3.5
NEEDS_SMTPUTF8_SENDER: Final = Reply(550, "5.6.7", "Address needs SMTPUTF8")
NEEDS_SMTPUTF8: Final = Reply(553, "5.6.7", "Address needs SMTPUTF8")

HELLO_FIRST: Final = Reply(503, "5.5.1", "Say hello first")
MAIL_FIRST: Final = Reply(503, "5.5.1", "Need MAIL first")
RCPT_FIRST: Final = Reply(503, "5.5.1", "Need RCPT first")
NESTED_MAIL: Final = Reply(503, "5.5.1", "Transaction already open")
CHUNKS_ONLY: Final = Reply(503, "5.5.1", "Only BDAT or RSET between chunks")
RSET_FIRST: Final = Reply(503, "5.5.1", "Message failed; need RSET first")
NOT_NOW: Final = Reply(503, "5.5.1", "Not allowed during a transaction")
REFUSED: Final = Reply(503, "5.5.1", "No service here; only QUIT")
NO_RECIPIENTS: Final = Reply(554, "5.5.1", "No valid recipients")
TOO_MANY_RECIPIENTS: Final = Reply(452, "4.5.3", "Too many recipients; send the rest in another transaction")

TOO_LARGE: Final = Reply(552, "5.3.4", "Message too large")
BARE_DATA: Final = Reply(554, "5.6.0", "Message holds a bare CR or LF; lines end with CRLF only")

TLS_FIRST: Final = Reply(530, "5.7.0", "Must issue a STARTTLS command first")
TLS_ACTIVE: Final = Reply(503, "5.5.1", "TLS already active")
AUTH_FIRST: Final = Reply(530, "5.7.0", "Authentication required")
AUTH_TWICE: Final = Reply(503, "5.5.1", "Already authenticated")
AUTH_NEEDS_TLS: Final = Reply(538, "5.7.11", "Encryption required for authentication")
AUTH_UNKNOWN: Final = Reply(504, "5.5.4", "Mechanism not offered")
AUTH_CANCELLED: Final = Reply(501, "5.7.0", "Authentication cancelled")
AUTH_NOT_BASE64: Final = Reply(501, "5.5.2", "Not base64")
AUTH_TOO_LONG: Final = Reply(500, "5.5.6", "Authentication exchange line too long")
AUTH_FAILED: Final = Reply(535, "5.7.8", "Authentication credentials invalid")

# 421 always closes (RFC 5321 §3.8).
EARLY_TALK: Final = Reply(554, "5.5.0", "Protocol error: wait for replies")
TOO_MANY_ERRORS: Final = Reply(421, "4.7.0", "Too many errors")
TOO_MANY_REFUSALS: Final = Reply(421, "4.7.0", "Too many refused commands")
TOO_IDLE: Final = Reply(421, "4.7.0", "Too many commands without mail")
TOO_MANY_LOGINS: Final = Reply(421, "4.7.0", "Too many failed logins")
FLOOD: Final = Reply(421, "4.7.0", "Too much data after a refusal")
ENDLESS_LINE: Final = Reply(421, "4.7.0", "Line without an end")
