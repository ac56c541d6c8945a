"""Korean certificates (NPKI, GPKI): names, identity numbers, key files, proofs of possession, chains, revocation.

NAME        npki
PURPOSE     Pure judgements over certificates that people log in with. Octets, times and trusted authorities come in; nothing
            is fetched and nothing is kept. Off-the-shelf verifiers do not fit: they want extensions that these certificates
            do not have, or stumble over KISA's otherName.
PARTS       names (policy names, identity number), keyfile (protected keys, for tests and tools: the server never sees one),
            proof (the signed line), chain (path and extensions), revocation (OCSP, lists).
FAILURE     `Refusal` with the first reason that holds (KA-4).
STANDARDS   RFC 5280, RFC 5652, RFC 6960, RFC 8018, RFC 4269; KISA's identifyData (1.2.410.200004.10.1.1).
Must not know accounts, organisations or where an authority's list lies.
"""
