/** In one file, which `later.ts` fetches. */
export { default as AccountChoices } from './AccountChoices.svelte';
export { default as ListEmpty } from './ListEmpty.svelte';
export { default as PhoneVerbs } from './PhoneVerbs.svelte';
export { default as RailMore } from './RailMore.svelte';
export { explain } from '../search/explaining.ts';
export { default as FoundIn } from '../search/FoundIn.svelte';
export { default as LineChips } from '../search/LineChips.svelte';
export { default as Marked } from '../search/Marked.svelte';
export { default as Meter } from '@smartmail/ui/Meter.svelte';
export { default as ListNews } from './ListNews.svelte';
export { chipOf, putTogether, takeApart } from '../app/search-line.ts';
export { default as SearchSuggestions } from '../search/SearchSuggestions.svelte';
export { suggestions } from '../search/suggesting.ts';
export { default as RowOrigin } from './RowOrigin.svelte';
export { default as TagList } from '../reading/TagList.svelte';
export { default as Toolbar } from './Toolbar.svelte';
