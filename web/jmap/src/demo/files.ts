/** Files of the demo: a picture, a PDF of one page, and what the server's parser would say of the others. */
import type { FilePreview } from '../backend.ts';

export function previewOf(name: string): FilePreview {
  if (/xlsx?$/.test(name))
    return {
      text: '2027년 예산안\n부서\t요청액\t작년 집행률\n영업본부\t1,240,000,000\t97%\n연구소\t2,180,000,000\t91%\n관리본부\t640,000,000\t99%\n',
      complete: true,
      problem: null,
      parts: [],
    };
  if (/zip$/.test(name))
    return {
      text: '도면 3장의 목록입니다.\n',
      complete: true,
      problem: null,
      parts: ['도면/A-1.dwg', '도면/A-2.dwg', '읽어보세요.txt'],
    };
  return {
    text: '계약서 초안\n\n제1조(목적) 이 계약은 부품의 납품에 필요한 사항을 정한다.\n',
    complete: true,
    problem: null,
    parts: [],
  };
}

export function octetsOf(type: string): Blob {
  return type === 'application/pdf' ? new Blob([pdf()], { type }) : new Blob([png()], { type: 'image/png' });
}

/** A page with one line of text; the table of objects must hold their exact places. */
function pdf(): string {
  const stream = 'BT /F1 28 Tf 60 740 Td (Contract draft - page one) Tj ET 60 720 480 2 re f';
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text = '%PDF-1.4\n';
  const places = objects.map((object, at) => {
    const place = text.length;
    text += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  return `${text}xref\n0 6\n0000000000 65535 f \n${table}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${text.length}\n%%EOF`;
}

/** One pixel. */
function png(): Uint8Array<ArrayBuffer> {
  const base64 = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==';
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
