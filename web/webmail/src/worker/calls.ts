/** Calls of the worker, with the person's own session. */
import { CAPABILITY } from '@smartmail/jmap/types.ts';
import type { Memo } from '../app/worker-memo.ts';

/** The answer of each; undefined for one that was refused. Raises where the server cannot be asked. */
export async function call(memo: Memo, methodCalls: [string, object, string][]): Promise<unknown[]> {
  const response = await fetch(memo.apiUrl, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'Content-Type': 'application/json', 'X-SmartMail': '1' },
    body: JSON.stringify({ using: [CAPABILITY.core, CAPABILITY.mail, CAPABILITY.own], methodCalls }),
  });
  if (!response.ok) throw new Error(`${response.status}`);
  const { methodResponses } = (await response.json()) as { methodResponses: [string, unknown, string][] };
  return methodCalls.map(([, , id]) => methodResponses.find((each) => each[2] === id && each[0] !== 'error')?.[1]);
}
