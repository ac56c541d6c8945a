/**
 * The order of `webmail/src`, kept by ESLint (`eslint.config.js`): a folder imports what stands below it, nothing else.
 * Fetching late (`import()`) and importing a type count as importing: whoever needs what stands above is given it, by a
 * callback or by a registry that the screens fill (`webmail/src/screens/features.ts`).
 */

/** From the ground up. Folders of one floor do not import each other, but for what is said in `BESIDE`. */
export const FLOORS = [
  // Without knowledge of the app: markup made safe, certificates.
  ['body', 'certificate'],
  // Session, records, settings, device, place, words: what every screen stands on.
  ['app'],
  // What a person can do to mail, by buttons and keys; pieces of screens; what the service worker does.
  ['actions', 'parts', 'worker'],
  // Proof of who acts, which dangerous acts of features ask for; people, whom nearly all features name.
  ['proof', 'people'],
  // Features.
  [
    'approvals',
    'bigfiles',
    'bulletins',
    'contacts',
    'drawer',
    'invitation',
    'organization',
    'parcels',
    'preview',
    'printing',
    'pulls',
    'reading',
    'reminders',
    'rules',
    'saving',
    'search',
    'sending',
    'settings',
    'sharing',
    'teamwork',
    'touch',
    'writing',
  ],
  // What the mail screen is put together of.
  ['panels'],
  ['screens'],
];

/** Which features use which others. Kept short, and free of circles: a test looks. */
export const BESIDE = {
  approvals: ['sharing'],
  drawer: ['preview'],
  printing: ['reading'],
  reading: ['drawer', 'preview', 'search'],
  saving: ['bigfiles'],
  search: ['rules'],
  settings: ['reading', 'search'],
  sharing: ['parcels', 'teamwork'],
  touch: ['reminders'],
  writing: ['bigfiles', 'teamwork'],
};

/** Each folder, with those that it may import beside itself. */
export const MAY_IMPORT = Object.fromEntries(
  FLOORS.flatMap((floor, height) =>
    floor.map((folder) => [folder, [...FLOORS.slice(0, height).flat(), ...(BESIDE[folder] ?? [])]]),
  ),
);
