/**
 * Addresses of programs that the page starts beside itself: the service worker, and the reader of PDF. The page's policy
 * (`require-trusted-types-for`) takes no other: this is the one place that may name them.
 */
const OURS =
  /^\/(?:worker\.js|assets\/pdf\.worker\.min-[\w-]+\.mjs|node_modules\/pdfjs-dist\/build\/pdf\.worker\.min\.mjs)$/;
const rules = {
  createScriptURL(address: string): string {
    if (!OURS.test(address)) throw new TypeError(`no program of ours: ${address}`);
    return address;
  },
};

// Browsers without Trusted Types take the string as it is.
const naming = globalThis.trustedTypes?.createPolicy('smartmail-programs', rules) ?? rules;

/** The address as the browser takes it; throws for any other. */
export function program(address: string): string {
  return naming.createScriptURL(address);
}
