"""Message trace: what became of every message, told in words; and the books that show that none was lost.

`recording.Tracer` takes what services tell and writes it behind them; `service.TraceService` answers; `books` settles
and checks. Read domain/trace.py first, then docs/adr/0026-message-trace.md. Must not know sockets, SQL or the wire.
"""
