/**
 * Fails the build when the first list costs more than its budget. Counts what index.html makes the
 * browser fetch before the first rows: the entry, everything it imports statically, and its styles.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const KB = 1024;
const dist = fileURLToPath(new URL('../dist/webmail/', import.meta.url));
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8'));

function reach(key, found = new Set()) {
  if (found.has(key)) return found;
  found.add(key);
  for (const next of manifest[key].imports ?? []) reach(next, found);
  return found;
}

const sizeOf = (file) => gzipSync(readFileSync(dist + file), { level: 9 }).length;
const sum = (files) => [...new Set(files)].reduce((total, file) => total + sizeOf(file), 0);

const first = [...reach('index.html')];
const editor = Object.keys(manifest).filter((key) => key.endsWith('RichEditor.svelte'));
const rows = [
  ['list JavaScript', sum(first.map((key) => manifest[key].file)), 120 * KB],
  ['list CSS', sum(first.flatMap((key) => manifest[key].css ?? [])), 25 * KB],
  ['editor chunk', sum(editor.map((key) => manifest[key].file)), 150 * KB],
];

let over = false;
for (const [name, size, limit] of rows) {
  const bad = size > limit || size === 0;
  over ||= bad;
  console.log(`${bad ? '✗' : '✓'} ${name}: ${(size / KB).toFixed(1)} KB gzip of ${limit / KB} KB`);
}
process.exit(over ? 1 : 0);
