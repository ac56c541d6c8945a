/** Rules of the house: types strict, borders between packages, one place that talks to the server. */
import js from '@eslint/js';
import boundaries from 'eslint-plugin-boundaries';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import { MAY_IMPORT } from './tools/floors.mjs';

const NETWORK = ['fetch', 'EventSource', 'XMLHttpRequest', 'WebSocket'].map((name) => ({
  name,
  message: 'Only jmap/ and admin/src/api/ talk to the server.',
}));
const packages = (...types) => ({ to: { element: { types: { anyOf: types } } } });
/** A folder of the webmail's sources, as an element of its own. */
const floor = (folder) => `webmail/src/${folder}`;
const floors = Object.keys(MAY_IMPORT).map(floor);

export default ts.config(
  { ignores: ['dist/', 'node_modules/', '**/node_modules/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.browser, __DEMO__: 'readonly' } },
    rules: {
      'no-undef': 'off', // TypeScript knows better
      'no-restricted-globals': ['error', ...NETWORK],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '(^|/)index(\\.ts)?$', message: 'No barrels: import the module itself.' },
            { regex: '^@lucide/svelte$', message: 'Import one icon: @lucide/svelte/icons/<name>.' },
            { regex: '^@smartmail/[a-z]+$', message: 'No barrels: import the module itself.' },
          ],
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-invalid-void-type': 'off', // Promise<T> | void is what an action returns
      'svelte/no-at-html-tags': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'SvelteElement > SvelteStartTag > SvelteAttribute[key.name="style"]',
          message: 'The CSP forbids style attributes: use a class or a style: directive.',
        },
      ],
      // Addresses behind # need no resolving, and Svelte's each over constants needs no key of its own.
      'svelte/no-navigation-without-resolve': 'off',
      'svelte/prefer-svelte-reactivity': 'off', // most maps and sets here are not shown
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] } },
    rules: { 'prefer-const': 'off', '@typescript-eslint/no-unused-expressions': 'off' },
  },
  // Functions inside of data are typed by the data's own type.
  {
    files: ['admin/src/resources/**', 'admin/src/screens/person/acts.ts'],
    rules: { '@typescript-eslint/explicit-module-boundary-types': 'off' },
  },
  // The service worker has no page whose client it could use.
  { files: ['jmap/src/**', 'admin/src/api/**', 'webmail/src/worker/**'], rules: { 'no-restricted-globals': 'off' } },
  { files: ['tools/**', '*.js', '*.ts', '**/vite.config.ts'], languageOptions: { globals: globals.node } },
  {
    files: ['{jmap,ui,i18n,webmail,admin}/**/*.{ts,svelte}'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': [...floors, 'jmap', 'ui', 'i18n', 'webmail', 'admin'].map((type) => ({
        type,
        pattern: type,
      })),
      'import/resolver': { typescript: { alwaysTryTypes: true } },
    },
    rules: {
      'boundaries/dependencies': [
        'error',
        {
          default: 'disallow',
          policies: [
            { allow: { to: { module: { origin: ['external', 'core'] } } } },
            { from: { element: { type: 'jmap' } }, allow: packages('jmap') },
            { from: { element: { type: 'ui' } }, allow: packages('ui') },
            { from: { element: { type: 'i18n' } }, allow: packages('i18n') },
            { from: { element: { type: 'webmail' } }, allow: packages('webmail', ...floors, 'jmap', 'ui', 'i18n') },
            // The order of the webmail's own folders.
            ...Object.entries(MAY_IMPORT).map(([folder, below]) => ({
              from: { element: { type: floor(folder) } },
              allow: packages(...[folder, ...below].map(floor), 'jmap', 'ui', 'i18n'),
            })),
            { from: { element: { type: 'admin' } }, allow: packages('admin', 'ui', 'i18n') },
          ],
        },
      ],
    },
  },
);
