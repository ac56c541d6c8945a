/** Back to where a sign-in was asked for: the page on which a program is let in. No other address is followed. */
export function followSignInReturn(): void {
  const wanted = new URLSearchParams(location.search).get('return');
  if (wanted?.startsWith('/oauth/authorize?')) location.replace(wanted);
}
