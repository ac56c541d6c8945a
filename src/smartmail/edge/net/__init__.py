"""Listening, TLS, PROXY protocol, limits, deadlines and drain: what every listener shares. Knows no protocol.

NAME      edge.net
PURPOSE   Turns inherited listening sockets into calls on an engine driver: bytes in, bytes out, in order.
STATES    accepted → (PROXY header) → (TLS handshake) → open → closing → lost
LIMITS    Connections in all, per address and per network; one coarse deadline per connection; one unread piece
          of input while a command runs; write high-water mark of the transport.
FAILURE   A peer's mistake closes its own connection; an error of ours is logged and closes that connection only.
SECURITY  PROXY headers count only from trusted source addresses, and are demanded there. What was received in
          clear before STARTTLS is dropped by `EngineProtocol.start_tls`, whatever the engine did.
STANDARDS PROXY protocol v1 and v2; TLS 1.2 and later.

Must not know any mail protocol, service or port. Read first: wire.py, engine.py, listener.py.
"""
