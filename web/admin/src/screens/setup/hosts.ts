/** Host names as the wizard takes them: full names of RFC 1123, never those of this machine alone. */

const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const HOST = new RegExp(`^(?=.{1,253}$)(?:${LABEL}\\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$`, 'i');

export function isHost(name: string): boolean {
  return HOST.test(name.trim()) && !/\.?localhost$/i.test(name.trim());
}

/** What most companies call them. */
export function suggested(domain: string): { mail: string; app: string; admin: string; content: string } {
  return { mail: `mail.${domain}`, app: `mail.${domain}`, admin: `admin.${domain}`, content: `files.${domain}` };
}
