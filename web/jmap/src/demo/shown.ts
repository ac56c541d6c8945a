/** An Email of the demo as Email/get gives it. */
import { type DemoMessage, emailOf, textOf } from './corpus.ts';
import { inspectionOf } from './inspections.ts';
import { labelFields } from './leaks.ts';

export function shown(message: DemoMessage, withText: boolean): Record<string, unknown> {
  const email = emailOf(message);
  const inspection = inspectionOf(email);
  return {
    ...email,
    inspection,
    fromCountry: inspection?.country ?? null,
    'header:SIO-Label:asText:all': labelFields(message),
    ...(message.seed % 7 === 3
      ? {
          'header:List-Unsubscribe:asURLs': ['https://news.example/u?1'],
          'header:List-Unsubscribe-Post:asText': 'List-Unsubscribe=One-Click',
        }
      : {}),
    headers: [
      { name: 'Subject', value: ` ${email.subject}` },
      { name: 'Message-ID', value: ` <${email.messageId?.[0]}>` },
    ],
    ...(withText
      ? {
          textBody: [{ partId: '1', type: 'text/plain' }],
          bodyValues: { '1': { value: textOf(message), isTruncated: false } },
        }
      : {}),
  };
}
