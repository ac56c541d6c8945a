"""Where IMAP tells that JMAP is (RFC 9698)."""

from smartmail.app.opening.mail_servers import jmap_url
from smartmail.app.settings import load


def settings(tmp_path, text, **options):
    (tmp_path / "node.toml").write_text(text, encoding="utf-8")
    return load(str(tmp_path), **options)


def test_the_usual_port_is_not_said(tmp_path):
    usual = settings(tmp_path, '[names]\napp = "mail.a.example"\n[listen]\nports = {https = 443}\n')
    assert jmap_url(usual) == "https://mail.a.example/.well-known/jmap"
    other = settings(tmp_path, '[names]\napp = "mail.a.example"\n')
    assert jmap_url(other) == "https://mail.a.example:10443/.well-known/jmap"


def test_a_node_without_the_web_tells_nothing(tmp_path):
    assert jmap_url(settings(tmp_path, "", roles=("edge-imap",))) == ""
