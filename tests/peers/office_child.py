"""Opens IMAP connections over TLS from the network namespace it runs in: what a whole office or one flooder does.

    office_child.py HOST PORT log-in COUNT LOGIN…      COUNT connections, logged in as the names in turn, all held open
    office_child.py HOST PORT flood COUNT              COUNT connections that say nothing, held open

Prints one JSON object with the counts of what the server answered, holds everything until its standard input ends.
"""

import asyncio
import collections
import json
import resource
import ssl
import sys

PASSWORD = "bench"  # the accounts of `serve --bench`
AT_ONCE = 40


def any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def main(host: str, port: int, what: str, count: int, logins: list[str]) -> None:
    tls, slots, held, counts = any_certificate(), asyncio.Semaphore(AT_ONCE), [], collections.Counter()

    async def come(number: int) -> None:
        async with slots:
            try:
                reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port, ssl=tls), 120)
                held.append(writer)
                greeting = (await asyncio.wait_for(reader.readline(), 120)).decode()
                if what == "flood" or not greeting.startswith("* OK"):
                    counts[" ".join(greeting.split()[:3])[:30] or "closed"] += 1
                    return
                writer.write(f'a LOGIN "{logins[number % len(logins)]}" "{PASSWORD}"\r\n'.encode())
                while not (line := await asyncio.wait_for(reader.readline(), 120)).startswith(b"a "):
                    if not line:
                        break
                counts["in" if line.startswith(b"a OK") else line.decode()[:40]] += 1
            except (OSError, TimeoutError) as error:
                counts[type(error).__name__] += 1

    await asyncio.gather(*(come(number) for number in range(count)))
    print(json.dumps(counts), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for writer in held:
        writer.transport.abort()


if __name__ == "__main__":
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5:]))
