/** What the demo's server found out about mail from outside. */
import type { Email, Hop, Inspection, InspectionReason } from '../types.ts';

const COUNTRIES: Record<string, [code: string, address: string, asn: number]> = {
  'daeyang-parts.example': ['KR', '203.0.113.24', 4766],
  'sakura-works.example': ['JP', '203.0.113.80', 2516],
  'yuanda.example': ['CN', '198.51.100.14', 4134],
  'formosa-opt.example': ['TW', '198.51.100.77', 3462],
  'northwind.example': ['US', '192.0.2.45', 14618],
};
const REASONS: Record<string, InspectionReason[]> = {
  'yuanda.example': [
    {
      rule: 'name-of-colleague',
      weight: 4,
      text: '보낸 사람의 ‘王小明’ 이름은 우리 직원과 같지만 외부 주소(xm.wang@yuanda.example)에서 왔습니다.',
    },
    {
      rule: 'dmarc-fail',
      weight: 2,
      text: '보낸 사람의 도메인 yuanda.example에서 보냈다는 것이 확인되지 않습니다(DMARC 실패).',
    },
  ],
  'northwind.example': [
    { rule: 'first-to-company', weight: 0.5, text: 'northwind.example에서 우리 회사에 처음 보낸 메일입니다.' },
  ],
};

export function inspectionOf(email: Email): Inspection | null {
  const domain = email.from?.[0]?.email.split('@')[1] ?? '';
  const place = COUNTRIES[domain];
  if (!place) return null;
  const reasons = REASONS[domain] ?? [];
  const proved = !reasons.some((reason) => reason.rule === 'dmarc-fail');
  const at = Date.parse(email.receivedAt);
  return {
    logo: null,
    authentication: [
      { method: 'spf', result: proved ? 'pass' : 'softfail', reason: null },
      { method: 'dkim', result: proved ? 'pass' : 'none', reason: null },
      { method: 'dmarc', result: proved ? 'pass' : 'fail', reason: null },
    ],
    aligned: proved,
    hops: hopsOf(domain, place, at),
    country: place[0],
    tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
    nature: 'clean',
    score: reasons.reduce((sum, reason) => sum + reason.weight, 0),
    reasons,
  };
}

function hopsOf(domain: string, [country, address, asn]: [string, string, number], at: number): Hop[] {
  const time = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+/, '');
  const hop = { protocol: 'ESMTPS', tls: 'TLSv1.3', isInside: false };
  return [
    {
      ...hop,
      verified: true,
      name: `mx-out.${domain}`,
      address,
      by: 'mx1.hanbit-tech.example',
      at: time(at),
      delay: 3,
      country,
      asn,
    },
    {
      ...hop,
      verified: false,
      name: `relay.${domain}`,
      address: '198.51.100.200',
      by: `mx-out.${domain}`,
      at: time(at - 3000),
      delay: 940,
      country: 'SG',
      asn: 16509,
    },
    {
      ...hop,
      verified: false,
      name: 'desktop-7',
      address: '10.0.4.21',
      by: `relay.${domain}`,
      protocol: 'ESMTP',
      tls: null,
      at: time(at - 943_000),
      delay: 0,
      country: null,
      isInside: true,
      asn: null,
    },
  ];
}
