import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build, defineConfig, type Plugin } from 'vite';
import { guide } from '../tools/guide/plugin.ts';
import { icons } from '../tools/icons.ts';
import { words } from '../tools/words.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Style sheets before scripts: WebKit runs a module script that stands first before the sheet has
 * arrived, and a virtual list that measures itself unstyled would draw every row.
 */
const stylesFirst: Plugin = {
  name: 'smartmail-styles-first',
  enforce: 'post',
  transformIndexHtml: {
    order: 'post',
    handler(html) {
      const links = [...html.matchAll(/\s*<link rel="stylesheet"[^>]*>/g)].map((match) => match[0]);
      const rest = links.reduce((text, link) => text.replace(link, ''), html);
      return rest.replace(/(\s*<script )/, `${links.join('')}$1`);
    },
  },
};

/** The picture of the browser's tab lies in the page itself: it is one way to the server less before the first row. */
const iconInside: Plugin = {
  name: 'smartmail-icon-inside',
  enforce: 'post',
  transformIndexHtml: {
    order: 'post',
    handler(html) {
      const drawn = encodeURIComponent(readFileSync(at('src/app/icon.svg'), 'utf8').replace(/\s+/g, ' '));
      return html.replace(/(<link rel="icon" href=")[^"]+/, `$1data:image/svg+xml,${drawn}`);
    },
  },
};

/**
 * What pdf.js asks for by name while it draws: character maps of Korean, Chinese and Japanese fonts that a document does
 * not carry, and stand-ins for the fourteen standard fonts. Under the version, as they are kept for ever.
 */
const pdfAids: Plugin = {
  name: 'smartmail-pdf-aids',
  generateBundle() {
    const root = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    for (const folder of ['cmaps', 'standard_fonts'])
      for (const name of readdirSync(join(root, folder)))
        this.emitFile({
          type: 'asset',
          fileName: `assets/pdf-${version}/${folder}/${name}`,
          source: readFileSync(join(root, folder, name)),
        });
  },
};

/**
 * The service worker is a file of its own with a fixed name, and knows the files that the first page may need: all but
 * those of other pages. Its version is a digest of them, so that it changes when one of them does.
 */
const worker: Plugin = {
  name: 'smartmail-worker',
  enforce: 'post',
  async generateBundle(_options, bundle) {
    // Previews need the server, and their reader of PDF is as large as all the rest.
    const assets = Object.values(bundle).filter((file) => /^assets\/(?!pdf)/i.test(file.fileName));
    const files = [...assets.map((file) => `/${file.fileName}`), '/app.webmanifest', '/icon-192.png'].sort();
    const page = bundle['index.html'];
    const content = page?.type === 'asset' ? String(page.source) : '';
    const version = createHash('sha256')
      .update([...files, content].join('\n'))
      .digest('hex')
      .slice(0, 16);
    const built = await build({
      configFile: false,
      logLevel: 'warn',
      define: { __FILES__: JSON.stringify(files), __VERSION__: JSON.stringify(version) },
      build: {
        write: false,
        target: 'es2023',
        lib: { entry: at('src/worker/worker.ts'), formats: ['iife'], name: 'worker', fileName: () => 'worker.js' },
      },
    });
    const [made] = built as { output: { code: string }[] }[];
    this.emitFile({ type: 'asset', fileName: 'worker.js', source: made?.output[0]?.code ?? '' });
  },
};

/**
 * The pages beside the mail are bundled on their own: what they share with it would be taken out of the mail's first
 * script into files of their own, each of which is one more way to the server before the first row.
 */
const pages = (mode: string): Plugin => ({
  name: 'smartmail-pages',
  enforce: 'post',
  async generateBundle(_options, bundle) {
    const built = await build({
      configFile: false,
      logLevel: 'warn',
      root: at('.'),
      base: '/',
      plugins: [svelte({ configFile: false }), icons, words, stylesFirst],
      mode,
      define: demo(mode),
      build: {
        ...shared,
        write: false,
        rolldownOptions: {
          // The page of all components is for those who build the product.
          input: ['setup', 'connect', 'certificate', 'proof', ...(mode === 'demo' ? ['components'] : [])].map((name) =>
            at(`${name}.html`),
          ),
        },
      },
    });
    const [made] = [built].flat() as { output: ({ fileName: string } & ({ code: string } | { source: string }))[] }[];
    for (const file of made?.output ?? []) {
      const source = 'code' in file ? file.code : file.source;
      if (!(file.fileName in bundle)) this.emitFile({ type: 'asset', fileName: file.fileName, source });
    }
  },
});

// The demo client never reaches a production bundle: this constant lets the bundler drop it.
const demo = (mode: string) => ({ __DEMO__: JSON.stringify(mode === 'demo') });

const shared = {
  target: 'es2023',
  // Inlined assets and the preload shim would need CSP exceptions.
  assetsInlineLimit: 0,
  modulePreload: { polyfill: false },
} as const;

/** Svelte does not say which of its modules only define; without this a base class of custom elements, which nobody makes, stays. */
const PURE = /\/svelte\/src\/(?!internal\/(flags|disclose-version))/;

/** One file for what the first rows need, one for who is not in, one for reading, one for writing: each is a way to the server. */
const together = (name: string, entry: string) => ({ name, test: new RegExp(`(webmail|jmap)/src/${entry}$`) });

/** Scoped class names stand in the markup of every component: four letters tell them all apart, or the build fails. */
const scopes = new Map<string, string>();
const cssHash = ({ filename }: { filename: string }): string => {
  const name = `s${BigInt(
    `0x${createHash('sha256')
      .update(relative(at('..'), filename))
      .digest('hex')}`,
  )
    .toString(36)
    .slice(0, 4)}`;
  if ((scopes.get(name) ?? filename) !== filename) throw new Error(`${filename} and ${scopes.get(name)} share ${name}`);
  scopes.set(name, filename);
  return name;
};

export default defineConfig(({ mode }) => ({
  root: at('.'),
  base: '/',
  plugins: [
    svelte({ configFile: false, compilerOptions: { cssHash } }),
    icons,
    words,
    stylesFirst,
    iconInside,
    pdfAids,
    guide('user'),
    worker,
    pages(mode),
  ],
  define: demo(mode),
  build: {
    outDir: at(mode === 'demo' ? '../dist/demo' : '../dist/webmail'),
    emptyOutDir: true,
    ...shared,
    manifest: true,
    rolldownOptions: {
      input: { index: at('index.html') },
      treeshake: { moduleSideEffects: [{ test: PURE, sideEffects: false }] },
      output: {
        codeSplitting: {
          groups: [
            { ...together('index', 'main\\.ts'), priority: 4 },
            {
              ...together(
                'later',
                '(panels/later-parts\\.ts|local/waiting\\.ts|screens/(AboveMail\\.svelte|mail-actions\\.ts))',
              ),
              priority: 3,
            },
            { ...together('outside', 'screens/outside\\.ts'), priority: 3 },
            { ...together('clean', 'body/clean\\.ts'), priority: 3 },
            { ...together('reading', 'panels/ReadingPane\\.svelte'), priority: 2 },
            { ...together('writing', 'panels/Composers\\.svelte'), priority: 1 },
          ],
        },
      },
    },
  },
}));
