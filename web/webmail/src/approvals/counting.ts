/** Keeps the figure in the rail: asked at the start, after mail has come (a notice tells of each question), after a decision. */
import { approvalCounts } from '../app/approvals.svelte.ts';
import { connection } from '../app/connection.svelte.ts';

/** Many changes of mail are one question. */
const PAUSE_MS = 3_000;

interface Count {
  toDecide: number;
  own: number;
  concerns: boolean;
}

export async function count(): Promise<void> {
  try {
    const told = await connection.account?.pipeline.send<Count>('MailApproval/count', {}).result;
    if (told) Object.assign(approvalCounts, { toDecide: told.toDecide, concerns: told.concerns });
  } catch (error) {
    connection.failed(error);
  }
}

/** Call in an effect. */
export function followCounts(): (() => void) | undefined {
  const { account } = connection;
  if (!account) return undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  void count();
  const deaf = account.onChange('Email', () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void count();
    }, PAUSE_MS);
  });
  return () => {
    clearTimeout(timer);
    deaf();
  };
}
