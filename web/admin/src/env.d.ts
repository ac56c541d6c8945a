/// <reference types="svelte" />
/// <reference types="vite/client" />

/** True only in the demo build. */
declare const __DEMO__: boolean;
