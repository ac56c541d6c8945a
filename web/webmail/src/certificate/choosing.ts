/**
 * What a person chose or dropped: an NPKI or GPKI directory, files out of one, a .p12 or .pfx. Pairs are found by the names
 * that lie side by side, so that nobody needs to know them.
 */
import { DerError } from './der.ts';
import { type Certificate, readCertificate } from './identity.ts';
import { isBundle, openBundle } from './pfx.ts';
import { openKey, type PrivateKey, readKey } from './private-key.ts';
import { fromBase64, same } from './octets.ts';

type Octets = Uint8Array<ArrayBuffer>;
/** Larger ones are no certificates. */
const LARGEST = 262_144;
const MOST_FILES = 2_000;

export interface ChosenFile {
  /** With the directories before it, as far as the browser tells. */
  path: string;
  octets: () => Promise<ArrayBuffer>;
  size: number;
}

/** One certificate that may be used. A bundle tells nothing of itself before its password. */
export interface Choice {
  id: string;
  file: string;
  certificate: Certificate | null;
  key: Octets | null;
  bundle: Octets | null;
}

export interface Opened {
  certificate: Certificate;
  others: Octets[];
  key: PrivateKey;
}

const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
const fileOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Finds what can sign. Pairs for encryption alone (kmCert) are left out. */
export async function collect(files: ChosenFile[]): Promise<Choice[]> {
  const read = new Map<string, Octets>();
  for (const file of files.filter((one) => one.size <= LARGEST).slice(0, MOST_FILES)) {
    read.set(file.path, unarmored(new Uint8Array(await file.octets())));
  }
  const found: Choice[] = [];
  for (const [path, octets] of read) {
    if (/\.(p12|pfx)$/i.test(path) || isBundle(octets)) {
      found.push({ id: path, file: fileOf(path), certificate: null, key: null, bundle: octets });
    } else if (/\.(der|cer|crt|pem)$/i.test(path)) {
      const certificate = certificateIn(octets);
      const key = certificate?.signs && certificate.modulus ? keyBeside(path, read) : null;
      if (certificate && key) found.push({ id: path, file: fileOf(path), certificate, key, bundle: null });
    }
  }
  return found;
}

function certificateIn(octets: Octets): Certificate | null {
  try {
    return readCertificate(octets);
  } catch {
    return null;
  }
}

/** signCert.der → signPri.key, name_sig.cer → name_sig.key; else the only key in the directory. */
function keyBeside(path: string, read: Map<string, Octets>): Octets | null {
  const own = path.replace(/signCert\.der$/i, 'signPri.key').replace(/\.(der|cer|crt|pem)$/i, '.key');
  const keys = [...read.keys()].filter((one) => directoryOf(one) === directoryOf(path) && /\.key$/i.test(one));
  const named = keys.find((one) => one.toLowerCase() === own.toLowerCase());
  return read.get(named ?? (keys.length === 1 ? (keys[0] ?? '') : '')) ?? null;
}

function unarmored(octets: Octets): Octets {
  const match = /-----BEGIN [A-Z0-9 ]+-----([A-Za-z0-9+/=\s]+)-----END/.exec(
    octets[0] === 0x2d ? new TextDecoder('latin1').decode(octets) : '',
  );
  return match?.[1] ? fromBase64(match[1].replaceAll(/\s/g, '')) : octets;
}

/** Opens a choice. Throws WrongPassword, UnknownFormat, DerError (also when key and certificate do not belong together). */
export async function open(choice: Choice, password: string): Promise<Opened> {
  if (choice.bundle) return openWhole(choice.bundle, password);
  if (!choice.certificate || !choice.key) throw new DerError();
  const key = await openKey(choice.key, password);
  if (!belongs(choice.certificate, key)) throw new DerError();
  return { certificate: choice.certificate, others: [], key };
}

async function openWhole(bundle: Octets, password: string): Promise<Opened> {
  const { certificates, keys } = await openBundle(bundle, password);
  const readable = certificates.map(certificateIn).filter((one) => one !== null);
  for (const file of keys) {
    const key = await readKey(file);
    const certificate = readable.find((one) => belongs(one, key));
    if (certificate?.signs) {
      const others = readable.filter((one) => one !== certificate).map((one) => one.file);
      return { certificate, others, key };
    }
  }
  throw new DerError();
}

function belongs(certificate: Certificate, key: PrivateKey): boolean {
  return certificate.modulus !== null && same(certificate.modulus, key.modulus);
}

/** What was dropped, directories and all. */
export async function dropped(transfer: DataTransfer): Promise<ChosenFile[]> {
  // Entries are gone after the first wait: all are taken at once.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found: ChosenFile[] = [];
  for (const entry of entries) await walk(entry, found);
  return found;
}

async function walk(entry: FileSystemEntry, found: ChosenFile[]): Promise<void> {
  if (found.length >= MOST_FILES) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ path: entry.fullPath, octets: () => file.arrayBuffer(), size: file.size });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return;
    for (const one of part) await walk(one, found);
  }
}

export function picked(files: FileList | null): ChosenFile[] {
  return [...(files ?? [])].map((file) => ({
    path: file.webkitRelativePath || file.name,
    octets: () => file.arrayBuffer(),
    size: file.size,
  }));
}
