/** The misdelivery guard of the invented company: whose name another one has, and domains that look alike. */
import { PEOPLE } from './people.ts';

type Json = Record<string, unknown>;
interface Person {
  email: string;
  name?: string | null;
}

const nameOf = (one: Person): string => (one.name ?? '').split(' ')[0] ?? '';
const CROWD = 8;

export function cautionsOf(args: Json): Json[] {
  const [to, cc] = [(args.to ?? []) as Person[], (args.cc ?? []) as Person[]];
  const found: Json[] = [];
  for (const one of [...to, ...cc]) {
    const twin = PEOPLE.find((other) => nameOf(other) === nameOf(one) && other.email !== one.email);
    if (twin && nameOf(one)) found.push(caution('homonym', one.email, twin.email, nameOf(one)));
  }
  const said = /^\s*(?<name>[가-힣]{1,3})\s?(?<title>부장|과장|대리|팀장)님/u.exec(String(args.text ?? ''));
  const [first] = to;
  if (said?.groups?.name && first && !nameOf(first).startsWith(said.groups.name)) {
    const meant = PEOPLE.find((other) => nameOf(other).startsWith(said.groups?.name ?? '?'));
    found.push(caution('salutation', first.email, meant?.email ?? null, `${said.groups.name} ${said.groups.title}`));
  }
  const outside = [...to, ...cc].filter(({ email }) => !email.endsWith('@hanbit-tech.example'));
  if (outside.length >= CROWD) found.push(caution('crowd', null, null, String(outside.length)));
  return found;
}

function caution(kind: string, email: string | null, instead: string | null, text: string): Json {
  return { kind, email, instead, text, confidence: 0.8 };
}
