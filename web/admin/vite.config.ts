import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { guide } from '../tools/guide/plugin.ts';
import { icons } from '../tools/icons.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('.'),
  base: '/',
  plugins: [svelte({ configFile: false }), icons, guide('admin')],
  build: {
    outDir: at('../dist/admin'),
    emptyOutDir: true,
    target: 'es2023',
    // Inlined assets and the preload shim would need CSP exceptions.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: { input: { index: at('index.html') } },
  },
});
