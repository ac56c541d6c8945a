"""ManageSieve over sockets (RFC 5804). Read first: session.py."""
