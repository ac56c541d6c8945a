/** What the device needs once the first rows are there: letters and acts that wait, mail fetched ahead, answers without a network. */
export { answered } from './answers.ts';
export { fill, fillChanged } from './filling.ts';
export { Journal } from './journal.ts';
export { Letters } from './letters.ts';
export { Unsaved } from './unsaved.ts';
export { textToHtml } from '../compose.ts';
