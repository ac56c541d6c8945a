import type { Backend } from '@smartmail/jmap/backend.ts';
import { NetworkClient } from '@smartmail/jmap/network.ts';
import { device } from './device.svelte.ts';

/** The network client behind the device's own memory; in the demo build, generated mail as the address asks for (`?size=…`). */
export async function openBackend(): Promise<Backend> {
  if (!__DEMO__) return device.between(new NetworkClient());
  const { DemoClient } = await import('@smartmail/jmap/demo/client.ts');
  const query = new URLSearchParams(location.search);
  const client = new DemoClient({
    size: Number(query.get('size') ?? 12_345),
    delay: Number(query.get('delay') ?? 20),
    signedIn: !query.has('signIn'),
    broken: query.has('broken'),
    arrivals: Number(query.get('arrivals') ?? 0),
    keeps: query.has('keep'),
    approvals: query.get('approvals'),
    told: JSON.parse(query.get('told') ?? '{}') as Record<string, unknown>,
  });
  // A handle for tests and for showing live arrival by hand.
  Object.assign(globalThis, { demo: client });
  return query.has('keep') ? device.between(client) : client;
}
