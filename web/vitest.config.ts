import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { icons } from './tools/icons.ts';
import { words } from './tools/words.ts';

export default defineConfig({
  plugins: [svelte({ configFile: false }), icons, words],
  test: { include: ['{jmap,ui,i18n,webmail,admin}/test/**/*.test.ts'], environment: 'node' },
});
