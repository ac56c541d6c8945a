/** The invented company of the demo client: people, partners, subjects and sentences. */
import type { EmailAddress } from '../types.ts';

export const OWNER: EmailAddress = { name: '한지우 책임', email: 'jiwoo.han@hanbit-tech.example' };

const person = (name: string, email: string): EmailAddress => ({ name, email });

export const PEOPLE: readonly EmailAddress[] = [
  person('김민지 책임', 'minji.kim@hanbit-tech.example'),
  person('박서준 수석', 'seojun.park@hanbit-tech.example'),
  person('이하은 선임', 'haeun.lee@hanbit-tech.example'),
  person('최도윤 팀장', 'doyun.choi@hanbit-tech.example'),
  person('정유나 매니저', 'yuna.jung@hanbit-tech.example'),
  person('강현우 이사', 'hyunwoo.kang@hanbit-tech.example'),
  person('윤서아 사원', 'seoa.yoon@hanbit-tech.example'),
  person('임준호 과장', 'junho.lim@daeyang-parts.example'),
  person('오세린 대리', 'serin.oh@daeyang-parts.example'),
  person('田中 健一', 'k.tanaka@sakura-works.example'),
  person('佐藤 美咲', 'm.sato@sakura-works.example'),
  person('王小明', 'xm.wang@yuanda.example'),
  person('林怡君', 'yj.lin@formosa-opt.example'),
  person('Emily Carter', 'emily.carter@northwind.example'),
  person('구매지원센터', 'purchase@hanbit-tech.example'),
  person('전자결재', 'approval@hanbit-tech.example'),
  person('인사팀', 'hr@hanbit-tech.example'),
  person('정보보안팀', 'security@hanbit-tech.example'),
];

export interface Topic {
  subject: string;
  lines: readonly string[];
  lang: string;
}

const ko = (subject: string, ...lines: string[]): Topic => ({ subject, lines, lang: 'ko' });

export const TOPICS: readonly Topic[] = [
  ko(
    '2027년 예산 회의 자료 공유드립니다',
    '안녕하세요. 다음 주 화요일 예산 회의에서 검토할 자료를 먼저 보내드립니다.',
    '부서별 요청액과 작년 집행률을 한 장으로 정리했습니다. 3쪽의 설비 투자 항목은 아직 협의 중입니다.',
    '금요일까지 의견 주시면 반영해서 최종본을 다시 올리겠습니다.',
  ),
  ko(
    '[견적] 서버 증설 3안 비교',
    '요청하신 서버 증설 견적을 세 가지 안으로 나누어 보내드립니다.',
    '2안이 초기 비용은 조금 높지만 3년 유지보수를 포함하면 가장 유리합니다.',
    '납기는 발주 후 4주이며, 설치 일정은 협의 가능합니다.',
  ),
  ko(
    '11월 정기 점검 안내 (11/28 22:00–24:00)',
    '서비스 안정화를 위해 아래와 같이 정기 점검을 진행합니다.',
    '점검 시간에는 그룹웨어와 전자결재에 접속할 수 없습니다. 메일은 계속 받을 수 있습니다.',
  ),
  ko(
    '계약서 검토 부탁드립니다',
    '첨부한 계약서 초안의 7조(손해배상)와 12조(비밀유지)를 중심으로 검토 부탁드립니다.',
    '상대측은 이번 주 안에 회신을 원하고 있습니다.',
  ),
  ko(
    '주간 업무 보고 (11월 4주차)',
    '이번 주 진행한 일과 다음 주 계획을 정리했습니다.',
    '1. 메일 서버 이전 리허설을 마쳤습니다. 2. 사용자 안내문 초안을 작성했습니다. 3. 백업 복구 시험은 수요일에 진행합니다.',
  ),
  ko(
    '출장 일정 확인 요청 — 부산 공장',
    '12월 3일부터 5일까지 부산 공장 출장 일정입니다.',
    'KTX는 예매해 두었고 숙소는 지난번과 같은 곳으로 잡았습니다. 변경이 필요하면 오늘 중으로 알려 주세요.',
  ),
  ko(
    '신규 입사자 환영회 장소 안내',
    '이번 달 입사하신 여섯 분의 환영회를 준비했습니다.',
    '금요일 저녁 7시, 회사 앞 한식당입니다. 못 드시는 음식이 있으면 회신해 주세요.',
  ),
  ko(
    '납품 지연 관련하여 말씀드립니다',
    '원자재 통관이 늦어져 이번 주 납품이 이틀 정도 지연될 것 같습니다.',
    '불편을 드려 죄송합니다. 대체 운송편을 확보해 두었으며 확정되는 대로 바로 알려드리겠습니다.',
  ),
  ko(
    '연차 사용 계획 제출 안내',
    '남은 연차를 확인하시고 12월 10일까지 사용 계획을 제출해 주세요.',
    '미사용 연차는 회사 규정에 따라 처리됩니다.',
  ),
  ko(
    '디자인 시안 2차 전달드려요',
    '지난 회의에서 주신 의견을 반영해 첫 화면의 여백과 글자 크기를 다시 잡았습니다.',
    '모바일 시안도 함께 넣었으니 편하게 보시고 말씀 주세요.',
  ),
  ko(
    '보안 교육 이수 요청 (마감 11월 30일)',
    '정기 정보보호 교육을 아직 이수하지 않은 분께 보내드립니다.',
    '교육은 40분이면 끝나고, 중간에 멈췄다가 이어서 볼 수 있습니다.',
  ),
  ko(
    '고객사 미팅 회의록',
    '오늘 미팅에서 나온 이야기를 정리했습니다. 빠진 내용이 있으면 알려 주세요.',
    '고객사는 도입 시점을 내년 2월로 보고 있고, 시험 운영 기간을 4주로 요청했습니다.',
  ),
  {
    subject: '見積書送付のご案内',
    lines: [
      'お世話になっております。ご依頼の見積書をお送りいたします。',
      'ご不明な点がございましたら、お気軽にお問い合わせください。',
    ],
    lang: 'ja',
  },
  {
    subject: '关于十二月发货计划的确认',
    lines: ['您好，附件是十二月的发货计划，请确认数量和到货日期。', '如需调整，请在本周五之前回复。'],
    lang: 'zh-Hans',
  },
  {
    subject: '光學樣品測試報告',
    lines: ['您好，樣品測試已經完成，報告如附件。', '若需要補充數據，請隨時告知。'],
    lang: 'zh-Hant',
  },
  {
    subject: 'Q4 roadmap review — agenda and open questions',
    lines: [
      'Hi Jiwoo, here is the agenda for Thursday.',
      'Please add anything you would like to discuss before noon. I left two open questions on the rollout order at the end of the document.',
    ],
    lang: 'en',
  },
];

export const FILES: readonly { name: string; type: string; size: number }[] = [
  {
    name: '2027_예산안_v3.xlsx',
    type: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    size: 184_320,
  },
  { name: '회의록.hwpx', type: 'application/hwp+zip', size: 96_112 },
  { name: '견적서_최종.pdf', type: 'application/pdf', size: 1_264_200 },
  { name: '현장사진.jpg', type: 'image/jpeg', size: 3_482_110 },
];
