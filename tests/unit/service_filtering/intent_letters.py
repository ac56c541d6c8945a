"""Letters by which the intents were made: phishing, Korean spam, and what offices honestly write about the same matters.

(From, subject, body): a body with tags is HTML. Figures on letters that nothing was made by are in docs/spam-quality.md.
"""

from typing import Final, NamedTuple


class Written(NamedTuple):
    """One letter; `file`: the name of an attachment."""

    sender: str
    subject: str
    body: str
    file: str = ""


_W = Written

PHISHING: Final = (
    _W("Microsoft 365 <no-reply@m365-portal-login.com>", "Action required: your password expires today", "Your password for kim@innotab.com expires today. Keep your current password: https://m365-portal-login.com/keep?u=1"),
    _W("IT Helpdesk <helpdesk@brightwave.example>", "Mailbox storage almost full", "<p>Your mailbox is almost full. 3 incoming messages are on hold. <a href='https://storage-upgrade.pages.dev/x'>Upgrade storage</a></p>"),
    _W("메일관리자 <admin@qzmail.example>", "[중요] 메일함 용량 초과 안내", "귀하의 메일함 용량이 초과되어 수신 메일이 보류되었습니다. 24시간 이내에 아래 링크에서 용량을 업그레이드하시기 바랍니다. http://mail-quota.example.net/login"),
    _W("네이버 고객센터 <help@naver-security.top>", "[네이버] 새로운 환경에서 로그인 되었습니다", "회원님의 아이디가 해외에서 로그인되었습니다. 본인이 아닌 경우 즉시 비밀번호를 변경하세요. <a href='http://naver-security.top/nid'>내 정보 보호하기</a>"),
    _W("국세청 <hometax@nts-refund.kr>", "미환급금 조회 및 환급 신청 안내", "국세청입니다. 2025년 귀속 미환급 세금이 있습니다. 홈택스에서 조회하시고 기한 내 신청하세요. https://nts-refund.kr/apply"),
    _W("홈택스 <noreply@hometaxmail.info>", "전자세금계산서가 발급되었습니다", "공급받는 자: 귀사. 첨부된 전자세금계산서를 열람하시려면 첨부파일을 열어 로그인하세요.", "전자세금계산서.html"),
    _W("우체국택배 <post@epost-kr.shop>", "[우체국] 배송 주소 불일치로 배송 보류", "고객님의 소포가 주소가 불명확하여 보관 중입니다. 아래에서 주소 확인 후 재배송을 신청하세요. https://epost-kr.shop/t"),
    _W("CJ대한통운 <info@delivery-note.example>", "택배 배송 실패 안내", "운송장번호 6512 배송실패. 주소 오류로 반송 예정입니다. 확인: http://bit.ly/3xYz"),
    _W("DHL Express <tracking@parcel-alerts.example>", "Your parcel is on hold", "Your shipment could not be delivered because of an unpaid customs fee of 1.99 EUR. Pay here: https://dhl-fee.click/pay"),
    _W("신한은행 <cs@shinhan-cert.com>", "인터넷뱅킹 거래정지 예정 안내", "고객님의 인터넷뱅킹이 본인확인 미완료로 거래정지될 예정입니다. 즉시 재등록: https://shinhan-cert.com/ib"),
    _W("KB국민카드 <card@kbcards-notice.com>", "해외결제 승인 안내", "[국외발신] 해외결제 598,000원 승인 완료. 본인이 아닐 경우 고객센터로 즉시 연락 02-1234-5678"),
    _W("교통민원24 <fine@efine-go.kr.example>", "교통위반 과태료 통지서", "교통위반으로 과태료 통지서가 발부되었습니다. 위반 내용을 확인하고 기한내 납부하세요. http://efine-go.example/view"),
    _W("사이버수사대 <cyber@police-notice.example>", "출석요구서", "귀하는 정보통신망법 위반 조사 대상입니다. 첨부파일의 출석요구서를 확인하시고 기한내 출석하십시오.", "출석요구서.hwp.zip"),
    _W("Adobe Acrobat Sign <sign@docs-review.example>", "Contract ready for signature", "<p>A document was shared with you.</p><a href='https://docs-review.example/s'>Review and sign</a>"),
    _W("DocuSign <dse@docusgn-mail.com>", "Completed: please review invoice 33912", "You received a shared document. <a href='https://docusgn-mail.com/v'>REVIEW DOCUMENT</a>"),
    _W("Voicemail <vm@voip-portal.example>", "New voice message (00:42) from +1 332", "You have a new voice message. Listen to the voicemail in the attached file.", "VM_0042.html"),
    _W("Scanner <scan@copier-hub.example>", "Scanned document from Xerox", "A scanned document was shared with you. Sign in to view: https://copier-hub.web.app/login#kim@innotab.com"),
    _W("HR Department <hr@staff-notice.example>", "Updated employee handbook - acknowledgement required", "All employees must review and acknowledge the updated company policy today. Scan or open https://handbook-ack.vercel.app"),
    _W("인사팀 <hr@notice-kr.example>", "2026년 연봉 조정 안내", "급여명세서가 변경되었습니다. 아래 링크로 접속하여 로그인 후 금일 중 확인하세요. https://hr-notice.example.net/s"),
    _W("Norton Billing <bill7721@gmail.com>", "Invoice for your renewal", "Your Norton subscription was renewed and $399.99 was charged. If you did not authorize this, call our helpline at +1 (808) 555-0144 to cancel."),
    _W("PayPal <service@pp-invoices.example>", "Payment of $849.00 to Coinbase", "Your PayPal transaction of $849.00 was successful. To cancel or dispute this purchase call us toll free 1-888-555-0199."),
    _W("Geek Squad Team <order.9912@outlook.com>", "Your order confirmation", "Thank you for your purchase of Geek Squad antivirus. You will be charged $459. For refund please call +1 805-555-0120 within 24 hours."),
    _W("a <hx@anon.example>", "I recorded you", "I have hacked your device with malware and recorded you with your webcam while you visited adult sites. Send 1200 USD in bitcoin to my wallet within 48 hours or I send the video to all your contacts."),
    _W("hacker <x@y.example>", "당신의 계정이 해킹되었습니다", "당신의 장치에 악성코드를 설치했고 웹캠으로 성인사이트 방문 영상을 녹화했습니다. 48시간 내에 비트코인을 지갑주소로 보내지 않으면 지인에게 유포합니다."),
    _W("Mrs. Anna <anna.trust@yahoo.com>", "Inheritance", "I am the attorney of a late client who left an unclaimed inheritance of ten million dollars. As next of kin please reply in confidential trust to claim the fund."),
    _W("Netflix <info@nflx-billing.example>", "Your membership is on hold", "We were unable to process your payment. Update your payment method: <a href='https://nflx-billing.example/u'>Update</a>"),
    _W("Amazon <prime@amzn-account.example>", "Amazonプライム会員のお支払い方法に問題があります", "お支払い方法を確認できないため会員資格が停止されます。更新してください。https://amzn-account.example/jp"),
    _W("三井住友カード <info@smbc-card.cyou>", "【重要】カードのご利用確認", "第三者による不正利用の可能性があり、カードの利用を制限しました。ご確認ください。https://smbc-card.cyou/login"),
    _W("ヤマト運輸 <mail@kuroneko-re.example>", "お荷物のお届けについて", "ご不在のため荷物を持ち帰りました。再配達の手続きはこちら https://kuroneko-re.example/d"),
    _W("国税庁 <etax@nta-notice.example>", "未納の税金についての最終通知", "国税庁より未納の税金について差押の最終通知です。期限までに納付してください。https://nta-notice.example"),
    _W("システム管理者 <it@mail-adm.example>", "メールボックス容量の上限", "メールボックスの容量が上限に達し、受信メールが保留されています。認証してください。https://mail-adm.example/auth"),
    _W("邮箱管理员 <admin@mailsys.example>", "邮箱即将停用", "您的邮箱系统即将升级，请在24小时内点击验证，否则将停用。http://mail-upgrade.example/v"),
    _W("财务部 <cw@butie.example>", "2026年劳动补贴申领通知", "请各位员工扫码填写资料，领取工资补贴。<img src='cid:qr' alt='二维码 QR'> http://butie.example/x"),
    _W("支付宝 <service@alipay-safe.example>", "账户异常提醒", "您的账户异常，已被限制登录，请立即验证身份。https://alipay-safe.example/v"),
    _W("顺丰速运 <sf@sf-redeliver.example>", "包裹派送失败", "您的快递因地址有误派送失败，请重新派送并确认地址。https://sf-redeliver.example"),
    _W("中華郵政 <post@post-tw.example>", "包裹派送失敗", "您的包裹因地址有誤無法派送，請更新資料。https://post-tw.example/r"),
    _W("國泰世華 <svc@cathay-notice.example>", "帳戶異常", "您的帳戶登入異常，帳號將於24小時內暫停，請立即驗證。https://cathay-notice.example"),
    _W("MetaMask <support@wallet-verify.example>", "Verify your wallet", "Your crypto wallet will be suspended. Verify your recovery phrase: https://wallet-verify.example"),
    _W("OneDrive <share@files-portal.example>", "견적요청서가 공유되었습니다", "문서가 공유되었습니다. 열람하시려면 로그인하세요. <a href='https://files-portal.example/o'>문서 보기</a>"),
    _W("김과장 <kim@trade-rfq.example>", "견적의뢰서 송부", "견적의뢰서를 첨부하오니 첨부파일을 열어 확인하시고 회신 바랍니다. 압축 비밀번호는 1234 입니다.", "RFQ.html"),
    _W("innotab.com Support <no-reply@mxguard.example>", "5 undelivered messages", "You have 5 undelivered messages for kim@innotab.com. Release pending messages: https://mxguard.example/r?x"),
    _W("Apple Support <id@appleid-case.example>", "Your Apple ID has been locked", "Your Apple ID was locked due to suspicious sign-in. Verify within 24 hours. https://appleid-case.example"),
)  # fmt: skip

KOREAN_SPAM: Final = (
    _W("행운 <a@b.example>", "바.카.라 첫충 30%", "안전놀이터 바.카.라 첫충 30% 매충 10% 무제재 즉시출금 http://abc.example"),
    _W("실장 <x@c.example>", "ㅋㅏ지노 가입머니 3만", "온라인 ㅋr지노 가입쿠폰 3만원 지급. 텔레그램 문의 @abc99"),
    _W("토토 <t@d.example>", "먹튀없는 메이저놀이터", "스포츠토토 보증업체 롤링 100% 환전 5분 http://toto.example"),
    _W("슬롯 <s@e.example>", "슬 롯 무료스핀", "슬 롯 무료스핀 50회, 신규회원 꽁머니 지급 카톡 slot777"),
    _W("대출상담 <l@f.example>", "무직자도 당일 대출", "무직자, 신용불량자 누구나 당일 대 출 가능. 무료상담 010-1234-5678"),
    _W("상담사 <m@g.example>", "ㄷH출 한도조회", "ㄷH출 최저금리 한도조회 간편심사 당일입금 1577-0000"),
    _W("정부지원 <n@h.example>", "정부지원 햇살론 안내", "서민 정부지원 햇살론 저금리 대환 최대한도 상담신청 http://loan.example"),
    _W("급전 <o@i.example>", "급전 필요하신분", "급전 일수 개인돈 당일 무방문 비대면 카톡 aa11"),
    _W("미녀 <p@j.example>", "조건만남 후불", "여대생 조건만남 출장안마 후불 24시간 http://love.example"),
    _W("언니 <q@k.example>", "19금 무료시청", "성인 야동 무료시청 고화질 실시간 http://ya.example"),
    _W("리딩 <r@l.example>", "급등주 무료추천", "내일 급등주 무료종목 공개 수익률 300% 보장 선착순 입장 https://open.kakao.com/o/abc"),
    _W("코인 <s@m.example>", "코인 리딩방 초대", "비트코인 선물거래 리딩방 적중률 95% 원금보장 텔레그램 무료체험 http://t.me/xx"),
    _W("정품 <t@n.example>", "비아그라 시알리스 정품", "비아그라 시알리스 정품 당일배송 처방전없이 구매 http://via.example"),
    _W("명품 <u@o.example>", "레플리카 명품가방", "명품 레플리카 자체제작 SA급 가방 시계 할인 카톡 rep1"),
    _W("통장 <v@p.example>", "통장매입 고가", "대포통장 통장매입 당일 고가매입 텔레그램 @bank"),
    _W("알바 <w@q.example>", "재택알바 하루 2시간", "재택부업 하루2시간 월500 초보 누구나 당일지급 카톡 job1"),
    _W("DB <x@r.example>", "최신 DB판매", "업종별 최신 이메일DB 회원DB 판매 100만건 건당 최저가 텔레그램 @db"),
    _W("마케팅 <y@s.example>", "네이버 상위노출 보장", "플레이스 상위노출 블로그마케팅 1페이지 보장 월정액 매출상승 무료상담 010-2222-3333"),
    _W("분양 <z@t.example>", "선착순 특별분양", "오피스텔 회사보유분 특별분양 선착순 실투자금 3천 무이자 역세권 1600-1234"),
    _W("보험 <a@u.example>", "암보험 비교", "암보험 실비보험 무료비교 최저가 사은품 현금지급 상담신청 http://ins.example"),
    _W("인터넷 <b@v.example>", "인터넷가입 현금 45만원", "인터넷가입 당일지급 최대현금 사은품 렌탈 무료상담 1800-0000"),
    _W("로또 <c@w.example>", "로또 1등 예상번호", "로또 예상번호 1등 당첨번호 무료증정 무료체험 선착순 http://lotto.example"),
    _W("회생 <d@x.example>", "빚 탕감", "개인회생 개인파산 빚 탕감 면책 무료상담 1522-0000"),
    _W("홀덤 <e@y.example>", "홀덤 바둑이 맞고", "홀덤 바둑이 추천코드 777 입금하면 보너스 카.톡 game"),
)  # fmt: skip

BUSINESS: Final = (
    _W("이영업 <lee@partner.example>", "견적서 송부드립니다", "요청하신 견적서를 첨부합니다. 확인 부탁드립니다. 문의 02-555-1234 http://www.partner.example", "견적서.pdf"),
    _W("경리팀 <acc@supplier.example>", "11월 세금계산서 발행", "11월 거래명세서와 세금계산서를 첨부파일로 보내 드립니다. 확인하시고 기한 내 결제 부탁드립니다.", "세금계산서.pdf"),
    _W("GitLab <noreply@gitlab.example>", "Your password expires soon", "Your password for gitlab.example will expire in 7 days. Update your password: https://gitlab.example/profile/password"),
    _W("Partner Portal <no-reply@portal.example>", "Verify your email address", "Please confirm your account by following this link: https://portal.example/verify?t=1"),
    _W("배송팀 <ship@mall.example>", "주문하신 상품이 발송되었습니다", "택배 운송장번호 1234. 배송 조회: https://mall.example/track. 수취인 부재시 경비실에 보관합니다."),
    _W("forwarder <ops@forwarding.example>", "Arrival notice AWB 180-1234", "Your shipment arrived. Customs duty and import fee invoice attached. Please contact us at 02-777-1234.", "AN.pdf"),
    _W("교육담당 <edu@center.example>", "불법 온라인 도박 예방교육 안내", "청소년 온라인 도박 예방교육과 중독 상담을 안내드립니다. 신청 https://center.example/edu"),
    _W("은행담당 <rm@localbank.example>", "기업 운전자금 대출 갱신 서류", "귀사 운전자금 대출 만기에 따라 갱신 서류를 안내드립니다. 담당 02-111-2222"),
    _W("투자팀 <ir@venture.example>", "투자계약 검토 일정", "투자계약서 초안과 IR자료 검토 일정 안내입니다. 코인 관련 사업부 자료는 별도 송부. 회의 링크 https://meet.example/a"),
    _W("채용담당 <hr@recruit.example>", "이력서 접수 확인", "이력서를 첨부드립니다. 검토 부탁드립니다. 재택근무 가능 여부도 문의드립니다. 010-3333-4444", "이력서.pdf"),
    _W("Conference <info@conf.example>", "Call for papers", "Submit your paper by Friday. Register at https://conf.example/register. Hotel discount available."),
    _W("세무법인 <tax@cpa.example>", "부가세 신고 자료 요청", "부가가치세 신고를 위해 국세청 홈택스에서 내려받은 매입 자료를 첨부하여 회신 부탁드립니다. 납부기한은 25일입니다. 02-333-4444"),
    _W("법무법인 <law@firm.example>", "계약서 검토 의견", "계약서 검토 의견을 첨부파일로 송부합니다. 암호는 별도로 알려드리겠습니다.", "의견서.pdf"),
    _W("SaaS <billing@saas.example>", "Payment failed for your subscription", "We were unable to process your payment. Please update your payment method at https://saas.example/billing."),
    _W("Hotel <booking@hotel.example>", "Reservation confirmation", "Your card will be charged on arrival. To cancel, please call +82 2-555-0100 or visit https://hotel.example."),
    _W("파라다이스 <ev@resort.example>", "카지노 리조트 워크숍 견적", "카지노 리조트 컨벤션 워크숍 견적을 보내 드립니다. 02-444-5555"),
    _W("田中 <tanaka@shokai.example>", "お見積書送付の件", "お見積書を添付いたします。ご確認のほどよろしくお願いいたします。03-1234-5678", "見積書.pdf"),
    _W("総務 <soumu@kaisha.example>", "宅配便の送付先変更", "お荷物の送付先住所が変更になりました。ご確認をお願いいたします。https://kaisha.example/contact"),
    _W("王 <wang@maoyi.example>", "报价单", "您好，附件是报价单，请查看。如需合同请联系。电话 021-5555-6666", "报价单.pdf"),
    _W("林 <lin@maoyi-tw.example>", "發票寄送", "附上發票與合約，請查收。付款方式照舊。02-2222-3333", "發票.pdf"),
    _W("마케팅 <mkt@agency.example>", "네이버 광고 제안서", "네이버 검색광고 운영 제안서를 첨부합니다. 미팅 가능하신 시간 회신 부탁드립니다. 02-999-8888 https://agency.example", "제안서.pdf"),
    _W("보안업체 <sec@vendor.example>", "모의 해킹 결과 보고", "모의 해킹 결과와 악성코드 점검 보고서를 첨부합니다. 계정 비밀번호 정책 변경을 권고드립니다.", "보고서.pdf"),
    _W("삼성전자 구매팀 <buyer@samsung.com>", "발주서 송부", "발주서를 첨부하오니 확인하시고 납기 회신 바랍니다.", "PO.pdf"),
    _W("newsletter <news@retail.example>", "(광고) 12월 할인 소식", "(광고) 12월 특가 할인과 사은품 이벤트. 수신거부 https://retail.example/out 080-123-4567"),
    _W("Zoom User <anna@partner.example>", "Zoom meeting invitation", "Anna is inviting you to a scheduled Zoom meeting. Join: https://zoom.us/j/123 Passcode: 8841 Dial +1 646 558 8656"),
    _W("Jane <jane@partner.example>", "shared the contract on OneDrive", "I shared a document with you on OneDrive: https://partner-my.sharepoint.com/x. Please review the contract."),
    _W("총무 <ga@office.example>", "사무실 렌탈 정수기 교체", "정수기 렌탈 계약 갱신 견적요청 드립니다. 할인 조건 회신 바랍니다. 02-123-9999"),
    _W("연구소 <lab@univ.example>", "성인 대상 임상 연구 협조", "성인 남녀를 대상으로 한 설문 연구 협조 요청드립니다. https://univ.example/irb"),
)  # fmt: skip
