/** How lines are drawn: the tokens of the design system, one time axis, gaps where nothing was measured. */
import type uPlot from 'uplot';
import { language } from '../app/language.svelte.ts';
import type { Drawn } from './data.ts';

const HEIGHT = 180;
const NARROWEST = 200;
const HOUR = 3600;

export function sizeOf(box: HTMLElement): { width: number; height: number } {
  return { width: Math.max(NARROWEST, box.clientWidth), height: HEIGHT };
}

/** The tokens as they are in the theme that is on. */
export function colours(box: HTMLElement): Record<string, string> {
  const style = getComputedStyle(box);
  const name = (token: string): string => style.getPropertyValue(token).trim();
  return {
    accent: name('--accent'), ok: name('--ok'), warn: name('--warn'), bad: name('--bad'), info: name('--info'),
    quiet: name('--ink-2'), grid: name('--line'), text: name('--ink-2'), font: `12px ${name('--font')}`,
  }; // prettier-ignore
}

const writerOf = (step: number): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(
    language(),
    step >= HOUR ? { month: 'numeric', day: 'numeric' } : { hour: '2-digit', minute: '2-digit', hour12: false },
  );

/** A line of one or two points has no length: it is shown as points. */
const isShort = (chart: uPlot, series: number): boolean =>
  (chart.data[series] ?? []).filter((one) => typeof one === 'number').length < 3;

export function options(
  box: HTMLElement,
  lines: readonly Drawn[],
  step: number,
  show: (value: number) => string,
  point: (at: number | null) => void,
): uPlot.Options {
  const look = colours(box);
  const write = writerOf(step);
  const axis: uPlot.Axis = {
    stroke: look.text ?? '', grid: { stroke: look.grid ?? '', width: 1 }, ticks: { show: false }, font: look.font ?? '',
  }; // prettier-ignore
  return {
    ...sizeOf(box),
    legend: { show: false },
    cursor: { sync: { key: 'overview' }, y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: { y: { range: (_, low, high) => [Math.min(0, low), Math.max(1, high * 1.08)] } },
    axes: [
      { ...axis, values: (_, splits) => splits.map((one) => write.format(one * 1000)), space: 70, size: 30 },
      { ...axis, values: (_, splits) => splits.map((one) => (Number.isInteger(one) ? show(one) : '')), size: 64 },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.label,
        stroke: look[line.look] ?? '',
        width: 1.75,
        points: { size: 5, show: isShort },
        spanGaps: false,
        ...(line.dashed ? { dash: [5, 4] } : {}),
      })),
    ],
    hooks: { setCursor: [(chart: uPlot) => point(chart.cursor.idx ?? null)] },
  };
}
