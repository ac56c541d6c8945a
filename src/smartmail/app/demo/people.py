"""Domains and people of the demo company. Names are invented."""

from dataclasses import dataclass

ORGANIZATION = "한빛그룹"
DOMAINS = ("hanbit.example", "hanbit-trading.example", "hanbit-tech.example")
PASSWORD = "smartmail-demo"  # noqa: S105 -- printed at start; the demo holds nothing of anybody
ADMIN = "admin@hanbit.example"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Login, name, department, title and language."""

    login: str
    name: str
    department: str
    title: str
    language: str = "ko"
    is_admin: bool = False


PEOPLE = (
    DemoPerson(ADMIN, "관리자", "정보보호팀", "팀장", is_admin=True),
    DemoPerson("minji.kim@hanbit.example", "김민지", "경영지원팀", "책임"),
    DemoPerson("seojun.park@hanbit.example", "박서준", "영업1팀", "선임"),
    DemoPerson("jiwoo.lee@hanbit.example", "이지우", "재무팀", "팀장"),
    DemoPerson("haeun.choi@hanbit.example", "최하은", "인사팀", "사원"),
    DemoPerson("doyun.jung@hanbit-trading.example", "정도윤", "무역1팀", "과장"),
    DemoPerson("minji.kim@hanbit-trading.example", "김민지", "통관팀", "대리"),
    DemoPerson("tanaka@hanbit-trading.example", "田中一郎", "東京支店", "支店長", "ja"),
    DemoPerson("wang.fang@hanbit-trading.example", "王芳", "上海分公司", "经理", "zh-Hans"),
    DemoPerson("yujin.han@hanbit-tech.example", "한유진", "플랫폼개발팀", "수석"),
    DemoPerson("smith@hanbit-tech.example", "Alex Smith", "Platform", "Engineer", "en"),
    DemoPerson("chen@hanbit-tech.example", "陳怡君", "台北辦事處", "工程師", "zh-Hant"),
)
