# Perl's Mail::IMAPTalk, which tests of other servers are written with, speaks the extensions that it knows; what it was told
# goes out as JSON. Words: port, login, password.
use strict;
use warnings;
use JSON::PP;
use Mail::IMAPTalk;

my ($port, $login, $password) = @ARGV;
my $line = Mail::IMAPTalk->new(
    Server => "127.0.0.1", Port => $port, Username => $login, Password => $password, Uid => 1, Timeout => 60,
) or die "no connection: $@";
my %told;

sub sure { my ($what, $done) = @_; defined $done or die "$what: " . ($line->get_last_error // "?"); return $done }

sure("select", $line->select("INBOX"));
$told{exists} = $line->get_response_code("exists") + 0;
$told{search} = [ $line->search("subject", "reply") ];
$told{sorted} = [ $line->sort("(reverse subject)", "UTF-8", "ALL") ];
$told{threads} = [ $line->thread("REFERENCES", "UTF-8", "ALL") ];
my $parts = sure("fetch", $line->fetch("1:*", "(envelope bodystructure flags modseq)"));
my ($first) = sort { $a <=> $b } keys %$parts;
$told{subject} = $parts->{$first}{envelope}{Subject};
$told{type} = "$parts->{$first}{bodystructure}{'MIME-Type'}/$parts->{$first}{bodystructure}{'MIME-Subtype'}";
my $before = $parts->{$first}{modseq}[0];
sure("store", $line->store($first, "+flags", "(\\flagged work)"));
my $after = sure("changed since", $line->fetch("1:*", "(flags)", "(changedsince $before)"));
$told{changed} = [ map { $_ == $first ? "first" : "another" } keys %$after ];
# A condition that does not hold (RFC 7162 section 3.1.3): the message is told as modified and stays as it is.
$line->_imap_cmd("uid store", 0, "", $first, "(unchangedsince 1)", "+flags.silent", "(\\deleted)");
my $flags = sure("flags", $line->fetch($first, "flags"))->{$first}{flags};
$told{flags} = [ sort grep { $_ ne "\\recent" } map { lc } @$flags ];
# NOTIFY (RFC 5465): another mailbox tells of what comes into it, without being selected.
sure("create", $line->create("Work"));
sure("notify", $line->_imap_cmd("notify", 0, "", "set", "(selected (MessageNew MessageExpunge))", "(personal (MessageNew MessageExpunge))"));
my $status = sure("status", $line->status("Work", "(messages highestmodseq uidvalidity)"));
$told{status} = [ sort map { lc } keys %$status ];
sure("copy", $line->copy($first, "Work"));
for (1 .. 600) {
    $line->_imap_cmd("noop", 0, "");
    $told{notified} = ($line->get_response_code("status") // {})->{Work}{messages};
    last if $told{notified};
    select(undef, undef, undef, 0.1);
}
$told{copied} = sure("status", $line->status("Work", "(messages)"))->{messages} + 0;
$told{namespace} = sure("namespace", $line->namespace)->[0][0][1] // "";
sure("delete", $line->delete("Work"));
$line->logout;
print encode_json(\%told);
