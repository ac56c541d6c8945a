import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte({ configFile: false })],
  test: { include: ['{jmap,ui,i18n,webmail,admin}/test/**/*.test.ts'], environment: 'node' },
});
