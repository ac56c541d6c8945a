/**
 * Where uploads go on after a reload. Nothing that tells content lies in the browser: a file is known by a hash of its
 * name, size and time, under which only the address of its upload is kept.
 */
import type { PreviousUpload, UploadOptions } from 'tus-js-client';

const PREFIX = 'smartmail-upload-';

/** Of a file and who sends it; the same file picked again has the same. */
export async function fingerprint(file: File, options: UploadOptions): Promise<string> {
  const owner = options.headers?.['x-smartmail-account'] ?? '';
  const words = JSON.stringify([owner, file.name, file.size, file.lastModified, options.endpoint]);
  const octets = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(words)));
  return Array.from(octets.slice(0, 16), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

export class KeptUrls {
  findAllUploads(): Promise<PreviousUpload[]> {
    return Promise.resolve([]);
  }

  findUploadsByFingerprint(print: string): Promise<PreviousUpload[]> {
    const uploadUrl = localStorage.getItem(PREFIX + print);
    if (uploadUrl === null) return Promise.resolve([]);
    const known = { size: null, metadata: {}, creationTime: '', parallelUploadUrls: null };
    return Promise.resolve([{ ...known, uploadUrl, urlStorageKey: PREFIX + print }]);
  }

  removeUpload(key: string): Promise<void> {
    localStorage.removeItem(key);
    return Promise.resolve();
  }

  addUpload(print: string, upload: PreviousUpload): Promise<string> {
    if (upload.uploadUrl !== null) localStorage.setItem(PREFIX + print, upload.uploadUrl);
    return Promise.resolve(PREFIX + print);
  }
}
