/** 내 사진: where one's own photograph lies, putting one there, taking it away. The server's /jmap/photograph. */
import { get, json, put, remove } from './network.ts';

const PATH = '/jmap/photograph';
/** Of a picture's octets (service.photographs). */
export const MOST_OCTETS = 12 * 1024 * 1024;

export interface OwnPhotograph {
  photo: string | null;
  /** Whether policy lets people put their own. */
  mayPut: boolean;
}

export async function ownPhotograph(): Promise<OwnPhotograph> {
  return json(await get(PATH));
}

/** Returns where it lies then. */
export async function putPhotograph(file: Blob): Promise<string> {
  return (await json<{ photo: string }>(await put(PATH, file))).photo;
}

export const dropPhotograph = (): Promise<void> => remove(PATH);
