/** Whether somebody is new here: has sent nothing yet, and did not close what is shown to those who are. */
import { mailboxByRole } from './records.svelte.ts';
import { settings } from './settings.svelte.ts';

export function isNew(): boolean {
  return settings.heard && settings.of('firstDay') !== 'over' && (mailboxByRole('sent')?.totalEmails ?? 0) === 0;
}

export function endFirstDay(): void {
  settings.choose({ firstDay: 'over' });
}
