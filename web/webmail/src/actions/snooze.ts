import AlarmClock from '@lucide/svelte/icons/alarm-clock';
import { type Action, hereRole, inOwnMail, targets } from './action.ts';
import { openMenu } from './open-menu.ts';

/** Opens the menu of hours of whichever toolbar is on the screen. */
export const snooze: Action = {
  id: 'snooze',
  label: () => (hereRole() === 'sent' ? 'followUp.title' : 'snooze.title'),
  icon: AlarmClock,
  keys: ['b'],
  enabled: () => targets().length > 0,
  may: () => inOwnMail(),
  run: () => openMenu('snooze-menu'),
};
