/**
 * Chapters of the user's guide, by screen. Sections are called as they are in English; the Korean chapter knows these
 * names too.
 */

/** By the first part of the address. */
export const OF_SECTION: Readonly<Record<string, string>> = {
  contacts: 'contacts',
  organization: 'contacts#organisation-chart',
  approvals: 'approvals',
  bulletins: 'bulletins',
  attachments: 'reading#attachments',
  'big-files': 'writing#big-files',
  quarantine: 'safety#suspicious-mail',
  snoozed: 'snooze',
  scheduled: 'writing#planned-mail',
  receipts: 'receipts',
  settings: 'sign-in#screen-and-language',
};

/** By the page of the settings. */
export const OF_SETTINGS: Readonly<Record<string, string>> = {
  look: 'sign-in#screen-and-language',
  rules: 'organising#rules',
  vacation: 'absence#automatic-reply',
  forward: 'absence#forwarding',
  senders: 'safety#suspicious-mail',
  join: 'sharing#shared-accounts',
  delegates: 'sharing#delegating-all-your-mail',
  account: 'contacts#your-photograph',
  security: 'safety#2-step-verification',
  sessions: 'safety#sign-ins',
  programs: 'programs#app-passwords',
  looks: 'safety#sign-ins',
  pulls: 'pulls',
  parcels: 'backup',
  writing: 'writing#signatures',
  device: 'phone#notifications',
  advanced: 'search',
};

/** What mail on the screen is told in. */
export const OF_MAIL = {
  writing: 'writing',
  search: 'search',
  tag: 'organising#tags',
  shared: 'sharing#shared-accounts',
  reading: 'reading',
} as const;
