"""Intents of those who want a password, a payment or an opened file: what they pretend, and how they press."""

from typing import Final

from smartmail.service.protection.filtering.intents.intent import Call, Intent

_PRESSED: Final[tuple[Call, ...]] = ("link", "file", "code")
_CALLED: Final[tuple[Call, ...]] = ("link", "file", "code", "phone", "messenger")

_MAILBOX: Final = Intent(
    "intent-mailbox",
    (
        "cloud storage", "icloud storage", "storage space", "email address", "저장공간", "저장용량", "클라우드용량", "메일주소",
        "이메일주소", "메일시스템", "메일인증", "스팸격리", "spam quarantine", "email delivery", "email security", "クラウド容量", "メールアドレス",
        "メールサービス", "云存储", "雲端空間", "邮件服务", "郵件服務", "电子邮件", "電子郵件", "메일함", "메일용량", "메일계정", "이메일계정", "편지함", "사서함",
        "웹메일", "메일서버", "메일박스", "메일저장", "받은메일", "수신메일", "이메일저장", "전자메일계정", "메일보안", "mailbox", "mail box",
        "mail storage", "email storage", "email account", "mail account", "webmail", "incoming message",
        "incoming mail", "pending message", "undelivered message", "email quota", "mail server", "email server",
        "held message", "quarantined message", "email service", "outlook web", "メールボックス", "メールアカウント", "受信トレイ",
        "メールサーバー", "ウェブメール", "メール容量", "受信メール", "邮箱", "电子邮箱", "邮件系统", "邮件账户", "郵箱", "信箱", "郵件系統", "郵件帳戶", "電子郵件帳號",
    ),
    (
        "cannot send or receive", "can not receive", "unable to receive", "send and receive", "new version",
        "migrat", "maintenance", "cache", "inactive", "수신불가", "발신불가", "송수신", "이전작업", "신규버전", "점검", "재등록", "送受信",
        "移行", "無効", "迁移", "遷移", "无法收发", "無法收發", "清理", "擴容", "扩容", "초과", "가득", "용량이부족", "만료", "정지", "차단", "삭제",
        "비활성화", "확인하", "인증", "복구", "해제", "보류", "대기중", "업데이트", "업그레이드", "재인증", "유지", "격리", "전송되지", "전달되지", "수신되지",
        "반송", "폐쇄", "종료", "갱신", "제한", "24시간", "48시간", "사용중지", "중단", "exceeded", "full", "suspend", "deactivat",
        "expire", "upgrade", "verify", "validate", "quarantine", "undelivered", "block", "on hold", "held",
        "release", "terminat", "delayed", "update", "re-validate", "restore", "within 24", "within 48",
        "almost full", "limit", "shut down", "closed", "prevented", "failed to deliver", "storage", "容量", "上限", "停止",
        "期限", "確認", "認証", "更新", "保留", "制限", "ブロック", "削除", "到期", "升级", "停用", "验证", "冻结", "已满", "异常", "备案", "失效", "关闭",
        "升級", "停用", "驗證", "凍結", "已滿", "異常", "失效", "關閉", "即將", "更新", "隔离", "隔離",
    ),
    _PRESSED, 3.0, 7.0, least=3,
)  # fmt: skip

_ACCOUNT: Final = Intent(
    "intent-account",
    (
        "facebook page", "business page", "ad account", "business account", "your page", "your profile", "session",
        "identity", "페이지", "광고계정", "비즈니스계정", "개인정보", "증명서", "証券口座", "会員サービス", "会員登録", "お取引", "资料", "身份", "비밀번호",
        "패스워드", "계정", "로그인", "아이디", "2단계인증", "인증서", "보안인증", "회원정보", "본인인증", "간편인증", "otp", "password", "account",
        "sign-in", "sign in", "signin", "login", "log in", "credentials", "multi-factor", "authenticator", "2fa",
        "mfa", "two-factor", "apple id", "microsoft 365", "office 365", "パスワード", "アカウント", "ログイン", "サインイン", "会員情報",
        "本人確認", "二段階認証", "密码", "账户", "账号", "登录", "实名认证", "密碼", "帳戶", "帳號", "登入", "實名認證",
    ),
    (
        "violat", "appeal", "permanently", "will be closed", "will be deleted", "security alert", "security update",
        "complete verification", "failure to", "lose access", "re-confirm", "위반", "이의신청", "영구", "접속시도", "로그인시도",
        "승인되지않은", "자동탈퇴", "조치하지않", "미조치", "소명", "自動退会", "取引制限", "補償", "再認証", "永久", "違反", "违规", "申诉", "申訴", "違規",
        "安全提醒", "安全升級", "安全升级", "만료", "정지", "제한", "비정상", "해외", "낯선", "새로운기기", "새로운환경", "의심", "차단", "유지", "재설정",
        "변경하", "24시간이내", "48시간", "즉시", "잠겼", "잠금", "탈퇴", "휴면", "삭제될", "이용제한", "도용", "해킹", "유출", "확인하지않", "본인이아닌",
        "업데이트하", "재인증", "갱신", "보호조치", "expire", "suspend", "unusual", "suspicious", "limited", "lock",
        "unauthorized", "verify", "confirm your", "within 24", "within 48", "immediately", "keep your", "keep same",
        "keep the same", "keep current", "reset your", "was attempted", "new device", "unrecognized", "disabled",
        "deactivat", "restricted", "compromised", "re-activate", "reactivate", "restore", "action required",
        "expiring", "enroll", "validate", "update your", "not you", "期限", "停止", "制限", "異常", "不正", "不審", "第三者", "ロック",
        "更新", "再設定", "24時間", "至急", "ご確認", "確認できない", "凍結", "無効", "到期", "停用", "冻结", "异常", "限制", "立即", "验证", "24小时",
        "失效", "过期", "更新", "凍結", "異常", "驗證", "24小時", "過期", "到期", "暫停", "异地", "異地", "注销",
    ),
    _PRESSED, 2.0, 6.8, least=3,
)  # fmt: skip

_PAYMENT: Final = Intent(
    "intent-payment",
    (
        "refund", "domain name", "hosting", "website", "invoice", "account balance", "your bank", "statement",
        "transaction", "transfer", "도메인", "호스팅", "카드명세서", "이용대금", "명세서", "환불", "전기요금", "관리비", "통신요금", "법인카드", "간편결제",
        "証券", "電気料金", "水道料金", "nhk", "退款", "域名", "账单", "帳單", "电费", "話費", "결제", "카드", "승인", "청구서", "요금", "미납", "연체",
        "자동이체", "구독", "해외결제", "은행", "계좌", "보안카드", "인터넷뱅킹", "입출금", "payment method", "payment", "billing",
        "credit card", "debit card", "subscription", "membership", "bank account", "online banking", "your card",
        "direct debit", "toll", "お支払い", "クレジットカード", "カード", "ご請求", "料金", "会員", "口座", "引き落とし", "ネットバンキング", "利用料金",
        "扣款", "支付", "付款方式", "信用卡", "银行卡", "会员", "网银", "订阅", "付款", "銀行", "會員", "網銀", "訂閱", "繳費", "欠費", "水費", "電費",
    ),
    (
        "avoid", "service interruption", "expires", "renewal", "re-enter", "reactivate", "within 24", "immediately",
        "action required", "late fee", "disconnect", "서비스중단", "이용이중지", "재결제", "환불받", "환불신청", "미확인", "정보를입력", "카드정보",
        "연장", "供給停止", "再登録", "お手続き", "返金", "有効期限", "至急", "停电", "停水", "停電", "斷水", "續費", "续费", "重新", "立即", "실패", "정지",
        "거래정지", "거래제한", "이용정지", "본인확인", "본인이아닌", "본인아닐", "업데이트", "갱신", "만료", "해지", "제한", "미납", "체납", "연체", "중지",
        "24시간", "즉시", "확인하지않", "재등록", "비정상", "의심", "도용", "부정사용", "failed", "declined", "could not process",
        "couldn't process", "unable to process", "update your", "suspend", "on hold", "expired", "verify", "unusual",
        "suspicious", "restricted", "unauthorized", "overdue", "unpaid", "final notice", "cancelled", "canceled",
        "temporarily", "blocked", "renew", "problem with", "失敗", "未払い", "未納", "停止", "制限", "確認", "更新", "不正利用", "第三者",
        "不審", "異常", "できません", "できなかった", "失効", "失败", "逾期", "冻结", "异常", "验证", "更新", "限制", "到期", "未成功", "停用", "失敗", "逾期",
        "凍結", "異常", "驗證", "更新", "限制", "到期", "停用", "欠缴", "盗刷", "盜刷",
    ),
    _PRESSED, 2.0, 6.8, least=3,
)  # fmt: skip

_PARCEL: Final = Intent(
    "intent-parcel",
    (
        "cargo", "your order", "postal", "post office", "mail item", "배송지", "수하물", "국제우편", "해외직구", "등기", "등기우편",
        "개인통관", "물품", "郵便物", "不在通知", "ゆうパック", "邮件包裹", "國際包裹", "国际包裹", "取件", "택배", "배송", "운송장", "소포", "우체국", "통관",
        "화물", "배달", "parcel", "package", "delivery", "shipment", "consignment", "tracking", "courier", "customs",
        "airway bill", "awb", "お荷物", "宅配", "配達", "配送", "荷物", "通関", "快递", "包裹", "派送", "清关", "快件", "包裹", "快遞", "宅配",
        "清關", "郵件派送",
    ),
    (
        "no one was home", "nobody", "signature required", "additional payment", "pay the", "final attempt",
        "schedule a", "rescheduled", "delivery attempt", "24 hours", "수령", "부재중", "부재", "통관비", "세금미납", "추가요금",
        "주소를입력", "입력하", "보류", "지연", "확인바랍니다", "再度", "追加料金", "お支払い", "受け取り", "补充地址", "補充地址", "更新地址", "未领取", "未領取",
        "运费", "運費", "更新资料", "更新資料", "주소불일치", "주소가잘못", "주소오류", "주소확인", "주소가정확", "주소가불명", "보관중", "반송", "미배달", "배송실패",
        "배달실패", "배송지연", "관세", "납부", "수수료", "재배송", "배송이중단", "배송보류", "수취인", "미수령", "배송비", "통관보류", "배달할수없", "배송할수없",
        "배송일정을", "unable to deliver", "failed", "could not be delivered", "couldn't deliver", "customs fee", "duty",
        "import fee", "reschedule", "incomplete address", "address is incorrect", "incorrect address",
        "wrong address", "on hold", "held", "pending", "undeliverable", "confirm your address",
        "update your address", "delivery fee", "shipping fee", "redelivery", "returned to", "missed delivery",
        "awaiting", "unpaid", "small fee", "不在", "再配達", "持ち帰り", "住所不明", "住所が", "お届けできません", "関税", "手数料", "保管期限",
        "未払い", "确认地址", "地址有误", "地址错误", "派送失败", "无法派送", "关税", "重新派送", "滞留", "退回", "地址有誤", "地址錯誤", "派送失敗", "無法派送",
        "關稅", "重新派送", "滯留", "退回", "地址不完整", "地址不详",
    ),
    _CALLED, 2.5, 6.8, least=3,
)  # fmt: skip

_AUTHORITY: Final = Intent(
    "intent-authority",
    (
        "민생지원금", "소비쿠폰", "지원금", "재난지원금", "근로장려금", "장려금", "환급금", "건강검진", "검진결과", "분리수거", "무단투기", "민원", "벌금", "관공서",
        "구청", "시청", "법원등기", "법무부", "개인정보위원회", "질병관리청", "customs authority", "ministry", "e-zpass", "toll", "dmv",
        "medicare", "tax rebate", "tax authority", "自治体", "給付金", "補助金", "健康保険", "市役所", "警視庁", "社会保险", "养老金", "医疗保险",
        "海关", "勞保", "海關", "行政院", "普發現金", "警政署", "交通違規", "국세청", "홈택스", "세무서", "경찰청", "검찰", "법원", "금융감독원", "금감원",
        "건강보험공단", "국민건강보험", "국민연금", "교통민원", "과태료", "범칙금", "교통위반", "정부24", "행정안전부", "전자고지", "관세청", "지방세", "소환장",
        "출석요구", "고소장", "사이버수사", "공정거래위원회", "저작권", "tax refund", "tax return", "irs", "hmrc", "revenue service",
        "court summons", "supreme court", "subpoena", "police", "fbi", "traffic violation", "parking fine",
        "social security", "copyright infringement", "trademark", "stimulus", "国税庁", "e-tax", "税務署", "裁判所", "警察庁",
        "年金", "還付金", "マイナンバー", "マイナポイント", "税务局", "个税", "社保", "医保", "公安", "法院", "交警", "etc卡", "补贴", "国税局", "國稅局",
        "稅務", "健保", "法院", "監理", "罰單", "補助", "財政部",
    ),
    (
        "unresolved", "outstanding", "enforcement", "legal action", "suspension", "appeal", "download", "view the",
        "settle", "immediate", "rebate", "신고", "접수", "미납", "범칙", "벌점", "강제집행", "소송", "고발", "첨부", "발부", "발송되었", "받으실",
        "수령", "내역", "온라인신청", "誤り", "支払", "受給", "請求", "手続き", "法的措置", "处罚", "逮捕", "通缉", "清缴", "登记", "逾期", "申报", "處罰",
        "逮捕", "登記", "逾期", "申報", "入帳", "환급", "미환급", "체납", "납부", "압류", "출석", "조사", "위반", "통지서", "통보", "고지서", "확인하",
        "열람", "조회하", "신청하", "기한내", "불이익", "이의신청", "침해", "첨부파일", "첨부된", "세금계산서발급", "지급대상", "refund", "owed", "unpaid",
        "overdue", "notice", "summon", "hearing", "penalty", "violation", "pay now", "claim", "eligible",
        "infringement", "avoid", "warrant", "suspended", "attached", "complaint", "未納", "差し押さえ", "差押", "還付", "滞納",
        "最終通知", "出頭", "ご確認", "納付", "期限", "申請", "退税", "退稅", "欠税", "欠稅", "补贴", "领取", "補助", "領取", "违章", "罰款", "罚款",
        "传票", "傳票", "认证", "失效", "停用", "申领", "申領", "年度", "綜合",
    ),
    _CALLED, 2.0, 6.8, least=3,
)  # fmt: skip

_DOCUMENT: Final = Intent(
    "intent-document",
    (
        "secure document", "pending document", "document is ready", "new document", "completed document",
        "signature request", "agreement", "account statement", "scanned copy", "missed call", "missed message",
        "unread message", "new message", "teams message", "new fax", "encrypted email", "transfer receipt",
        "wire confirmation", "보안메일", "문서도착", "계산서", "새메시지", "읽지않은메시지", "모바일청첩장", "청첩장", "부고장", "부고", "지원서", "입사지원",
        "사진", "견적서", "주문서", "통관서류", "선적서류", "書類", "明細書", "注文書", "納品書", "未読メッセージ", "共有リンク", "新しいメッセージ", "对账单", "订单",
        "文件共享", "传真", "對帳單", "訂單", "傳真", "문서가공유", "공유문서", "공유된문서", "파일이공유", "전자서명", "서명요청", "팩스", "음성메시지", "음성사서함",
        "견적의뢰서", "견적요청서", "발주서", "인보이스", "송장", "거래명세서", "세금계산서", "송금증", "입금증", "이체확인증", "보안문서", "암호화된문서", "계약서",
        "급여명세서", "이력서", "shared a file", "shared a document", "shared document", "shared with you",
        "document shared", "e-signature", "esignature", "docusign", "voicemail", "voice message", "voice mail",
        "fax", "efax", "scanned document", "scan from", "invoice", "purchase order", "remittance", "payment advice",
        "payment copy", "swift copy", "proof of payment", "quotation", "rfq", "secure message", "encrypted message",
        "wetransfer", "sharepoint", "onedrive", "dropbox", "contract", "共有されました", "共有ファイル", "請求書", "見積", "発注書",
        "ボイスメール", "音声メッセージ", "電子署名", "送金明細", "共享文件", "共享了", "发票", "采购订单", "语音留言", "电子签名", "付款凭证", "报价单", "合同",
        "共用檔案", "共享檔案", "發票", "採購訂單", "語音留言", "電子簽章", "付款憑證", "報價單",
    ),
    (
        "pending", "awaiting", "requires your signature", "sign document", "for your review", "access code",
        "secure link", "view secure", "preview", "log in with", "verify your identity", "authenticate",
        "microsoft account", "파일을실행", "압축을풀", "본인인증후", "이메일주소와비밀번호", "모바일에서", "아래버튼", "버튼을", "링크를클릭", "클릭하", "参加",
        "下記リンク", "以下のリンク", "署名", "签署", "輸入密碼", "输入密码", "解压", "解壓", "열람하", "확인하시려면", "보시려면", "문서보기", "문서열기", "문서확인",
        "파일열기", "첨부파일을열", "첨부파일을실행", "첨부를열", "콘텐츠사용", "매크로", "로그인하", "로그인후", "이메일로로그인", "비밀번호는", "암호는", "암호:",
        "압축비밀번호", "서명하", "듣기", "다운로드하", "다운받", "만료", "view document", "review document", "open document",
        "view file", "open file", "access document", "review and sign", "listen", "play message", "play voicemail",
        "sign in to view", "login to view", "log in to view", "enable content", "enable editing", "download file",
        "download the", "view message", "read message", "see attached", "find attached", "click here", "click below",
        "expire", "kindly", "confirm with your email", "password is", "passcode", "attached", "打开", "查看", "点击",
        "登录查看", "下载", "密码", "开启", "打開", "點擊", "點選", "登入查看", "下載", "開啟", "表示する", "開く", "確認する", "ログインして", "クリック",
        "ダウンロード", "再生", "添付ファイルを開", "コンテンツの有効化",
    ),
    _PRESSED, 1.5, 6.5, least=3,
)  # fmt: skip

_CALLBACK: Final = Intent(
    "intent-callback",
    (
        "order id", "order number", "purchase confirmation", "your account has been debited", "debited",
        "payment confirmation", "bank transfer", "virus", "microsoft defender", "windows", "computer",
        "service plan", "protection plan", "주문번호", "승인번호", "결제되었", "결제가완료", "해외승인", "카드발급", "카드가발급", "카드배송", "명의도용",
        "세금계산", "ご契約", "更新手続き", "自动扣款", "自動扣款", "會員續費", "会员续费", "해외결제", "결제승인", "결제완료", "자동결제", "정기결제", "구독갱신",
        "주문완료", "결제금액", "승인금액", "국외발신", "subscription", "renewal", "auto-renew", "auto renew", "auto-debit",
        "invoice", "your order", "order confirmation", "purchase", "charged", "antivirus", "geek squad", "norton",
        "mcafee", "paypal", "transaction", "warranty", "ご購入", "自動更新", "サブスクリプション", "ウイルス", "ご注文", "決済完了", "订阅",
        "自动续费", "订单", "扣费", "訂閱", "自動續約", "訂單", "扣款",
    ),
    (
        "call back", "call this number", "customer service", "support number", "cancellation", "if this was not you",
        "if you did not", "unauthorized", "questions", "reach us", "전화하", "고객센터", "연락바랍니다", "연락주", "상담원", "신청하지않",
        "본인신청", "번호로", "お問い合わせ", "身に覚え", "下記の番号", "联系客服", "聯絡客服", "撥打", "拨打", "본인이아닌", "본인아닐", "본인아닌", "고객센터로",
        "문의전화", "전화주", "취소하시려면", "즉시연락", "신고접수", "소비자보호", "취소문의", "전화문의", "call us", "call our", "call immediately",
        "call now", "call the", "please call", "contact us at", "contact our", "helpline", "help desk", "toll free",
        "toll-free", "customer support", "customer care", "to cancel", "cancel this", "refund", "dispute",
        "billing department", "did not authorize", "didn't authorize", "not authorize", "within 24", "お電話", "電話番号",
        "サポートセンター", "キャンセル", "解約", "连线", "客服电话", "致电", "取消", "退款", "客服電話", "來電", "取消", "退款",
    ),
    ("phone",), 2.0, 7.0, least=3,
)  # fmt: skip

_EXTORTION: Final = Intent(
    "intent-extortion",
    (
        "해킹", "해커", "악성코드", "트로이목마", "카메라", "웹캠", "영상", "성인사이트", "자위", "감염시", "원격접속", "랜섬웨어", "ddos", "hacked",
        "hacker", "malware", "trojan", "webcam", "recorded you", "your device", "adult site", "adult website",
        "masturbat", "spyware", "your browsing", "full access", "ハッキング", "ハッカー", "マルウェア", "ウェブカメラ", "アダルトサイト", "録画",
        "感染", "黑客", "木马", "摄像头", "录制", "色情网站", "駭客", "木馬", "攝像頭", "錄製", "色情網站", "录下",
    ),
    (
        "비트코인", "bitcoin", "btc", "usdt", "monero", "지갑주소", "지갑으로", "송금하지않으면", "유포", "연락처에", "지인에게", "48시간", "50시간",
        "wallet", "ransom", "send the video", "your contacts", "all your contacts", "48 hours", "50 hours", "ビットコイン",
        "ウォレット", "拡散", "連絡先", "48時間", "比特币", "比特幣", "钱包", "錢包", "通讯录", "通訊錄", "散布", "公开视频", "48小时", "48小時",
    ),
    ("link", "file", "phone", "messenger", "code", "answer"), 7.0, 7.5, least=4,
    honest=("보안교육", "awareness", "cve"),
)  # fmt: skip

_WINDFALL: Final = Intent(
    "intent-windfall",
    (
        "points", "rewards", "loyalty", "voucher", "coupon", "cash prize", "grant", "donate", "charity", "covid",
        "refund", "포인트", "마일리지", "상품권", "쿠폰", "적립금", "무료나눔", "이벤트당첨", "설문조사", "ポイント", "クーポン", "アンケート", "积分", "優惠券",
        "优惠券", "紅利", "點數", "红包", "紅包", "당첨", "상속", "유산", "기부", "복권", "경품", "무료증정", "상금", "기금", "위임", "lottery",
        "winner", "you have won", "you've won", "you have been selected", "inheritance", "next of kin",
        "beneficiary", "donation", "compensation fund", "unclaimed", "late client", "million dollars", "million usd",
        "million euros", "gift card", "reward", "prize", "survey", "free iphone", "giveaway", "当選", "相続", "遺産", "寄付",
        "懸賞", "プレゼント", "給付金", "支援金", "当せん", "中奖", "遗产", "捐赠", "奖金", "奖品", "基金", "中獎", "遺產", "捐贈", "獎金", "獎品", "抽奖",
        "抽獎",
    ),
    (
        "redeem", "expire", "expiring", "exclusive", "chosen", "lucky", "business proposal", "investment partner",
        "god bless", "my late husband", "cancer", "orphan", "share", "소멸", "사용기한", "교환", "당첨되셨", "선정되셨", "참여하", "응모",
        "배송비", "失効", "交換", "有効期限", "抽選", "無料", "过期", "清零", "兑换", "過期", "歸零", "兌換", "幸运", "幸運", "축하", "받으세요", "수령",
        "지급받", "신청하", "개인정보", "비밀리", "협력", "수수료", "달러", "은행에", "변호사", "신뢰", "claim your", "claim", "congratulations",
        "contact me", "reply", "confidential", "barrister", "attorney", "bank of", "transfer", "fund", "selected",
        "deceased", "trust", "processing fee", "western union", "atm card", "act now", "expires today",
        "shipping fee", "complete the survey", "answer a few", "30 seconds", "おめでとう", "受け取", "手続き", "ご返信", "億円",
        "万円", "振込手数料", "弁護士", "恭喜", "领取", "联系", "律师", "保密", "万元", "美元", "手续费", "恭喜", "領取", "聯絡", "律師", "保密", "萬元",
        "美元", "手續費", "點擊", "回覆",
    ),
    ("link", "file", "phone", "messenger", "code", "answer"), 3.0, 6.8, least=3,
    sure=5, honest=("기부금영수증", "장학", "employee survey", "satisfaction survey", "만족도조사", "상속세"),
)  # fmt: skip

_WALLET: Final = Intent(
    "intent-wallet",
    (
        "지갑", "메타마스크", "업비트", "빗썸", "바이낸스", "에어드랍", "가상자산", "가상화폐", "시드문구", "복구문구", "metamask", "trust wallet",
        "coinbase", "binance", "ledger", "trezor", "crypto wallet", "your wallet", "seed phrase", "recovery phrase",
        "airdrop", "token", "kraken", "ウォレット", "仮想通貨", "メタマスク", "钱包", "助记词", "空投", "虚拟货币", "錢包", "助記詞", "虛擬貨幣",
        "交易所",
    ),
    (
        "인증", "연동", "출금", "동결", "제한", "보상", "수령", "만료", "복구", "동기화", "업데이트", "claim", "verify", "connect",
        "validate", "suspend", "restricted", "upgrade", "sync", "unauthorized", "withdrawal", "kyc", "expire",
        "secure your", "eligible", "compromised", "認証", "出金", "凍結", "制限", "受け取", "確認", "验证", "冻结", "领取", "提现", "升级",
        "驗證", "凍結", "領取", "提領", "升級",
    ),
    _PRESSED, 3.0, 7.0,
)  # fmt: skip

_STAFF: Final = Intent(
    "intent-staff",
    (
        "연차", "휴가", "조직개편", "출퇴근", "근태", "법정의무교육", "보안교육", "징계", "구조조정", "퇴직금", "재직증명", "임금협상", "임직원", "사내설문",
        "vacation", "annual leave", "termination", "layoff", "training", "compliance training", "timesheet",
        "expense report", "employee survey", "policy update", "employee", "社内", "有給", "人事評価", "査定", "研修", "全社員",
        "通达", "考勤", "员工", "調薪", "调薪", "離職", "员工福利", "員工", "公告", "인사팀", "인사발령", "급여", "연봉", "연말정산", "복리후생", "상여금",
        "성과급", "취업규칙", "사내공지", "인사평가", "급여명세", "payroll", "salary", "bonus", "benefits", "employee handbook",
        "open enrollment", "hr department", "human resources", "performance review", "direct deposit", "pay stub",
        "payslip", "wage", "leave policy", "w-2", "compensation", "company policy", "給与", "賞与", "人事部", "年末調整",
        "就業規則", "給料", "工资", "薪资", "人事", "补贴", "奖金发放", "年终奖", "薪資", "人事部", "津貼", "年終獎金", "劳动补贴", "財務部", "财务部",
    ),
    (
        "complete the", "sign the", "by friday", "deadline", "failure to", "download", "attached", "login with",
        "your company email", "응답", "기한내", "불이익", "회신", "이수", "서명하", "필수", "다운로드", "클릭", "미이수", "回答", "期限", "リンク",
        "署名", "填报", "截止", "逾期", "附件", "扫描二维码", "二维码", "二維碼", "點選", "点击", "확인하", "열람", "로그인", "qr", "스캔", "접속하",
        "제출하", "서명", "24시간", "금일", "즉시", "누락", "미확인", "첨부파일", "아래링크", "변경된", "review", "acknowledge", "sign in",
        "scan", "login", "log in", "confirm", "update", "mandatory", "immediately", "required", "view",
        "before end of", "adjustment", "access", "today", "確認", "ログイン", "読み取", "本日中", "提出", "至急", "扫码", "扫描", "领取",
        "登录", "查看", "填写", "掃描", "掃碼", "領取", "登入", "查看", "填寫", "申领", "申領", "认证",
    ),
    _PRESSED, 2.0, 6.8, least=3,
)  # fmt: skip

LURES: Final = (
    _MAILBOX, _ACCOUNT, _PAYMENT, _PARCEL, _AUTHORITY, _DOCUMENT, _CALLBACK, _EXTORTION, _WINDFALL, _WALLET, _STAFF,
)  # fmt: skip
