/** 공지: what the company tells its people in the webmail, and who has not read it. */
import { call, file } from '../api/client.ts';
import type { Bulletin } from '../api/types.ts';
import { type Field, filled, flag, local, moment, text, type Values } from '../app/forms.ts';
import { t } from '../app/language.svelte.ts';
import { actorName } from '../app/names.svelte.ts';
import type { Resource, Tone } from '../app/resource.ts';
import { save } from '../app/save.ts';
import { session } from '../app/session.svelte.ts';
import { exactly, when } from '../app/show.ts';

const LEVELS = ['organization', 'domain', 'department', 'group'] as const;
const WEEK = 7 * 24 * 3600 * 1000;

type State = 'shown' | 'coming' | 'ended';
export function stateOf(row: Pick<Bulletin, 'shown' | 'shownFrom'>, now = Date.now()): State {
  if (row.shown) return 'shown';
  return Date.parse(row.shownFrom) > now ? 'coming' : 'ended';
}
const TONES: Record<State, Tone> = { shown: 'ok', coming: 'warn', ended: 'quiet' };
const ways = (row: Bulletin): string =>
  [
    row.pinned && t('bulletins.pinned'),
    row.popup && t('bulletins.popup'),
    row.mustRead && t('bulletins.mustRead'),
    row.atSignIn && t('bulletins.atSignIn'),
  ]
    .filter((one) => one !== false)
    .join(' · ');
/** A company by its name; a department or group with what it is. */
const whom = (row: Bulletin): string =>
  row.place.startsWith('organization:') ? t('level.organization') : row.placeName;

const fields = (row?: Bulletin): Field[] => [
  { name: 'title', label: 'bulletins.title', needed: true, begin: row?.title ?? '' },
  { name: 'body', label: 'bulletins.body', kind: 'long', begin: row?.body ?? '', hint: 'bulletins.bodyHint' },
  { name: 'place', label: 'policy.scope', kind: 'scope', options: LEVELS, begin: row?.place ?? `organization:${session.me.organizationId}` },
  { name: 'from', label: 'bulletins.from', kind: 'moment', needed: true, begin: local(row ? new Date(row.shownFrom) : new Date()) },
  { name: 'until', label: 'bulletins.until', kind: 'moment', needed: true, begin: local(row ? new Date(row.shownUntil) : new Date(Date.now() + WEEK)) },
  { name: 'pinned', label: 'bulletins.pinned', kind: 'flag', begin: row?.pinned ?? true, hint: 'bulletins.pinnedHint' },
  { name: 'popup', label: 'bulletins.popup', kind: 'flag', begin: row?.popup ?? false, hint: 'bulletins.popupHint' },
  { name: 'mustRead', label: 'bulletins.mustRead', kind: 'flag', begin: row?.mustRead ?? false, hint: 'bulletins.mustReadHint' },
  { name: 'atSignIn', label: 'bulletins.atSignIn', kind: 'flag', begin: row?.atSignIn ?? false, hint: 'bulletins.atSignInHint' },
]; // prettier-ignore
const body = (values: Values): object => ({
  ...filled({ shownFrom: moment(values, 'from'), shownUntil: moment(values, 'until') }),
  title: text(values, 'title'),
  body: text(values, 'body'),
  place: text(values, 'place'),
  pinned: flag(values, 'pinned'),
  popup: flag(values, 'popup'),
  mustRead: flag(values, 'mustRead'),
  atSignIn: flag(values, 'atSignIn'),
});

export const bulletins: Resource<Bulletin> = {
  id: 'bulletins',
  text: 'bulletins.text',
  empty: 'bulletins.empty',
  path: '/bulletins',
  key: (row) => row.id,
  title: (row) => row.title,
  one: (row) => `/bulletins/${row.id}`,
  columns: [
    { name: 'bulletins.title', show: (row) => row.title },
    { name: 'people.state', show: (row) => t(`bulletins.${stateOf(row)}`), kind: 'wide', tone: (row) => TONES[stateOf(row)] },
    { name: 'policy.scope', show: whom },
    { name: 'bulletins.ways', show: ways },
    { name: 'bulletins.from', show: (row) => when(row.shownFrom), kind: 'time' },
    { name: 'bulletins.until', show: (row) => when(row.shownUntil), kind: 'time' },
  ], // prettier-ignore
  facts: (row) => [
    [t('policy.scope'), whom(row)],
    [t('bulletins.from'), exactly(row.shownFrom)],
    [t('bulletins.until'), exactly(row.shownUntil)],
    [t('bulletins.ways'), ways(row)],
    [t('bulletins.by'), actorName(row.by)],
    [t('bulletins.body'), row.body],
  ],
  acts: [
    {
      label: 'action.change',
      permission: 'bulletin.change',
      look: 'filled',
      fields: (row) => [
        ...fields(row),
        { name: 'anew', label: 'bulletins.anew', kind: 'flag', hint: 'bulletins.anewHint' },
      ],
      run: async (row, values, etag) => {
        await call('PATCH', `/bulletins/${row.id}`, {
          body: { ...body(values), showAgain: flag(values, 'anew') },
          etag,
        });
      },
    },
    {
      label: 'bulletins.export',
      permission: 'bulletin.read',
      fields: () => [{ name: 'reason', label: 'form.reason', needed: true, least: 10, hint: 'records.reasonHint' }],
      run: async (row, values) => {
        save(await file(`/bulletins/${row.id}/unread-export`, { reason: text(values, 'reason') }));
        return { text: t('bulletins.exported') };
      },
    },
    {
      label: 'bulletins.end',
      permission: 'bulletin.change',
      look: 'outline',
      warning: 'bulletins.endText',
      fits: (row) => stateOf(row) !== 'ended',
      run: async (row) => {
        await call('POST', `/bulletins/${row.id}/end`);
      },
    },
    {
      label: 'action.delete',
      permission: 'bulletin.change',
      look: 'bad',
      warning: 'bulletins.deleteText',
      fits: (row) => stateOf(row) === 'ended',
      run: async (row) => {
        await call('DELETE', `/bulletins/${row.id}`);
      },
    },
  ],
  making: {
    label: 'bulletins.new',
    permission: 'bulletin.change',
    fields: () => fields(),
    run: async (values) => {
      await call('POST', '/bulletins', { body: body(values) });
    },
  },
  more: () => import('../details/BulletinReaders.svelte'),
};
