/** Small files stay readable: no file over 500 lines, no component over 300. Shows the five largest. */
import { globSync, readFileSync } from 'node:fs';

const files = globSync('{jmap,ui,i18n,webmail,admin}/{src,test}/**/*.{ts,svelte,css}')
  .filter((file) => !file.endsWith('api/types.ts'))
  .map((file) => ({
    file,
    lines: readFileSync(file, 'utf8').split('\n').length - 1,
  }));
files.sort((one, other) => other.lines - one.lines);
for (const { file, lines } of files.slice(0, 5)) console.log(`${lines} ${file}`);
const over = files.filter(({ file, lines }) => lines > (file.endsWith('.svelte') ? 300 : 500));
for (const { file, lines } of over) console.error(`too long: ${file} has ${lines} lines`);
process.exit(over.length > 0 ? 1 : 0);
