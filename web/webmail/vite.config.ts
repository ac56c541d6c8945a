import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

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

export default defineConfig(({ mode }) => ({
  root: at('.'),
  base: '/',
  plugins: [svelte({ configFile: false }), stylesFirst],
  // The demo client never reaches a production bundle: this constant lets the bundler drop it.
  define: { __DEMO__: JSON.stringify(mode === 'demo') },
  build: {
    outDir: at(mode === 'demo' ? '../dist/demo' : '../dist/webmail'),
    emptyOutDir: true,
    target: 'es2023',
    // Inlined assets and the preload shim would need CSP exceptions.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: { input: { index: at('index.html'), setup: at('setup.html'), connect: at('connect.html') } },
  },
}));
