import type { Backend } from '@smartmail/jmap/backend.ts';
import { NetworkClient } from '@smartmail/jmap/network.ts';

/** The network client; in the demo build, generated mail as the address asks for (`?size=…`). */
export async function openBackend(): Promise<Backend> {
  if (!__DEMO__) return new NetworkClient();
  const { DemoClient } = await import('@smartmail/jmap/demo/client.ts');
  const query = new URLSearchParams(location.search);
  const client = new DemoClient({
    size: Number(query.get('size') ?? 12_345),
    delay: Number(query.get('delay') ?? 20),
    signedIn: !query.has('signIn'),
    broken: query.has('broken'),
    arrivals: Number(query.get('arrivals') ?? 0),
  });
  // A handle for tests and for showing live arrival by hand.
  Object.assign(globalThis, { demo: client });
  return client;
}
