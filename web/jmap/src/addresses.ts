/** Addresses as people type and paste them into a recipient field. Pure. */
import type { EmailAddress } from './types.ts';

/** Longer ones cannot be sent to (RFC 5321 §4.5.3.1). */
const LONGEST_ADDRESS = 254;

/** Splits at commas, semicolons and line ends that stand outside quotes and angle brackets. */
export function parseAddresses(text: string): EmailAddress[] {
  const result: EmailAddress[] = [];
  let piece = '';
  let quoted = false;
  let angled = false;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    if (!quoted && char === '<') angled = true;
    if (!quoted && char === '>') angled = false;
    if (!quoted && !angled && /[,;\n\t、，；]/.test(char)) {
      push(result, piece);
      piece = '';
    } else piece += char;
  }
  push(result, piece);
  return result;
}

function push(result: EmailAddress[], piece: string): void {
  const text = piece.trim();
  if (text === '') return;
  const open = text.lastIndexOf('<');
  if (open >= 0 && text.endsWith('>')) {
    const name = text.slice(0, open).trim().replace(/^"|"$/g, '').replaceAll('\\"', '"').trim();
    result.push({ name: name === '' ? null : name, email: text.slice(open + 1, -1).trim() });
  } else result.push({ name: null, email: text });
}

/** Good enough to tell a slip of the finger; the server has the last word. Internationalised parts pass. */
export function isAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  if (at < 1 || text.length > LONGEST_ADDRESS || /[\s<>(),;:"\\]/.test(text)) return false;
  const labels = text.slice(at + 1).split('.');
  return labels.length > 1 && labels.every((label) => label !== '' && !label.startsWith('-') && !label.endsWith('-'));
}

export function sameAddress(one: EmailAddress, other: EmailAddress): boolean {
  return one.email.toLowerCase() === other.email.toLowerCase();
}

export function uniqueAddresses(addresses: EmailAddress[]): EmailAddress[] {
  return addresses.filter((address, index) => addresses.findIndex((other) => sameAddress(other, address)) === index);
}

export function domainOf(address: EmailAddress): string {
  return address.email.slice(address.email.lastIndexOf('@') + 1).toLowerCase();
}

export function displayName(address: EmailAddress): string {
  return (address.name?.trim() ?? '') ? (address.name ?? '').trim() : address.email;
}

export function formatAddress(address: EmailAddress): string {
  const name = address.name?.trim();
  if (!name) return address.email;
  return /[,;<>"@]/.test(name) ? `"${name.replaceAll('"', '\\"')}" <${address.email}>` : `${name} <${address.email}>`;
}
