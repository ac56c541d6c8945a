import Fish from '@lucide/svelte/icons/fish';
import type { Id } from '@smartmail/jmap/types.ts';
import { confirm } from '../app/confirm.svelte.ts';
import { connection } from '../app/connection.svelte.ts';
import { t } from '../app/language.svelte.ts';
import { perform, reportFailure } from '../app/perform.ts';
import { mailboxByRole } from '../app/records.svelte.ts';
import { type Action, inOwnMail, leaving, targets } from './action.ts';

interface Reported {
  reported: Id[];
  notReported: Record<Id, unknown> | null;
}

/** Tells the company's mail administrators of an attack, and puts the message aside. */
export const phishing: Action = {
  id: 'phishing',
  label: () => 'action.phishing',
  icon: Fish,
  keys: [],
  enabled: () => targets().length > 0,
  may: () => inOwnMail(),
  async run() {
    const ids = targets(true);
    const { account } = connection;
    const sure = await confirm({
      title: t('phishing.ask', { count: ids.length }),
      text: t('phishing.text'),
      verb: t('phishing.verb'),
    });
    if (!sure || !account) return;
    try {
      const { reported } = await account.pipeline.send<Reported>('Email/reportPhishing', { ids }).result;
      if (reported.length === 0) throw new Error('nothing was taken');
      const junk = mailboxByRole('junk');
      if (!junk) return;
      await perform({
        ids: reported,
        change: { mailboxes: leaving(reported, junk.id), keywords: { $phishing: true, $junk: true, $notjunk: false } },
        leaves: true,
        whole: false,
        notice: t('phishing.done', { count: reported.length }),
      });
    } catch (error) {
      reportFailure(error);
    }
  },
};
