# Perl's Mail::IMAPClient does what its users do; what it was told goes out as JSON. Words: port, login, password.
use strict;
use warnings;
use JSON::PP;
use Mail::IMAPClient;

my ($port, $login, $password) = @ARGV;
my $line = Mail::IMAPClient->new(
    Server => "127.0.0.1", Port => $port, User => $login, Password => $password, Uid => 1, Timeout => 60, Ignoresizeerrors => 0,
) or die "no connection: $@";
my %told;

sub sure { my ($what, $done) = @_; defined $done or die "$what: " . ($line->LastError // "?"); return $done }

$told{capable} = { map { $_ => $line->has_capability($_) ? 1 : 0 } "SORT", "THREAD=REFERENCES", "CONDSTORE", "IDLE", "QUOTA" };
sure("create", $line->create("Work"));
sure("select", $line->select("INBOX"));
$told{search} = [ $line->search("SUBJECT", $line->Quote("reply")) ];
$told{since} = [ $line->since("24-Nov-2026") ];
$told{sorted} = [ $line->sort("REVERSE SUBJECT", "UTF-8", "ALL") ];
$told{threads} = sure("thread", $line->thread("REFERENCES", "UTF-8", "ALL"));
my ($first) = $line->messages;
sure("flag", $line->set_flag("Flagged", $first));
$told{flags} = [ sort grep { $_ ne "\\Recent" } $line->flags($first) ];
$told{subject} = $line->subject($first);
$told{text} = $line->bodypart_string($first, 1);
my $new = sure("append", $line->append_string("Work", "Subject: made\r\n\r\nbody\r\n", "\\Seen"));
$told{appended} = $new + 0;
sure("move", $line->move("Work", $first));
sure("expunge", $line->expunge);
$told{left} = $line->message_count("INBOX") + 0;
$told{work} = $line->message_count("Work") + 0;
# From here on every FETCH has a MODSEQ (RFC 7162 section 3.1), which its own `flags` would take for flags.
my ($highest) = join("", $line->status("Work", "HIGHESTMODSEQ")) =~ /STATUS "?Work"? \(HIGHESTMODSEQ (\d+)\)/;
$told{highest} = sure("highestmodseq", $highest) + 0;
my $idle = sure("idle", $line->idle);
sure("done", $line->done($idle));
sure("rename", $line->rename("Work", "Done"));
$told{folders} = [ sort grep { /Work|Done/ } $line->folders ];
sure("logout", $line->logout);
print encode_json(\%told);
