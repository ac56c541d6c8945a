"""A worker that needs no store: each connection to `smtp` gets its process, then may give one order.

`TREE_ENTRY_OPENS_S` in the environment: how long it takes to open what a real one has, before it serves.
`TREE_ENTRY_THREAD`: importing this module begins a thread, which no module of the program may.
"""

import asyncio
import os
import subprocess
import threading
import time

from smartmail.base import log

if os.environ.get("TREE_ENTRY_THREAD"):
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()


async def run_worker(context):
    async def serve(reader, writer):
        writer.write(f"{context.process_name} {os.getpid()} {state['reloads']}\n".encode())
        order = (await reader.readline()).strip()
        if order == b"hang":
            time.sleep(600)
        elif order == b"exit":
            os._exit(3)
        elif order == b"child":
            writer.write(b"%d\n" % subprocess.Popen(["sleep", "600"]).pid)
            await writer.drain()
            await asyncio.sleep(600)
        elif order == b"log":
            for _ in range(2000):
                log.event("settings.reloaded")
            log.flush()
            writer.write(b"logged\n")
        elif order == b"name":
            writer.write(context.settings.file.names.mail.encode() + b"\n")
        elif order == b"wait":
            state["waiting"] += 1
            writer.write(b"waiting\n")
            await asyncio.sleep(0.5)
            writer.write(b"done\n")
            state["waiting"] -= 1
        writer.close()

    state = {"reloads": 0, "waiting": 0}

    def reloaded():
        state["reloads"] += 1

    context.reload.add(reloaded)
    await asyncio.sleep(float(os.environ.get("TREE_ENTRY_OPENS_S", "0")))
    servers = [await asyncio.start_server(serve, sock=sock) for sock in context.listeners.get("smtp", [])]
    context.ready()
    await context.stopping.wait()
    for server in servers:
        server.close()
    while state["waiting"]:
        await asyncio.sleep(0.02)


async def never_starts(context):
    raise RuntimeError("no")


async def never_ready(context):
    await context.stopping.wait()
