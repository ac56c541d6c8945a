"""Letters about money: honest suppliers who write for the first time, and attacks as they come."""

import pytest
from tests.unit.service_filtering.specimens import letter, line
from tests.unit.service_filtering.test_rules import Bench

from smartmail.app import catalogues
from smartmail.base.i18n import LANGUAGES
from smartmail.domain.inspection import Reason
from smartmail.formats.phrases import folded
from smartmail.service.kernel.inspection.wording import reason_text
from smartmail.service.protection.filtering.acquaintances import Standing
from smartmail.service.protection.filtering.rules.money import wording_of
from smartmail.service.protection.filtering.verdict import Thresholds, score_of

NONE = (("spf", "none"), ("dkim", "none"), ("dmarc", "none"))
PASSED = (("spf", "pass"), ("dkim", "pass"), ("dmarc", "pass"))
FAILED = (("spf", "softfail"), ("dkim", "none"), ("dmarc", "fail"))
JUNK = Thresholds().junk

HONEST = [
    ("[한빛테크] 11월 물품대금 결제계좌 안내", "안녕하세요. 한빛테크 경리팀입니다. 이번 달부터 귀사와 거래하게 되어 결제계좌를 안내드립니다. 신한 110-123-456789, 세금계산서 발행일 기준 30일 이내 입금 부탁드립니다."),
    ("거래처 등록 서류", "신규 거래처 등록을 위해 사업자등록증과 통장 사본(입금 계좌)을 첨부합니다. 확인 부탁드립니다."),
    ("입금 확인 요청", "지난주 송금해 주신 금액 중 120,000원이 부족하게 입금되었습니다. 확인 후 회신 부탁드립니다."),
    ("긴급) 납품 일정 확인", "긴급히 납품 일정을 확인하고자 연락드립니다. 대금은 계약서대로 지급됩니다."),
    ("주거래은행 변경 안내", "당사 주거래은행이 국민은행으로 변경되어 알려 드립니다. 기존 계좌로 입금하신 대금은 그대로 처리됩니다. 문의 02-555-0100"),
    ("급여 계좌 신청서", "입사자 급여 이체를 위해 본인 명의 계좌 사본을 제출해 주세요. 계좌 변경 시 인사팀에 신청서를 내시면 됩니다."),
    ("문화상품권 지급 안내", "설문에 참여해 주신 분들께 모바일 상품권을 보내 드립니다. 감사합니다."),
    ("견적서 송부", "요청하신 견적서를 보내 드립니다. 결제 조건은 선금 30%, 잔금 70%이며 계좌이체 또는 카드결제가 가능합니다."),
    ("至急のご確認のお願い", "お世話になっております。至急ご確認いただきたく、請求書を送付いたします。お支払いは月末締め翌月末払いでお願いいたします。"),
    ("振込口座のご案内", "初めてお取引いただきありがとうございます。お振込先は三菱UFJ銀行本店 普通1234567です。手数料はご負担ください。"),
    ("入金のお礼", "本日、ご入金を確認いたしました。早急なご対応をありがとうございます。領収書を添付いたします。"),
    ("口座振替のお知らせ", "11月分のご利用料金は27日に口座振替いたします。残高のご確認をお願いいたします。"),
    ("关于付款安排", "您好，首次合作请多关照。合同约定验收后30天内付款，收款账户信息见附件合同第5条。"),
    ("紧急：样品确认", "请尽快确认样品，确认后我们安排生产。货款按合同支付即可。"),
    ("付款確認", "您好，貴公司的款項已於昨日入帳，發票隨信附上，謝謝。"),
    ("Remittance advice - invoice 4471", "Hello, please find attached our remittance advice for invoice 4471. Funds should reach your bank account within two business days."),
    ("New supplier onboarding form", "To set you up as a supplier, please complete the attached form with your company and bank details and return it with a cancelled cheque."),
    ("Payment reminder", "This is a friendly reminder that invoice 2210 is due on Friday. Please contact accounts@supplier.example with any questions."),
    ("Urgent: shipment held at customs", "The shipment is held at customs. Please send the signed commercial invoice as soon as possible so that we can release it."),
    ("Change of our bank account", "Dear customer, from 1 January our bank account changes from ABN to ING. Our letter with signatures is attached; please call your usual contact to confirm before the next payment."),
]  # fmt: skip


@pytest.mark.parametrize(("subject", "body"), HONEST, ids=range(len(HONEST)))
async def test_an_honest_first_letter_about_money_is_no_junk(subject, body):
    for results, aligned in (((), False), (NONE, False), (PASSED, True)):
        found = await Bench().judge(
            letter(body, subject=subject, sender="경리팀 <account@supplier.example>"), results=results, aligned=aligned
        )
        assert "bec" not in {one.rule for one in found.reasons}
        assert score_of(found.reasons) < JUNK / 2, [(one.rule, one.weight) for one in found.reasons]
        assert found.nature != "phishing"


CHANGE = "거래은행 사정으로 당사 계좌가 변경되었습니다. 이번 대금은 아래 신규 계좌로 송금 부탁드립니다."
ENGLISH = "Please be informed that our bank account has been changed due to an audit. Kindly remit the outstanding payment to the new account below."
BOSS = "지금 회의중이라 통화가 어렵습니다. 오늘 중으로 아래 업체에 3,200만원 이체 처리하고 메일로만 회신 주세요. 비공개입니다."
ATTACKS = [
    ("look-alike of ours", "경리팀 <ap@lnnotab.com>", CHANGE, "", NONE, False),
    ("look-alike that proves itself", "경리팀 <ap@innotab-billing.com>", CHANGE, "", PASSED, True),
    ("broken DMARC", "Lee <lee@supplier.example>", CHANGE, "", FAILED, False),
    ("broken DMARC, English", "Lee <lee@supplier.example>", ENGLISH, "", FAILED, False),
    ("answers elsewhere", "Lee <lee@supplier.example>", ENGLISH, "Reply-To: lee.supplier@gmail.com\r\n", NONE, False),
    ("answers elsewhere, proved", "Lee <lee@supplier.example>", CHANGE, "Reply-To: lee@suppller.example\r\n", PASSED, True),
    ("the boss at a free mailer", "홍길동 <ceo.hong2026@gmail.com>", BOSS, "", PASSED, True),
    ("the boss in Latin letters", "Hong Gildong <office@mail.example>",
     "Are you at your desk? I am in a meeting and cannot talk. I need you to process a wire transfer right away.", "", NONE, False),
    ("the boss and gift cards", "홍길동 대표 <a123@outlook.com>", "거래처 선물용으로 구글 기프트카드 10장을 구매해서 핀번호를 보내 주세요.", "", PASSED, True),
    ("an address in the name", '"hong@innotab.com" <x9@mailer.example>', "至急、下記口座へ送金をお願いします。会議中のため電話に出られません。", "", NONE, False),
    ("our own domain without proof", "홍길동 <hong@innotab.com>", BOSS, "", FAILED, False),
    ("Chinese, broken DMARC", "王经理 <wang@supplier.example>", "我司收款账户已变更，请将本月货款汇款至新账户，旧账户停用。", "", FAILED, False),
    ("Traditional Chinese, answers elsewhere", "林 <lin@supplier.example>", "本公司收款帳戶已變更，請將貨款匯款至新帳戶。", "Reply-To: lin@qq.com\r\n", NONE, False),
]  # fmt: skip


@pytest.mark.parametrize(("sender", "body", "extra", "results", "aligned"), [one[1:] for one in ATTACKS], ids=[one[0] for one in ATTACKS])  # fmt: skip
async def test_an_attack_is_junk_and_told_as_fraud(sender, body, extra, results, aligned):
    found = await Bench().judge(letter(body, sender=sender, extra=extra), results=results, aligned=aligned)
    assert "bec" in {one.rule for one in found.reasons}, [(one.rule, one.weight) for one in found.reasons]
    assert score_of(found.reasons) >= JUNK
    assert found.nature == "phishing"


async def test_a_known_correspondent_whose_mail_never_proves_itself_may_change_an_account():
    bench = Bench()
    assert "bec" not in {one.rule for one in (await bench.judge(letter(CHANGE), results=FAILED)).reasons}
    bench.friends.standings["lee@partner.example"] = Standing(line(), line(), line(proved=True))
    lost = await bench.judge(letter(CHANGE), results=FAILED)
    assert "bec" in {one.rule for one in lost.reasons}, "who always proved themselves and now does not is another"


async def test_a_namesake_at_a_domain_that_proves_itself_is_a_namesake():
    sender = "김민수 <minsu@supplier.example>"
    found = await Bench().judge(letter(CHANGE, sender=sender), results=PASSED, aligned=True)
    assert "bec" not in {one.rule for one in found.reasons}


async def test_a_service_that_sends_invoices_for_others_may_name_their_address():
    extra = "Reply-To: account@supplier.example\r\n"
    found = await Bench().judge(
        letter(CHANGE, sender="세금계산서 <bill@invoicing.example>", extra=extra), results=PASSED, aligned=True
    )
    assert score_of(found.reasons) < JUNK


def test_words_far_from_each_other_say_nothing():
    assert wording_of(folded("계좌 변경 안내, 송금"))
    assert not wording_of(
        folded("계좌를 확인했습니다. " + "회의 자료를 보냅니다. " * 10 + "일정이 변경되었습니다. 송금")
    )
    assert not wording_of(
        folded("The agenda has changed. " + "We will meet in the hall on Monday. " * 5 + "Bank account: see contract.")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_caution_says_what_was_seen(language):
    catalogues.load()
    assert "계좌 · 변경" in reason_text(language, Reason("account-change", 1.0, ("계좌 · 변경",)))
