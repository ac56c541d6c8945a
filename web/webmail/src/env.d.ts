/// <reference types="svelte" />
/// <reference types="vite/client" />

/** Pieces of the catalogues (`tools/words.ts`). */
declare module 'virtual:words/*' {
  import type { Catalogue } from '@smartmail/i18n/translate.ts';
  const words: Catalogue;
  export default words;
}
/** What can be looked up in the guide (`tools/guide/plugin.ts`). */
declare module 'virtual:guide/*' {
  const topics: { to: string; title: string; of?: string }[];
  export default topics;
}
/** True only in the demo build. */
declare const __DEMO__: boolean;
/** Put into the service worker by the bundler. */
declare const __FILES__: string[];
declare const __VERSION__: string;

/** Not in TypeScript's own types. What a policy makes is no string at run time; it goes where the browser asks for it. */
// A `var`: only so is it a property of `globalThis`.
// eslint-disable-next-line no-var
declare var trustedTypes: { createPolicy<Rules>(name: string, rules: Rules): Rules } | undefined;
