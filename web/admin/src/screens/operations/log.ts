/** Log lines as a file: one JSON object a line, the oldest first, as programs that read logs want them. Pure. */
import type { LogEntry } from '../../api/types.ts';

export function logFile(lines: readonly LogEntry[]): string {
  return lines
    .toReversed()
    .map(
      (one) =>
        `${JSON.stringify({ at: one.at, level: one.level, event: one.event, process: one.process, ...one.fields })}\n`,
    )
    .join('');
}
