/** Faces and sizes of a letter: families that its readers' programs have, and points as offices count them. Pure. */
import type { MessageKey } from '@smartmail/i18n/translate.ts';

interface Face {
  /** As it is kept. */
  name: string;
  /** Its name where that is a word of the screen's language; otherwise its own. */
  label?: MessageKey;
  family: string;
}

/** Each with its Korean and its Latin name: programs know the one or the other. */
export const FACES: readonly Face[] = [
  { name: 'malgun', label: 'face.malgun', family: "'Malgun Gothic', '맑은 고딕', sans-serif" },
  { name: 'batang', label: 'face.batang', family: "Batang, '바탕', serif" },
  { name: 'dotum', label: 'face.dotum', family: "Dotum, '돋움', sans-serif" },
  { name: 'gulim', label: 'face.gulim', family: "Gulim, '굴림', sans-serif" },
  { name: 'gungsuh', label: 'face.gungsuh', family: "Gungsuh, '궁서', serif" },
  { name: 'arial', family: 'Arial, sans-serif' },
  { name: 'verdana', family: 'Verdana, sans-serif' },
  { name: 'times', family: "'Times New Roman', serif" },
  { name: 'courier', family: "'Courier New', monospace" },
  { name: 'meiryo', label: 'face.meiryo', family: "Meiryo, 'メイリオ', sans-serif" },
  { name: 'yahei', label: 'face.yahei', family: "'Microsoft YaHei', '微软雅黑', sans-serif" },
  { name: 'jhenghei', label: 'face.jhenghei', family: "'Microsoft JhengHei', '微軟正黑體', sans-serif" },
];
export const POINTS = [8, 9, 10, 11, 12, 14, 16, 18, 20, 24, 28, 36] as const;
/** As a letter is drawn that says nothing of sizes. */
export const USUAL_POINTS = 10;

export function familyOf(name: string): string | null {
  return FACES.find((face) => face.name === name)?.family ?? null;
}

/** The first name of a family, as people know it. */
export function firstName(family: string): string {
  return (family.split(',')[0] ?? '').trim().replace(/^["']|["']$/g, '');
}

/** The face that words wear, whatever names their family begins with. */
export function faceOf(family: string): Face | undefined {
  const first = firstName(family).toLowerCase();
  return FACES.find((face) => face.family.split(',').some((name) => firstName(name).toLowerCase() === first));
}

const PER_POINT: Record<string, number> = { pt: 1, px: 0.75, em: USUAL_POINTS, rem: 12 };

/** A size in points, as the list of sizes shows it; null for one that is not known. */
export function pointsOf(size: string): number | null {
  const [, figure, unit = ''] = /^([\d.]+)(pt|px|em|rem)$/.exec(size.trim()) ?? [];
  const points = Number(figure) * (PER_POINT[unit] ?? NaN);
  return Number.isFinite(points) ? Math.round(points * 2) / 2 : null;
}
