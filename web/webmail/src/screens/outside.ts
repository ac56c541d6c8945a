/** The screens of who is not in: a person who signs in, or a server that does not answer. Whoever is in never fetches them. */
export { default as SignIn } from './SignIn.svelte';
export { default as StartFailed } from './StartFailed.svelte';
