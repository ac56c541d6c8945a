"""Well-known senders: how they are called in five languages, and the domains that are theirs.

A name is claimed where a letter says that it comes from it. Whoever is not of its domains and has no proof of being so pretends.
The table only has names that people get mail from; names that are also ordinary words are not in it, or only in a longer form.
"""

from typing import Final, NamedTuple


class Brand(NamedTuple):
    """One brand: names, folded at start, and registered domains."""

    names: tuple[str, ...]
    domains: frozenset[str]


def _brand(names: str, domains: str) -> Brand:
    return Brand(tuple(one.strip() for one in names.split(",")), frozenset(domains.split()))


BRANDS: Final = (
    # Korea
    _brand("네이버, naver", "naver.com navercorp.com naver.me navercloudcorp.com"),
    _brand(
        "카카오, kakao, 다음메일, 카카오톡, 카카오페이",
        "kakao.com kakaocorp.com daum.net hanmail.net kakaopay.com kakaobank.com kakaomobility.com",
    ),
    _brand("카카오뱅크, kakaobank", "kakaobank.com kakao.com"),
    _brand("토스뱅크, 토스증권, 비바리퍼블리카, tossbank", "toss.im tossbank.com tossinvest.com tosspayments.com"),
    _brand("국세청, 홈택스, 손택스, national tax service", "nts.go.kr hometax.go.kr korea.kr"),
    _brand("우체국, 우정사업본부, korea post", "epost.go.kr epostbank.go.kr koreapost.go.kr"),
    _brand("경찰청, 교통민원24, 사이버수사대", "police.go.kr efine.go.kr"),
    _brand("검찰청, 대검찰청, 법원행정처, 대법원", "spo.go.kr scourt.go.kr"),
    _brand("금융감독원, 금융위원회", "fss.or.kr fsc.go.kr"),
    _brand("국민건강보험, 건강보험공단, 국민연금공단", "nhis.or.kr nps.or.kr"),
    _brand("정부24, 행정안전부, 국민비서", "gov.kr mois.go.kr ips.go.kr"),
    _brand("관세청, korea customs", "customs.go.kr"),
    _brand("한국인터넷진흥원, kisa", "kisa.or.kr"),
    _brand("cj대한통운, 대한통운, cj logistics", "cjlogistics.com doortodoor.co.kr cj.net"),
    _brand("롯데택배, 한진택배, 로젠택배", "lotteglogis.com hanjin.com hanjin.co.kr ilogen.com"),
    _brand("쿠팡, coupang", "coupang.com coupangcorp.com"),
    _brand(
        "11번가, g마켓, 지마켓, 배달의민족, 당근마켓",
        "11st.co.kr gmarket.co.kr auction.co.kr woowahan.com baemin.com daangn.com",
    ),
    _brand("국민은행, kb국민, kb국민카드, kb star", "kbstar.com kbcard.com kbfg.com"),
    _brand("신한은행, 신한카드, shinhan bank", "shinhan.com shinhancard.com"),
    _brand("우리은행, 우리카드, woori bank", "wooribank.com wooricard.com"),
    _brand("하나은행, 하나카드, hana bank", "hanabank.com kebhana.com hanacard.co.kr hanafn.com"),
    _brand("기업은행, ibk기업은행", "ibk.co.kr"),
    _brand("농협은행, nh농협, 농협카드", "nonghyup.com nhbank.com"),
    _brand(
        "삼성카드, 현대카드, 롯데카드, 비씨카드, bc카드",
        "samsungcard.com samsungcard.co.kr hyundaicard.com lottecard.co.kr bccard.com paybooc.co.kr",
    ),
    _brand("업비트, 빗썸, upbit, bithumb", "upbit.com dunamu.com bithumb.com"),
    _brand(
        "sk텔레콤, kt고객센터, lg유플러스, 유플러스",
        "sktelecom.com tworld.co.kr skt.com kt.com lguplus.com lguplus.co.kr uplus.co.kr",
    ),
    _brand(
        "가비아, 카페24, 하이웍스, 다우오피스, gabia, cafe24, hiworks",
        "gabia.com cafe24.com cafe24corp.com hiworks.com daouoffice.com daou.co.kr",
    ),
    # World
    _brand(
        "microsoft, 마이크로소프트, マイクロソフト, 微软, 微軟, office 365, office365, microsoft 365, onedrive, sharepoint, outlook team, ms teams, 오피스365",
        "microsoft.com microsoftonline.com office.com office365.com outlook.com live.com sharepoint.com onmicrosoft.com sharepointonline.com "
        "windows.com microsoft365.com teams.microsoft.com azure.com skype.com",
    ),
    _brand(
        "google, 구글, グーグル, 谷歌, gmail, google drive, google workspace",
        "google.com gmail.com googlemail.com youtube.com goo.gl withgoogle.com google.co.kr google.co.jp",
    ),
    _brand(
        "apple id, apple support, apple store, icloud, itunes, 애플 id, アップル, 苹果, 蘋果, app store",
        "apple.com icloud.com me.com",
    ),
    _brand(
        "amazon, アマゾン, 아마존, 亚马逊, 亞馬遜",
        "amazon.com amazon.co.jp amazon.co.uk amazon.de amazonses.com amazonaws.com amazon.cn "
        "primevideo.com",
    ),
    _brand("paypal, 페이팔, ペイパル", "paypal.com paypal.co.kr"),
    _brand("netflix, 넷플릭스, ネットフリックス", "netflix.com"),
    _brand(
        "facebook, meta business, instagram, 인스타그램, 페이스북, whatsapp",
        "facebook.com facebookmail.com meta.com instagram.com whatsapp.com fb.com",
    ),
    _brand("linkedin, 링크드인", "linkedin.com"),
    _brand(
        "docusign, adobe sign, adobe acrobat, acrobat sign",
        "docusign.com docusign.net adobe.com adobesign.com echosign.com",
    ),
    _brand("dropbox, wetransfer, 위트랜스퍼", "dropbox.com dropboxmail.com wetransfer.com"),
    _brand("dhl", "dhl.com dhl.de dhl.co.kr dhlparcel.nl dhlecommerce.com"),
    _brand("fedex, 페덱스, フェデックス", "fedex.com"),
    _brand("ups delivery, ups tracking, united parcel", "ups.com"),
    _brand("usps, us postal, royal mail", "usps.com usps.gov royalmail.com"),
    _brand("zoom video, zoom meeting", "zoom.us zoom.com"),
    _brand("spotify, disney+, 디즈니플러스, disney plus", "spotify.com disneyplus.com disney.com"),
    _brand(
        "metamask, coinbase, binance, trust wallet, ledger support, kraken, 바이낸스, 메타마스크",
        "metamask.io consensys.io coinbase.com binance.com trustwallet.com ledger.com kraken.com",
    ),
    _brand(
        "norton, mcafee, geek squad, best buy",
        "norton.com nortonlifelock.com gendigital.com mcafee.com bestbuy.com geeksquad.com",
    ),
    _brand(
        "wells fargo, bank of america, chase bank, citibank, american express, hsbc, mastercard",
        "wellsfargo.com bankofamerica.com bofa.com chase.com jpmorgan.com citi.com citibank.com "
        "americanexpress.com aexp.com hsbc.com hsbc.com.hk hsbc.co.kr mastercard.com",
    ),
    _brand("booking.com, airbnb, agoda", "booking.com airbnb.com agoda.com"),
    _brand("godaddy, cpanel, cloudflare, namecheap", "godaddy.com cpanel.net cloudflare.com namecheap.com"),
    _brand("hmrc, internal revenue service", "hmrc.gov.uk irs.gov treasury.gov gov.uk"),
    # Japan
    _brand(
        "楽天, 楽天市場, 楽天カード, 楽天銀行, rakuten",
        "rakuten.co.jp rakuten.com rakuten-card.co.jp rakuten-bank.co.jp rakuten.ne.jp",
    ),
    _brand(
        "ヤマト運輸, クロネコヤマト, 佐川急便, 日本郵便, ゆうパック",
        "kuronekoyamato.co.jp yamato-hd.co.jp sagawa-exp.co.jp japanpost.jp post.japanpost.jp",
    ),
    _brand(
        "三井住友, 三菱ufj, みずほ銀行, ゆうちょ銀行, 三井住友カード, smbc",
        "smbc.co.jp smbc-card.com mufg.jp bk.mufg.jp mizuhobank.co.jp mizuho-fg.co.jp "
        "jp-bank.japanpost.jp vpass.ne.jp",
    ),
    _brand(
        "イオンカード, エポスカード, jcb, セゾンカード, ビューカード",
        "aeon.co.jp aeoncard.co.jp eposcard.co.jp jcb.co.jp saisoncard.co.jp jreast.co.jp viewsnet.jp",
    ),
    _brand("国税庁, e-tax, 総務省, 年金機構, マイナポータル", "nta.go.jp e-tax.nta.go.jp soumu.go.jp nenkin.go.jp digital.go.jp"),
    _brand(
        "etc利用照会, えきねっと, メルカリ, paypay, ドコモ, ソフトバンク",
        "etc-meisai.jp etc-user.jp eki-net.com mercari.com mercari.jp paypay.ne.jp docomo.ne.jp "
        "nttdocomo.co.jp softbank.jp softbank.ne.jp au.com kddi.com",
    ),
    # China, Taiwan, Hong Kong
    _brand(
        "支付宝, 支付寶, 淘宝, 淘寶, 阿里巴巴, 阿里云, 天猫, alipay, alibaba, taobao",
        "alipay.com taobao.com alibaba.com alibaba-inc.com aliyun.com tmall.com alibabacloud.com",
    ),
    _brand("微信支付, 腾讯, qq邮箱, 腾讯企业邮, wechat, 騰訊", "qq.com tencent.com weixin.qq.com wechat.com exmail.qq.com"),
    _brand(
        "顺丰, 順豐, 京东, 京東, 圆通, 菜鸟, ems快递",
        "sf-express.com sf-international.com jd.com yto.net.cn cainiao.com ems.com.cn",
    ),
    _brand(
        "工商银行, 建设银行, 中国银行, 农业银行, 招商银行, 中国银联",
        "icbc.com.cn ccb.com boc.cn bankofchina.com abchina.com cmbchina.com unionpay.com",
    ),
    _brand("国家税务总局, 税务局, 个人所得税", "chinatax.gov.cn etax.chinatax.gov.cn"),
    _brand(
        "中華郵政, 蝦皮, 台灣大哥大, 中華電信, 國泰世華, 中國信託, 玉山銀行, 台新銀行",
        "post.gov.tw shopee.tw shopee.com taiwanmobile.com cht.com.tw cathaybk.com.tw ctbcbank.com "
        "esunbank.com.tw esunbank.com taishinbank.com.tw",
    ),
    _brand("健保署, 財政部, 監理站, 國稅局", "nhi.gov.tw mof.gov.tw mvdis.gov.tw thb.gov.tw ntbt.gov.tw"),
    _brand("香港郵政, hongkong post, 八達通, 匯豐", "hongkongpost.hk octopus.com.hk hsbc.com.hk"),
)  # fmt: skip

FREE_MAIL: Final = frozenset({
    "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "yahoo.co.jp", "aol.com", "icloud.com", "me.com",
    "proton.me", "protonmail.com", "mail.com", "gmx.com", "gmx.net", "yandex.com", "yandex.ru", "mail.ru", "zoho.com", "tutanota.com",
    "naver.com", "daum.net", "hanmail.net", "nate.com", "kakao.com", "qq.com", "163.com", "126.com", "sina.com", "foxmail.com",
})  # fmt: skip
"""Domains under which anybody has an address: being of them proves no brand."""
_FREE_HOSTS: Final = """
    pages.dev workers.dev r2.dev web.app firebaseapp.com netlify.app vercel.app github.io gitlab.io weebly.com
    weeblysite.com wixsite.com wixstudio.com blogspot.com azurewebsites.net windows.net herokuapp.com
    glitch.me repl.co replit.app ngrok.io ngrok-free.app duckdns.org forms.gle notion.site webflow.io
    framer.app surge.sh square.site godaddysites.com jimdosite.com strikingly.com mystrikingly.com
    000webhostapp.com ipfs.io dweb.link cloudfront.net sites.google.com docs.google.com forms.office.com
    typeform.com jotform.com canva.com linktr.ee carrd.co tilda.ws my.id myportfolio.com cprapid.com
    plesk.page hstn.me rf.gd infinityfreeapp.com onrender.com fly.dev edgeone.app lovable.app
"""
FREE_HOSTS: Final = frozenset(_FREE_HOSTS.split())
"""Where anybody puts a page in a minute."""
_CHEAP_ENDINGS: Final = """
    top xyz icu click cyou live online site buzz rest sbs cfd quest monster tk ml ga cf gq zip mov bond lol
    vip work shop store fun space website info cc ws pw link help support cam beauty hair skin makeup autos
    boats homes yachts motorcycles christmas win bid loan men date racing review stream download party trade
    science faith cricket accountant country kim ru su today life world email center digital
"""
CHEAP_ENDINGS: Final = frozenset(_CHEAP_ENDINGS.split())
"""Endings under which throw-away domains are registered."""
