"""Names of people and companies, and sentences, as offices have them."""

from random import Random
from typing import Final

from smartmail.formats.person_names import romanise

# Share of a thousand people, census of 2015.
SURNAMES: Final = {
    "김": 215, "이": 147, "박": 84, "최": 47, "정": 43, "강": 23, "조": 21, "윤": 20, "장": 19, "임": 16, "한": 15, "오": 15, "서": 15,
    "신": 15, "권": 14, "황": 14, "안": 13, "송": 13, "류": 6, "홍": 11, "전": 11, "고": 9, "문": 9, "양": 9, "손": 9, "배": 8, "백": 7,
    "허": 6, "남": 5, "심": 5, "노": 5, "하": 4, "곽": 4, "성": 4, "차": 4, "주": 4, "우": 4, "구": 4, "나": 3, "민": 3, "진": 3,
}  # fmt: skip
GIVEN: Final = (
    "민수 지훈 성호 영수 현우 준호 동현 상훈 정훈 승현 재현 민재 태현 진우 성민 경수 병철 영철 광수 종현 우진 도윤 시우 건우 현준 은우 "
    "수진 지영 은정 미경 영희 은주 현주 지현 혜진 유진 민지 수빈 지은 서연 하은 지우 서현 예진 소영 미영 경희 선영 정희 보람 아름 나래 "
    "기훈 용준 창민 재석 형준 상우 대현 원석 규현 한솔 다은 가영 윤서 채원 세훈 찬호 인호 명수 순자 옥희 말숙 철호 태희 주원 민서 민석 "
    "지훈 지호 지환 성훈 성현 성진 수현 수민 수정 정민 정현 정우 영호 영민 영진 현정 현수 현진 은희 은영 은지 미나 미숙 상현 상철 상민"
).split()
KANJI_SURNAMES: Final = (
    "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤 吉田 山田 佐々木 山口 松本 井上 木村 林 清水 斎藤".split()
)
KANJI_GIVEN: Final = (
    "太郎 健一 直樹 誠 大輔 翔太 美咲 陽子 恵子 由美 真由美 裕子 隆 浩 拓也 智子 愛 麻衣 和也 剛".split()
)
LATIN_GIVEN: Final = "James Mary John Linda Robert Susan Michael Karen David Nancy Thomas Emma Peter Laura Anna Mark Paul Julia Kevin Sara".split()
LATIN_SURNAMES: Final = "Smith Johnson Brown Miller Davis Wilson Moore Taylor Anderson Clark Lewis Walker Young Hill Green Baker Nelson Carter".split()
TITLES: Final = ("사원", "대리", "과장", "차장", "부장", "이사")
JA_TITLES: Final = ("", "主任", "係長", "課長", "部長")
COMPANY_HEADS: Final = (
    "한빛 대성 미래 동양 세종 한울 푸른 금강 태평 삼우 신흥 우성 대한 영광 나눔 가온 새롬 다온 누리 아라 은하 두레 청우 백두 설악 한강 "
    "남산 동방 서광 태양 유니온 코스모 제일 신세기 한솔 이레 드림 그린 스마트 넥스트 비전 해담 온새 라온 마루 도담 예원 삼진 성원 대광"
).split()
COMPANY_TAILS: Final = (
    ("전자", "elec"), ("건설", "const"), ("화학", "chem"), ("상사", "trading"), ("물산", "corp"), ("정밀", "precision"), ("식품", "foods"),
    ("제약", "pharm"), ("물류", "logis"), ("소프트", "soft"), ("시스템", "system"), ("테크", "tech"), ("산업", "ind"), ("에너지", "energy"),
)  # fmt: skip
JA_COMPANIES: Final = "青空 東都 富士見 日の出 桜井 大和田 北星 みなと 三栄 光和 中央 西川 旭 若葉 丸山".split()
JA_TAILS: Final = (("商事", "shoji"), ("電機", "denki"), ("工業", "kogyo"), ("製作所", "works"))
LATIN_COMPANIES: Final = "Northwind Bluefield Oakline Silverlake Brightway Stonegate Clearview Redwood Ironbridge Lakeside Summit Falcon Harbor Pioneer".split()
PROJECTS: Final = (
    "알파 베타 오로라 타이거 가디언 나침반 다리 무지개 차세대 통합관제 스마트공장 클라우드전환 보안강화 인사개편 원가절감 품질혁신 신사옥 "
    "해외진출 모바일앱 데이터허브 챗봇 물류센터 예산편성 연말정산 감사대응 특허출원 신제품 리뉴얼 파일럿 표준화"
).split()
DEPARTMENTS: Final = (
    "영업1팀 영업2팀 영업3팀 해외영업팀 기술지원팀 개발1팀 개발2팀 개발3팀 품질관리팀 생산관리팀 구매팀 인사팀 총무팀 재무팀 회계팀 법무팀 "
    "홍보팀 기획팀 전략팀 디자인팀 정보보호팀 인프라팀 연구1팀 연구2팀 감사실"
).split()
SELLERS: Final = frozenset("영업1팀 영업2팀 영업3팀 해외영업팀 기술지원팀 구매팀".split())

MATTERS: Final = (
    "견적서 송부", "계약서 검토 요청", "회의 일정 안내", "납기 확인", "주간 업무 보고", "세금계산서 발행 요청", "자료 요청", "제안서 송부", "점검 결과 공유",
    "품질 이슈 문의", "회의록 공유", "출장 보고", "단가 협의", "사양 변경 안내", "발주서 송부", "교육 참석 안내", "휴가 일정 공유", "서버 작업 공지", "샘플 발송 안내",
    "입금 확인 요청", "방문 일정 협의", "기술 문의 회신", "월간 실적 공유", "시험 성적서", "보완 요청 사항",
)  # fmt: skip
FILES: Final = (
    "견적서",
    "계약서",
    "제안서",
    "회의록",
    "발주서",
    "주간보고",
    "시험성적서",
    "일정표",
    "사양서",
    "거래명세서",
    "실적",
    "보고서",
    "도면",
    "체크리스트",
)
SENTENCES: Final = (
    "요청하신 자료를 첨부하여 보내드립니다.", "검토 후 의견 부탁드립니다.", "이번 주 안으로 회신 주시면 감사하겠습니다.", "지난 회의에서 논의한 내용을 정리했습니다.",
    "일정이 조금 조정될 수 있어 미리 말씀드립니다.", "추가로 필요한 사항이 있으면 알려 주세요.", "내일 오후에 전화드리겠습니다.", "확인 부탁드립니다.",
    "단가는 지난달과 같습니다.", "수량이 변경되어 다시 보내드립니다.", "다음 주 화요일 2시에 뵙겠습니다.", "담당 부서에 전달했습니다.", "납기는 이달 말까지입니다.",
    "첨부 파일은 최종본입니다.", "문의하신 내용은 확인 중입니다.", "진행 상황을 공유드립니다.", "도움 주셔서 감사합니다.", "회의실은 3층 대회의실입니다.",
)  # fmt: skip
JA_SENTENCES: Final = (
    "お世話になっております。", "ご依頼の資料をお送りいたします。", "ご確認のほどよろしくお願いいたします。", "納期は今月末の予定です。", "お見積書を添付いたします。",
    "来週の打ち合わせの件でご連絡いたしました。", "ご不明な点がございましたらお知らせください。", "数量に変更がございます。",
)  # fmt: skip
JA_MATTERS: Final = (
    "お見積書の送付",
    "納期のご確認",
    "打ち合わせの日程",
    "ご請求書の件",
    "仕様変更のご連絡",
    "資料送付のご案内",
    "ご質問への回答",
)
EN_SENTENCES: Final = (
    "Please find the documents attached.", "Could you review this by Friday?", "The delivery is planned for the end of this month.",
    "Thank you for your quick reply.", "We have updated the quantities.", "Let me know if you need anything else.", "I will call you tomorrow.",
)  # fmt: skip
EN_MATTERS: Final = (
    "Quotation",
    "Delivery schedule",
    "Meeting next week",
    "Updated contract",
    "Question about the specification",
    "Invoice",
    "Shipping documents",
)
PRIVATE: Final = (
    "솔직히 이 일정은 무리라고 봅니다. 다른 분들께는 말씀하지 마세요.", "저만 그렇게 느낀 건가요? 그 팀 자료는 늘 부실하네요.", "우리끼리 얘기지만 단가를 더 낮출 수 있습니다.",
    "감사합니다. 오늘 저녁에 한잔하시죠.", "네, 알겠습니다. 제 연봉 건은 따로 말씀 나누고 싶습니다.", "저 사람은 왜 항상 늦게 답하는지 모르겠습니다.",
    "확인했습니다. 고생 많으셨어요!", "제가 내일 병원에 가야 해서 오전 반차를 쓰겠습니다.", "개인적으로 부탁드릴 일이 있습니다.", "네, 그렇게 하겠습니다.", "어제는 잘 들어가셨어요? 덕분에 즐거웠습니다.",
    "그분께는 제가 따로 설명드릴게요.", "이 건은 팀장님 모르시게 처리해 주시면 좋겠습니다.", "저도 그 의견에는 동의하기 어렵네요. 회의에서는 말을 아꼈습니다.",
    "점심 같이 하실래요?", "넵!", "사실 저희 원가는 그보다 15% 낮습니다. 그쪽에는 비밀입니다.", "휴가 잘 다녀오세요 ^^", "이직 얘기는 만나서 하시죠.",
    "생일 축하드려요!", "그 업체는 이번에 빼는 쪽으로 하시죠.", "아까 회의 너무 길지 않았나요?", "제 계좌번호로 보내 주시면 됩니다.",
)  # fmt: skip
JA_PRIVATE: Final = (
    "ここだけの話ですが、社内の原価はもう少し低いです。", "承知しました。今晩飲みに行きませんか。", "正直に申し上げると、あの会社の提案は弱いと思います。",
    "昨日はありがとうございました。楽しかったです。", "了解です！", "部長には内緒でお願いします。",
)  # fmt: skip
EN_PRIVATE: Final = (
    "Just between us, our cost is 15% lower.", "Thanks! Lunch tomorrow?", "Frankly, I don't think they can deliver this.", "Got it, will do.",
    "Please don't tell the others yet.", "Happy birthday!",
)  # fmt: skip


def korean_name(random: Random) -> str:
    """Return a name as frequent as in life."""
    [surname] = random.choices(list(SURNAMES), list(SURNAMES.values()))
    return surname + random.choice(GIVEN)


def local_part(random: Random, name: str, scheme: int) -> str:
    """Return the local part of an address, by the scheme of a company."""
    if name.isascii():
        given, _, surname = name.lower().partition(" ")
    elif " " in name:
        given, surname = f"t{random.randrange(900)}", f"user{random.randrange(900)}"
    else:
        surname, given = romanise(name[0]) or "kim", romanise(name[1:])
    surname = {"gim": "kim", "i": "lee", "bak": "park", "choe": "choi", "jeong": "jung"}.get(surname, surname)
    return (f"{given}.{surname}", f"{surname}{given}", f"{given[:2]}{surname}", f"{given}")[scheme % 4]
