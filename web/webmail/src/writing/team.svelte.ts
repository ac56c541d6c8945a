/** Templates that one's department and groups share, and where one may share one's own. */
import type { GetResult, SetResult } from '@smartmail/jmap/methods.ts';
import type { Id } from '@smartmail/jmap/types.ts';
import { connection } from '../app/connection.svelte.ts';
import type { Template } from '../app/preferences.ts';

export interface TeamTemplate extends Template {
  placeName: string;
  mayChange: boolean;
}

export interface TemplatePlace {
  id: Id;
  name: string;
}

class Team {
  templates = $state.raw<readonly TeamTemplate[]>([]);
  places = $state.raw<readonly TemplatePlace[]>([]);

  /** Asked for when a menu opens: colleagues change them. */
  async load(): Promise<void> {
    const { account } = connection;
    if (!account) return;
    const { pipeline } = account;
    const [templates, places] = await Promise.all(
      pipeline.group(
        () =>
          [
            pipeline.send<GetResult<TeamTemplate>>('TeamTemplate/get', { ids: null }).result,
            pipeline.send<GetResult<TemplatePlace>>('TemplatePlace/get', { ids: null }).result,
          ] as const,
      ),
    );
    this.templates = templates.list;
    this.places = places.list;
  }

  /** Throws when it is refused. */
  async share(placeId: Id, { name, subject, html, text }: Template): Promise<void> {
    await this.#set({ create: { made: { placeId, name, subject, html, text } } });
  }

  /** Puts other words in. Throws when it is refused. */
  async change(id: Id, words: Partial<Omit<Template, 'id'>>): Promise<void> {
    await this.#set({ update: { [id]: words } });
  }

  /** Throws when it is refused. */
  async remove(id: Id): Promise<void> {
    await this.#set({ destroy: [id] });
  }

  async #set(change: object): Promise<void> {
    const answer = await connection.account?.pipeline.send<SetResult>('TeamTemplate/set', { ...change }).result;
    const [refused] = Object.values({
      ...answer?.notCreated,
      ...answer?.notUpdated,
      ...answer?.notDestroyed,
    });
    if (!answer || refused) throw new Error(refused?.description ?? refused?.type ?? 'offline');
    await this.load();
  }
}

export const team = new Team();
