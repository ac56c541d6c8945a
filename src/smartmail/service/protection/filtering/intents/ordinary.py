"""Words that honest letters hold as often as others: all of them together count as one word of an intent."""

from typing import Final

_WORDS: Final = """
    금리 한도 문의 상담 가능 무료 신청 지원 모집 정보 공개 월 억 링크 라인 예약 비교 견적 가격 전문 업체 할인 이벤트 지금 최대 만원 억원 시간 배송 정식 수입 안전 남성 여성 하루 참여 인증
    입금 출금 신규 가입 지급 코드 쿠폰 포인트 도메인 주소 접속 1:1 24시간 검증 보장 동일 신상 대행 사진 지역 야간 전화 영상 방송 심사 조건 승인 자격 종목 추천 수익 초대 최소 투자
    투자금 사이트 판매 구매 구입 주문 효과 특가 세일 혜택 한정 마지막 기회 최신 성과 매출 발송 수량 타겟 실시간 대표님 사장님 신규고객 체험 후기 증정 교환 응답 필수 회신 이수 클릭하
    버튼을 첨부 첨부된 접수 신고 내역 수령 지연 보류 부재 입력하 점검 확인하 열람 조회하 제출하 접속하 확인바랍니다 기한내 금일 즉시 다운로드 다운로드하 서명 로그인 갱신 연장 환불
    제한 종료 중단 유지 삭제 이전작업 재등록 상관없이 정산 수수료 관세 납부 통지서 고지서 조사 변호사 은행에 협력 달러 개인정보
    attached view review update confirm required today access download pending awaiting transfer refund expire expires share reply claim trust fund
    selected contact sample emails cost quote proposal interested pricing sale shop order buy original delivery save natural results help apply easy
    flexible hours salary usd weekly meet chat profile photos click video private single full limit block closed storage notice legal settle appeal
    immediately immediate avoid renewal questions cancellation held hold delayed restore release duty awaiting deadline 100%
    確認 ご確認 更新 無料 登録 手続き お手続き 期限 円 万円 申請 交換 効果 限定 最新 署名 提出 回答 申込 審査 写真 会員 制限 停止 削除 保管 クリック 開く 表示する
    優惠 优惠 客服 联系 聯絡 点击 點擊 點選 查看 下载 下載 更新 立即 限制 附近 登录 登入 領取 领取 退款 取消 免费 免費 推荐 推薦 群 微信 line 效果 价格 费用 行业 到期 逾期
    申請 申报 申報 登记 登記 密码 密碼 附件 截止 联系 聯繫 收入 网址 網址 购买 購買 申领 申領 約 约 办理
"""
COMMON: Final = frozenset(_WORDS.split())
