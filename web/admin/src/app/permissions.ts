/** Permissions in words: `account.change` → 사용자 · 변경. */
import { known } from './language.svelte.ts';

export function permissionWords(permission: string): string {
  const [area = '', right = ''] = permission.split('.');
  return `${known(`area.${area}`)} · ${known(`right.${right}`)}`;
}
