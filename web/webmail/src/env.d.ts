/// <reference types="svelte" />
/// <reference types="vite/client" />

/** True only in the demo build. */
declare const __DEMO__: boolean;
/** Put into the service worker by the bundler. */
declare const __FILES__: string[];
declare const __VERSION__: string;
