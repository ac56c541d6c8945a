/**
 * Fails the build when the first page costs more than its budget. Counts what index.html makes the
 * browser fetch before the first rows: the entry, everything it imports statically, its styles, and the
 * longest of the five catalogues' first pieces, of which one is fetched; for the admin web also the page that it opens on.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const KB = 1024;

class Build {
  constructor(name) {
    this.dist = fileURLToPath(new URL(`../dist/${name}/`, import.meta.url));
    this.manifest = JSON.parse(readFileSync(`${this.dist}.vite/manifest.json`, 'utf8'));
  }

  reach(key, found = new Set()) {
    if (found.has(key)) return found;
    found.add(key);
    for (const next of this.manifest[key].imports ?? []) this.reach(next, found);
    return found;
  }

  /** What a page names in its head: its script, what that imports statically, its styles. */
  named(page, kind) {
    const html = readFileSync(this.dist + page, 'utf8');
    return [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)]
      .map(([, file]) => file)
      .filter((file) => file.endsWith(kind));
  }

  keys(end) {
    return Object.keys(this.manifest).filter((key) => key.endsWith(end));
  }

  sizeOf(files) {
    const zipped = (file) => gzipSync(readFileSync(this.dist + file), { level: 9 }).length;
    return [...new Set(files)].reduce((total, file) => total + zipped(file), 0);
  }

  scripts(keys) {
    return this.sizeOf(keys.map((key) => this.manifest[key].file));
  }

  styles(keys) {
    return this.sizeOf(keys.flatMap((key) => this.manifest[key].css ?? []));
  }
}

const webmail = new Build('webmail');
const longest = Math.max(
  ...Object.keys(webmail.manifest)
    .filter((key) => /virtual:words\/(?!later-)/.test(key))
    .map((key) => webmail.scripts([key])),
);
const admin = new Build('admin');
const opened = new Set(
  ['index.html', ...admin.keys('screens/Overview.svelte')].flatMap((key) => [...admin.reach(key)]),
);
const rows = [
  ['list JavaScript', webmail.sizeOf(webmail.named('index.html', '.js')) + longest, 80 * KB],
  ['list CSS', webmail.sizeOf(webmail.named('index.html', '.css')), 10 * KB],
  ['editor chunk', webmail.scripts(webmail.keys('RichEditor.svelte')), 150 * KB],
  ['admin first page', admin.scripts([...opened]) + admin.styles([...opened]), 150 * KB],
];

let over = false;
for (const [name, size, limit] of rows) {
  const bad = size > limit || size === 0;
  over ||= bad;
  console.log(`${bad ? '✗' : '✓'} ${name}: ${(size / KB).toFixed(1)} KB gzip of ${limit / KB} KB`);
}
process.exit(over ? 1 : 0);
