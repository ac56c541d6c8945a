/**
 * Writes the outline of the world and the middles of its countries for the map of a mail's way.
 *
 *     node tools/world.mjs LAND COUNTRIES > webmail/src/reading/world.ts
 *
 * The two files are `land-110m.json` and `countries-50m.json` of the npm package world-atlas 2.0.2: Natural Earth 4.1.0,
 * public domain, as TopoJSON. Codes of ISO 3166 come from its numbers by the tables of the runtime (Unicode CLDR). A
 * country's place is the middle of its largest piece of land; borders are not drawn, so that the map takes no side.
 *
 * The Pacific lies in the middle: the outline is cut where it meets the least land, so that a way between Asia and
 * America is one line and not two.
 */
import { readFileSync } from 'node:fs';

const MIDDLE = 150;
const WIDTH = 2000;
/** Nobody sends mail from farther south; the ice would take a fifth of the picture. */
const SOUTHERNMOST = -58;

function topology(path) {
  const { arcs, transform, objects } = JSON.parse(readFileSync(path, 'utf8'));
  const [kx, ky] = transform.scale;
  const [dx, dy] = transform.translate;
  const lines = arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([px, py]) => [(x += px) * kx + dx, (y += py) * ky + dy]);
  });
  const ring = (indexes) =>
    indexes.flatMap((index, at) => {
      const line = index < 0 ? lines[~index].toReversed() : lines[index];
      return at === 0 ? line : line.slice(1);
    });
  const polygons = (geometry) => {
    if (geometry.type === 'Polygon') return [geometry.arcs.map(ring)];
    return geometry.type === 'MultiPolygon' ? geometry.arcs.map((polygon) => polygon.map(ring)) : [];
  };
  return { objects, polygons };
}

/** A ring without jumps, in degrees east of the middle; it may reach beyond 180. */
function unrolled(ring) {
  const found = [];
  let before = null;
  for (const [lon, lat] of ring) {
    let x = lon - MIDDLE;
    if (before !== null) x += 360 * Math.round((before - x) / 360);
    found.push([x, lat]);
    before = x;
  }
  const middle = (Math.min(...found.map(([x]) => x)) + Math.max(...found.map(([x]) => x))) / 2;
  const turns = 360 * Math.round(middle / 360);
  return found.map(([x, lat]) => [x - turns, lat]);
}

/** The part of a ring on one side of a meridian (Sutherland and Hodgman). */
function half(ring, edge, keeps) {
  const found = [];
  for (const [at, point] of ring.entries()) {
    const last = ring.at(at - 1);
    if (keeps(point[0]) !== keeps(last[0])) {
      const part = (edge - last[0]) / (point[0] - last[0]);
      found.push([edge, last[1] + part * (point[1] - last[1])]);
    }
    if (keeps(point[0])) found.push(point);
  }
  return found;
}

/** What of a ring lies on the sheet; what reaches over one edge comes in at the other. */
function onSheet(ring) {
  const pieces = [-360, 0, 360].map((turn) => {
    const moved = ring.map(([x, lat]) => [x + turn, lat]);
    return half(
      half(moved, -180, (x) => x >= -180),
      180,
      (x) => x <= 180,
    );
  });
  return pieces.filter((piece) => piece.length > 2);
}

/** Equal Earth (Šavrič, Patterson and Jenny, 2018). */
function projected([x, lat]) {
  const [a1, a2, a3, a4] = [1.340264, -0.081106, 0.000893, 0.003796];
  const t = Math.asin((Math.sqrt(3) / 2) * Math.sin((lat * Math.PI) / 180));
  const t2 = t * t;
  const t6 = t2 ** 3;
  const flat = a1 + 3 * a2 * t2 + t6 * (7 * a3 + 9 * a4 * t2);
  const east = (2 * Math.sqrt(3) * ((x * Math.PI) / 180) * Math.cos(t)) / (3 * flat);
  return [east, -t * (a1 + a2 * t2 + t6 * (a3 + a4 * t2))];
}

const edge = projected([180, 0])[0];
const top = projected([0, 84])[1];
const scale = WIDTH / (2 * edge);
const placed = (point) => {
  const [x, y] = projected(point);
  return [(x + edge) * scale, (y - top) * scale];
};
const HEIGHT = Math.round(placed([0, SOUTHERNMOST])[1]);

function path(points) {
  const steps = [];
  let before = null;
  for (const [x, y] of points.map((point) => placed(point).map(Math.round))) {
    if (before === null) steps.push(`M${x} ${y}`);
    else if (x !== before[0] || y !== before[1]) steps.push(`${x - before[0]} ${y - before[1]}`);
    before = [x, y];
  }
  return steps.length < 3 ? '' : `${steps[0]}l${steps.slice(1).join(' ').replaceAll(' -', '-')}z`;
}

/** Twice the area, and the middle, of a ring on the sheet. */
function middleOf(points) {
  let [area, sumX, sumY] = [0, 0, 0];
  for (const [at, [x, y]] of points.entries()) {
    const [fromX, fromY] = points.at(at - 1);
    const cross = fromX * y - x * fromY;
    area += cross;
    sumX += (fromX + x) * cross;
    sumY += (fromY + y) * cross;
  }
  return { area: Math.abs(area), x: sumX / (3 * area), y: sumY / (3 * area) };
}

const [landFile, countryFile] = process.argv.slice(2);
const land = topology(landFile);
const outline = land
  .polygons(land.objects.land.geometries?.[0] ?? land.objects.land)
  .flatMap((polygon) => polygon.map(unrolled))
  .filter((ring) => Math.max(...ring.map(([, lat]) => lat)) > SOUTHERNMOST)
  .flatMap(onSheet)
  .map(path)
  .join('');

const countries = topology(countryFile);
const places = new Map();
for (const geometry of countries.objects.countries.geometries) {
  const code = geometry.id === undefined ? undefined : new Intl.Locale(`und-${geometry.id}`).region;
  if (!/^[A-Z]{2}$/.test(code ?? '')) continue;
  const pieces = countries
    .polygons(geometry)
    .flatMap(([outer]) => onSheet(unrolled(outer)))
    .map((ring) => middleOf(ring.map(placed)));
  const largest = pieces.reduce((one, other) => (other.area > one.area ? other : one));
  const known = places.get(code);
  if (largest.y <= HEIGHT && !(known && known.area > largest.area)) places.set(code, largest);
}
const rows = [...places].sort(([one], [other]) => (one < other ? -1 : 1));
const packed = rows.map(([code, { x, y }]) => `${code} ${Math.round(x)} ${Math.round(y)}`).join('|');

console.log(`/**
 * The outline of the world and the middles of countries, for the map of a mail's way. Made by tools/world.mjs from Natural
 * Earth 4.1.0 (public domain; npm world-atlas 2.0.2). Do not edit.
 */
export const WIDTH = ${WIDTH};
export const HEIGHT = ${HEIGHT};
export const LAND =
  '${outline}';
/** Two letters of ISO 3166, across, down. */
export const MIDDLES =
  '${packed}';`);
