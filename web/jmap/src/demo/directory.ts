/** The directory of the invented company: people with departments and titles, one of them away. */
import type { Id } from '../types.ts';
import { OWNER, PEOPLE } from './people.ts';

type Json = Record<string, unknown>;

const DEPARTMENTS = [
  { id: 'd1', parentId: null, name: '경영지원본부', depth: 0 },
  { id: 'd2', parentId: 'd1', name: '인사팀', depth: 1 },
  { id: 'd3', parentId: null, name: '기술본부', depth: 0 },
  { id: 'd4', parentId: 'd3', name: '플랫폼개발팀', depth: 1 },
  { id: 'd5', parentId: 'd3', name: '품질팀', depth: 1 },
];
const SEATS = ['d4', 'd4', 'd5', 'd2', 'd3', 'd1', 'd4'];
const DAY_MS = 24 * 3_600_000;

const ALL = [...PEOPLE.filter(({ email }) => email.endsWith('@hanbit-tech.example')), OWNER].map((one, at) => {
  const [name = '', title = ''] = (one.name ?? '').split(' ');
  const departmentId = SEATS[at % SEATS.length] ?? 'd4';
  return {
    id: `p${at}`,
    type: 'individual',
    name,
    email: one.email,
    departmentId,
    department: DEPARTMENTS.find(({ id }) => id === departmentId)?.name ?? null,
    title,
    absence: at === 1 ? { kind: 'leave', until: new Date(Date.now() + 5 * DAY_MS).toISOString() } : null,
  };
});
/** The principal of the person who is signed in. */
export const SELF = ALL.find(({ email }) => email === OWNER.email)?.id ?? 'p0';

/** Who reads the team's mail. */
export const candidates = (): (typeof ALL)[number][] => ALL.filter(({ id }, at) => at < 4 || id === SELF);

const LEADING = 'ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ';

function firstSounds(text: string): string {
  return [...text].map((char) => LEADING[Math.floor((char.charCodeAt(0) - 0xac00) / 588)] ?? char).join('');
}

function peopleOf(department: Id, below: boolean): (typeof ALL)[number][] {
  const wanted = new Set([department]);
  if (below) for (const { id, parentId } of DEPARTMENTS) if (parentId && wanted.has(parentId)) wanted.add(id);
  return ALL.filter(({ departmentId }) => wanted.has(departmentId));
}

export function directory(name: string, args: Json): Json {
  if (name === 'Principal/query') {
    const text = ((args.filter as Json | null)?.text as string | undefined) ?? '';
    const position = (args.position as number | undefined) ?? 0;
    const words = text.toLowerCase();
    const found = ALL.filter((one) =>
      `${one.name} ${firstSounds(one.name)} ${one.email} ${one.department} ${one.title}`.toLowerCase().includes(words),
    );
    const ids = found.slice(position, position + ((args.limit as number | undefined) ?? 50)).map(({ id }) => id);
    return { position, ids, total: found.length };
  }
  if (name === 'Principal/get') {
    const ids = args.ids as Id[];
    return { state: 'd', list: ALL.filter(({ id }) => ids.includes(id)), notFound: [] };
  }
  if (name === 'Department/query') {
    const list = DEPARTMENTS.map((one) => ({ ...one, people: peopleOf(one.id, true).length }));
    return { company: '한빛테크', own: [ALL.find(({ id }) => id === SELF)?.departmentId], list };
  }
  const list = peopleOf(args.id as Id, args.below === true);
  return { position: 0, total: list.length, list };
}
