"""Which column of a table is which: header names as personnel systems and spreadsheets in five languages write them.

A header is compared without blanks, case and signs, in NFKC, so that `E-Mail`, `email` and `Ｅｍａｉｌ` are one. Whoever has
another header says so with a map. Pure.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from smartmail.domain.directory_import import Finding, TableKind

FIELDS: Final[Mapping[TableKind, tuple[str, ...]]] = {
    "people": (
        "login", "name", "employee_number", "department", "duty", "other_seats", "position", "grade", "honorific",
        "language", "password", "password_hash", "active", "mobile", "phone", "extension", "birthday", "hired", "workplace", "note",
    ),
    "departments": ("code", "name", "parent", "order"),
    "groups": ("group", "priority", "members"),
    "aliases": ("address", "targets"),
    "domains": ("domain",),
    "lists": (
        "address", "name", "owners", "moderators", "post", "moderation", "reply_to", "prefix", "members",
    ),
    "shared": ("address", "name", "managers", "members", "senders"),
}  # fmt: skip
SECRETS: Final = ("password", "password_hash")
"""Columns of people that no export has and no step keeps once it is done."""
FACTS: Final = ("mobile", "phone", "extension", "birthday", "hired", "workplace", "note")
"""Columns of people that are kept sealed, under these names."""
NEEDED: Final[Mapping[TableKind, tuple[str, ...]]] = {
    "people": ("login",), "departments": ("name",), "groups": ("group",), "aliases": ("address", "targets"),
    "domains": ("domain",), "lists": ("address",), "shared": ("address",),
}  # fmt: skip

_NAMES: Final[Mapping[str, str]] = {
    "login": "login, login id, id, user id, account, e-mail, email address, mail, mail address, address, 아이디, 계정, 로그인, "
    "이메일, 이메일주소, 메일, 메일주소, 전자우편, メール, メールアドレス, アカウント, ログイン, 邮箱, 邮箱地址, 电子邮件, 邮件地址, 账号, "
    "郵箱, 電子郵件, 郵件地址, 信箱, 帳號",
    "name": "name, full name, display name, 이름, 성명, 성함, 한글이름, 사원명, 직원명, 氏名, 名前, 姓名, 名字, 名称, 名稱",
    "employee_number": "employee number, employee no, employee id, emp no, staff id, staff number, 사번, 사원번호, 직원번호, "
    "社員番号, 従業員番号, 工号, 员工编号, 員工編號, 工號",
    "department": "department, dept, team, org unit, division, 부서, 부서명, 부서이름, 부서코드, 소속, 소속부서, 소속명, 팀, 팀명, "
    "팀이름, 조직, 조직명, 部署, 部署名, 部門, 部門名, 所属, 所属部署, 部门, 部门名称, 所属部门, 部門名稱, 所屬部門",
    "duty": "duty, role, 직책, 직책명, 보직, 職責, 役割, 职责, 職務",
    "other_seats": "other departments, additional departments, concurrent posts, 겸직, 겸직부서, 겸무, 겸무부서, 兼務, 兼務部署, 兼任, "
    "兼任部门, 兼任部門, 兼职, 兼職",
    "position": "position, title, job title, rank, 직위, 직위명, 役職, 职位, 職位, 职务",
    "grade": "grade, job grade, pay grade, 직급, 직급명, 호봉, 等級, 職級, 职级",
    "honorific": "honorific, form of address, 호칭, 敬称, 称呼, 稱呼",
    "language": "language, locale, lang, 언어, 言語, 语言, 語言",
    "password": "password, initial password, first password, 비밀번호, 첫비밀번호, 초기비밀번호, 암호, パスワード, 初期パスワード, 密码, "
    "初始密码, 密碼, 初始密碼",
    "password_hash": "password hash, hash, hashed password, user password, 비밀번호해시, 암호해시, 해시, "
    "パスワードハッシュ, 密码哈希, 密碼雜湊",
    "active": "active, enabled, status, state, employment status, 상태, 재직, 재직상태, 재직여부, 사용여부, 状態, 在職, 状态, "
    "在职状态, 狀態, 在職狀態",
    "mobile": "mobile, mobile phone, cell, cell phone, 휴대폰, 휴대전화, 핸드폰, 휴대폰번호, 携帯, 携帯電話, 手机, 手机号, 手機",
    "phone": "phone, telephone, tel, office phone, 전화, 전화번호, 사무실전화, 電話, 電話番号, 电话, 电话号码, 電話號碼",
    "extension": "extension, ext, 내선, 내선번호, 内線, 内線番号, 分机, 分機",
    "birthday": "birthday, birth date, date of birth, 생일, 생년월일, 誕生日, 生年月日, 生日, 出生日期",
    "hired": "hired, hired on, hire date, start date, 입사일, 입사일자, 入社日, 入职日期, 到職日",
    "workplace": "workplace, office, site, location, 근무지, 사업장, 사업소, 勤務地, 事業所, 工作地点, 工作地點",
    "note": "note, notes, remark, remarks, 비고, 메모, 備考, 备注, 備註",
    "code": "code, department code, dept code, 코드, 부서코드, 部署コード, コード, 部门代码, 代码, 部門代碼, 代碼",
    "parent": "parent, parent department, parent code, above, 상위부서, 상위부서명, 상위부서코드, 상위, 상위조직, 上位部署, 親部署, 上级部门, "
    "上級部門",
    "order": "order, sort order, sequence, 순서, 정렬순서, 정렬, 順序, 表示順, 排序, 顺序",
    "group": "group, group name, 그룹, 그룹명, グループ, グループ名, 组, 组名, 群组, 群組, 群組名稱",
    "priority": "priority, 우선순위, 優先度, 优先级, 優先順序",
    "members": "member, members, 구성원, 멤버, 그룹원, メンバー, 成员, 成員",
    "address": "alias, alias address, address, e-mail, email address, 별칭, 별칭주소, 주소, 이메일, エイリアス, 別名, アドレス, "
    "别名, 别名地址, 地址, 別名地址",
    "targets": "target, targets, goes to, delivers to, forward to, recipient, recipients, 대상, 받는사람, 전달주소, 수신자, 転送先, 宛先, "
    "目标, 收件人, 目標, 收件者",
    "owners": "owner, owners, manager, managers, list owner, 소유자, 관리자, 책임자, 담당자, オーナー, 所有者, 管理者, 管理员, "
    "拥有者, 管理員, 擁有者",
    "moderators": "moderator, moderators, approver, approvers, 승인자, 중재자, 司会者, 承認者, モデレーター, 审核人, 审批人, "
    "審核者, 核准者",
    "post": "post, posting, senders, sender, who may post, 발송권한, 게시권한, 보낼수있는사람, 投稿, 投稿者, 投稿できる人, 投稿権限, "
    "发送权限, 發送權限, 发送者, 谁可以发信, 寄送權限, 誰可以寄信",
    "moderation": "moderation, approval, 승인, 승인방식, 사전승인, 承認, 承認方法, モデレーション, 审核, 审核方式, 審核, "
    "審核方式",
    "reply_to": "reply to, replies, replies go to, answers, 답장, 답장받는곳, 회신, 회신주소, 返信先, 返信, 回复, 回复到, 回覆, 回覆到",
    "prefix": "prefix, subject prefix, 머리말, 제목머리말, 말머리, 件名の接頭辞, 件名の先頭語, 接頭辞, 前缀, 主题前缀, 首碼, 主旨前綴",
    "managers": "manager, managers, owner, owners, 관리자, 책임자, 담당자, 管理者, 責任者, 管理员, 负责人, 管理員, 負責人",
    "senders": "sender, senders, send as, may send as it, 발신자, 발송자, 발신권한, 보낼수있는사람, 이주소로보내는사람, 送信者, 送信権限, "
    "このアドレスで送信する人, 发送者, 发送权限, 可用此地址发信的人, 寄件者, 寄送權限, 可用此地址寄信的人",
    "domain": "domain, domain name, 도메인, 도메인명, ドメイン, ドメイン名, 域名, 网域, 網域, 網域名稱",
}
_KIND_NAMES: Final[Mapping[tuple[TableKind, str], str]] = {
    (
        "departments",
        "name",
    ): "department, department name, dept, dept name, team, 부서, 부서명, 부서이름, 팀, 팀명, 팀이름, 조직, 조직명, "
    "조직이름, 部署, 部署名, "
    "部門, 部門名, 部门, 部门名称, 部門名稱",
    (
        "lists",
        "address",
    ): "list, list address, mailing list, distribution list, 메일링리스트, 배포목록, 그룹메일, 그룹메일주소, 메일링, "
    "メーリングリスト, 配信リスト, 通讯组, 邮件列表, 郵件清單, 通訊群組",
    (
        "shared",
        "address",
    ): "login, account, shared account, shared mailbox, 공용메일, 공용메일주소, 공용계정, 공유메일, 공유계정, 대표메일, "
    "共有アカウント, 共有メールボックス, 代表メール, 共享邮箱, 公共邮箱, 共用信箱, 公用信箱",
}
_SIGNS = re.compile(r"[\s_\-.·:/()\[\]*＊]+")


def plain(header: str) -> str:
    """Return what of a header counts."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", header).casefold())


def _words(kind: TableKind, field: str) -> set[str]:
    said = ", ".join((_NAMES.get(field, ""), _KIND_NAMES.get((kind, field), ""), field))
    return {plain(word) for word in said.split(",") if word.strip()}


_KNOWN: Final[Mapping[TableKind, Mapping[str, str]]] = {
    kind: {word: field for field in reversed(fields) for word in _words(kind, field)} for kind, fields in FIELDS.items()
}


def recognised(
    kind: TableKind, header: tuple[str, ...], chosen: Mapping[str, str]
) -> tuple[dict[str, int], list[str], list[Finding]]:
    """Return field → place of its column, headers that mean nothing to us, and what is wrong.

    `chosen`: header → field ("" to leave a column out), stronger than the table of names.
    """
    places: dict[str, int] = {}
    unknown: list[str] = []
    wrong: list[Finding] = []
    said = {plain(name): field for name, field in chosen.items()}
    present = {plain(name) for name in header}
    wrong += [Finding(1, name, "no-such-column", name) for name in chosen if plain(name) not in present]
    for place, name in enumerate(header):
        field = said.get(plain(name), _KNOWN[kind].get(plain(name)))
        if field == "":
            continue
        if field is None:
            unknown.append(name)
        elif field not in FIELDS[kind]:
            wrong.append(Finding(1, name, "no-such-field", field))
        elif field in places:
            wrong.append(Finding(1, name, "column-twice", header[places[field]]))
        else:
            places[field] = place
    wrong += [Finding(1, field, "column-missing", field) for field in NEEDED[kind] if field not in places]
    return places, unknown, wrong
