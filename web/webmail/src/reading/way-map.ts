/**
 * The way of a message as a drawing: stops by country, lines between them, and the part of the world that shows them all.
 * Pure. Lengths are units of the sheet (`world.ts`); `unit` is one pixel of a panel.
 */
import type { Hop } from '@smartmail/jmap/types.ts';
import { HEIGHT, MIDDLES, WIDTH } from './world.ts';

export interface Point {
  x: number;
  y: number;
}

export interface Stop {
  country: string;
  /** Places in the list of hops, the oldest is 1. */
  numbers: number[];
  /** Our own server is there. */
  isEnd: boolean;
  /** Where the country is, and where its badge stands beside the others. */
  at: Point;
  badge: Point;
}

export interface Leg {
  from: Stop;
  to: Stop;
  /** Our own servers saw all of it. */
  verified: boolean;
  /** Seconds; 0 when nobody tells. */
  delay: number;
}

export interface WayMap {
  stops: Stop[];
  legs: Leg[];
  /** Hops that no map has: of private networks, or of nobody knows where. */
  missing: { number: number; isInside: boolean }[];
  view: { x: number; y: number; width: number; height: number };
  unit: number;
}

/** What a panel is wide in pixels, and the least part of the world that it shows. */
const PANEL = 400;
const LEAST = WIDTH * 0.2;
const SHAPE = 0.55;
/** Two badges with their names are apart so far, in pixels. */
const APART = 42;
const ROUNDS = 30;

const middles = new Map<string, Point>(
  MIDDLES.split('|').map((row) => {
    const [code = '', x, y] = row.split(' ');
    return [code, { x: Number(x), y: Number(y) }];
  }),
);

/** `hops` as the message travelled; `home`: the country that it came to. Null when no country of it is known. */
export function wayMap(hops: readonly Hop[], home: string | null): WayMap | null {
  const stops = new Map<string, Stop>();
  const legs: Leg[] = [];
  const missing: WayMap['missing'] = [];
  let last: Stop | null = null;
  let [verified, delay] = [true, 0];
  const arrive = (country: string): Stop | null => {
    const stop = stopOf(stops, country);
    if (stop && last && stop !== last) legs.push({ from: last, to: stop, verified, delay });
    return stop;
  };
  for (const [at, hop] of hops.entries()) {
    const stop: Stop | null = hop.country ? arrive(hop.country) : null;
    if (stop) {
      stop.numbers.push(at + 1);
      last = stop;
      [verified, delay] = [hop.verified, Math.max(0, hop.delay ?? 0)];
    } else {
      missing.push({ number: at + 1, isInside: hop.isInside });
      [verified, delay] = [verified && hop.verified, Math.max(delay, hop.delay ?? 0)];
    }
  }
  if (!last) return null;
  const end = home ? arrive(home) : null;
  if (end) end.isEnd = true;
  const found = [...stops.values()];
  const view = viewOf(found);
  const unit = view.width / PANEL;
  separate(found, APART * unit);
  return { stops: found, legs, missing, view: viewOf(found, view), unit };
}

function stopOf(stops: Map<string, Stop>, country: string): Stop | null {
  const known = stops.get(country);
  const at = middles.get(country);
  if (known || !at) return known ?? null;
  const made = { country, numbers: [], isEnd: false, at, badge: { ...at } };
  stops.set(country, made);
  return made;
}

/** The part of the sheet around all stops; with `least`, that and what reaches over it. */
function viewOf(stops: readonly Stop[], least?: WayMap['view']): WayMap['view'] {
  const xs = stops.flatMap(({ at, badge }) => [at.x, badge.x]);
  const ys = stops.flatMap(({ at, badge }) => [at.y, badge.y]);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const wanted = Math.max((right - left) * 1.35, ((bottom - top) * 1.6) / SHAPE, least?.width ?? LEAST);
  const width = Math.min(WIDTH, wanted);
  const height = width * SHAPE;
  const within = (middle: number, size: number, all: number): number =>
    size >= all ? (all - size) / 2 : Math.min(all - size, Math.max(0, middle - size / 2));
  return { x: within((left + right) / 2, width, WIDTH), y: within((top + bottom) / 2, height, HEIGHT), width, height };
}

/** Pushes badges apart that would hide one another. */
function separate(stops: readonly Stop[], apart: number): void {
  for (let round = 0; round < ROUNDS; round += 1) {
    let moved = false;
    for (const [at, one] of stops.entries())
      for (const other of stops.slice(at + 1)) {
        const [dx, dy] = [other.badge.x - one.badge.x, other.badge.y - one.badge.y];
        const distance = Math.hypot(dx, dy);
        if (distance >= apart) continue;
        const [ux, uy] = distance < 1 ? [1, 0] : [dx / distance, dy / distance];
        const push = (apart - distance) / 2 + 1;
        one.badge = { x: one.badge.x - ux * push, y: one.badge.y - uy * push };
        other.badge = { x: other.badge.x + ux * push, y: other.badge.y + uy * push };
        moved = true;
      }
    if (!moved) return;
  }
}

/** A line between two badges: bent, so that there and back are two; its top and its direction there. */
export function bow(from: Point, to: Point): { path: string; top: Point; angle: number } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const bend = { x: (from.x + to.x) / 2 + dy * 0.18, y: (from.y + to.y) / 2 - dx * 0.18 };
  const top = { x: (from.x + to.x) / 4 + bend.x / 2, y: (from.y + to.y) / 4 + bend.y / 2 };
  const path = `M${round(from.x)} ${round(from.y)}Q${round(bend.x)} ${round(bend.y)} ${round(to.x)} ${round(to.y)}`;
  return { path, top, angle: (Math.atan2(dy, dx) * 180) / Math.PI };
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** "1–3", "1·4". */
export function numbersText(numbers: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`)).join('·');
}
