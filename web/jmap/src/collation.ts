/** The server's order of names for readers of a language, by its name (RFC 4790): what `collationAlgorithms` lists. */
export const collationOf = (language: string): string => `${language};vnd-smartmail.example;cldr`;
