/** The name of a saved message: its subject without what file systems refuse. */
export function fileNameOf(subject: string | null, ending = 'eml'): string {
  // eslint-disable-next-line no-control-regex -- they are what is taken out
  const name = (subject ?? '').replace(/[\u0000-\u001f\u007f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
  return `${[...name].slice(0, 80).join('').trim() || 'mail'}.${ending}`;
}
