export const FLOORS: readonly (readonly string[])[];
export const BESIDE: Readonly<Record<string, readonly string[]>>;
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>>;
