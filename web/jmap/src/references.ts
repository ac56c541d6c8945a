/** Back-references between the calls of one request (RFC 8620 §3.7), with the one wildcard that the client uses. */
import type { Invocation } from './methods.ts';

type Json = Record<string, unknown>;

export function resolveReferences(args: Json, responses: readonly Invocation[]): Json {
  const result: Json = {};
  for (const [key, value] of Object.entries(args)) {
    if (!key.startsWith('#')) {
      result[key] = value;
      continue;
    }
    const { resultOf, path } = value as { resultOf: string; path: string };
    const answer = responses.find((response) => response[2] === resultOf);
    if (!answer || answer[0] === 'error') throw new Error('invalidResultReference');
    result[key.slice(1)] = follow(answer[1], path.split('/').slice(1));
  }
  return result;
}

function follow(value: unknown, path: string[]): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (head === '*') return (value as unknown[]).flatMap((each) => follow(each, rest));
  return follow((value as Json)[head], rest);
}
