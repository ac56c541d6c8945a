/** What the server would say of the looks of the demo's files. */
import type { Block, Cell, Layout, LookedAt } from '../layout.ts';

const line = (text: string, more: object = {}): Block => ({ is: 'p', runs: [{ text }], ...more });
const cell = (text: string, more: object = {}, run: object = {}): Cell => ({
  blocks: [{ is: 'p', runs: [{ text, ...run }], ...(/^[\d,.%-]+$/.test(text) ? { align: 'right' } : {}) }],
  ...more,
});

const BUDGET: string[][] = [
  ['부서', '요청액', '작년 집행률'],
  ['영업본부', '1,240,000,000', '97%'],
  ['연구소', '2,180,000,000', '91%'],
  ['관리본부', '640,000,000', '99%'],
];
const CHART = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';

function sheets(): Layout {
  const head = (BUDGET[0] ?? []).map((text) => cell(text, { fill: '1f4e79' }, { bold: true, color: 'ffffff' }));
  const rows = BUDGET.slice(1).map((row) => row.map((text) => cell(text)));
  const title = [cell('2027년 예산안', { columns: 3, fill: 'ddebf7' }, { bold: true, size: 16 })];
  const monthly = ['1월', '2월', '3월'].map((month, at) => [cell(month), cell(`${(at + 3) * 120},000,000`)]);
  return {
    kind: 'sheets',
    pages: [
      { name: '예산', blocks: [{ is: 'table', rows: [title, head, ...rows], widths: [90, 110, 90] }] },
      { name: '월별', blocks: [{ is: 'table', rows: monthly, widths: [60, 110] }] },
    ],
  };
}

function minutes(): Layout {
  const table = [
    [cell('구분', { fill: 'e8eef7' }, { bold: true }), cell('내용', { fill: 'e8eef7', columns: 2 }, { bold: true })],
    [cell('일정', { rows: 2 }), cell('시제품'), cell('3월 14일')],
    [cell('양산'), cell('5월 2일')],
  ];
  return {
    kind: 'document',
    pages: [
      {
        blocks: [
          { is: 'p', heading: 1, align: 'center', runs: [{ text: '주간 회의록', bold: true, size: 20 }] },
          line('2027년 1월 8일 · 본관 3층', { align: 'right' }),
          { is: 'p', heading: 2, runs: [{ text: '1. 결정한 일' }] },
          line('시제품 일정을 한 주 앞당긴다.', { marker: '가.', indent: 1 }),
          {
            is: 'p',
            marker: '나.',
            indent: 1,
            runs: [
              { text: '납품 단가는 ' },
              { text: '다음 주까지', bold: true, color: 'c00000' },
              { text: ' 다시 확인한다.' },
            ],
          },
          { is: 'table', rows: table, widths: [80, 140, 140] },
          { is: 'picture', at: 0, width: 120, height: 40 },
        ],
      },
    ],
    pictures: [{ type: 'image/png', octets: CHART }],
  };
}

const draft = (): Layout => ({
  kind: 'document',
  pages: [
    {
      blocks: [
        { is: 'p', heading: 1, align: 'center', runs: [{ text: '계약서 초안' }] },
        line('제1조(목적) 이 계약은 부품의 납품에 필요한 사항을 정한다.'),
      ],
    },
  ],
});

/** Null for what has no layout: then its text is shown. */
export function layoutOf(file: LookedAt): Layout | null {
  if (file.inside !== undefined) return draft();
  if (/xlsx?$/.test(file.name)) return sheets();
  if (/hwpx?$/.test(file.name)) return minutes();
  if (/zip$/.test(file.name))
    return {
      kind: 'archive',
      files: [
        { name: '도면/설명서.docx', size: 20_480 },
        { name: '읽어보세요.txt', size: 120 },
      ],
    };
  return /docx$/.test(file.name) ? draft() : null;
}
