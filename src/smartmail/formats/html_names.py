"""Names that the HTML and CSS of a mail may use: the allow-lists, in one place to be read by a reviewer.

Data only; the rules that use it stand in `html`, `html_css`, `html_tame` and `html_text`.
"""


def words(text: str) -> frozenset[str]:
    """Return the set of names in a list written as prose."""
    return frozenset(text.split())


TAGS = words("""
    a abbr acronym address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd
    del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main
    mark nav ol p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot
    th thead time tr tt u ul var wbr
""")
DROPPED = words("""
    script style svg math template title head noscript iframe frame frameset noframes object embed applet param
    select option optgroup datalist textarea xmp noembed plaintext audio video canvas map meta link base
""")
_ANYWHERE = frozenset({"style", "class", "id", "title", "dir", "lang", "align"})
_CELL = frozenset(
    {"abbr", "axis", "background", "bgcolor", "bordercolor", "char", "charoff", "colspan", "height", "nowrap",
     "rowspan", "scope", "valign", "width", "data-remote-background"}
)  # fmt: skip
_TABLE = _CELL | {"border", "cellpadding", "cellspacing", "frame", "rules", "summary"}
ATTRIBUTES: dict[str, frozenset[str]] = {
    "*": _ANYWHERE,
    "a": frozenset({"href", "name", "target"}),
    "blockquote": frozenset({"type", "cite"}),
    "bdo": frozenset({"dir"}),
    "col": frozenset({"span", "width"}),
    "colgroup": frozenset({"span", "width"}),
    "details": frozenset({"open"}),
    "font": frozenset({"color", "face", "size"}),
    "hr": frozenset({"color", "noshade", "size", "width"}),
    "img": frozenset({"src", "alt", "width", "height", "border", "hspace", "vspace", "data-remote-src"}),
    "li": frozenset({"type", "value"}),
    "ol": frozenset({"start", "type", "reversed"}),
    "table": _TABLE,
    "tbody": _CELL,
    "td": _CELL,
    "tfoot": _CELL,
    "th": _CELL,
    "thead": _CELL,
    "time": frozenset({"datetime"}),
    "tr": _CELL,
    "ul": frozenset({"type"}),
}

PROPERTIES = words("""
    background background-color background-image background-position background-repeat background-size
    background-clip background-origin border border-top border-right border-bottom border-left border-color
    border-style border-width border-radius border-top-left-radius border-top-right-radius border-bottom-left-
    radius border-bottom-right-radius border-collapse border-spacing border-top-color border-right-color border-
    bottom-color border-left-color border-top-style border-right-style border-bottom-style border-left-style
    border-top-width border-right-width border-bottom-width border-left-width box-shadow box-sizing caption-side
    clear color column-count column-gap direction display empty-cells flex flex-basis flex-direction flex-flow
    flex-grow flex-shrink flex-wrap float gap row-gap align-items align-content align-self justify-content
    justify-items order grid-template-columns grid-template-rows grid-column grid-row grid-gap font font-family
    font-size font-style font-variant font-weight font-stretch height letter-spacing line-height line-break
    list-style list-style-image list-style-position list-style-type margin margin-top margin-right margin-bottom
    margin-left max-height max-width min-height min-width object-fit opacity outline outline-color outline-style
    outline-width overflow overflow-wrap overflow-x overflow-y padding padding-top padding-right padding-bottom
    padding-left position table-layout text-align text-align-last text-decoration text-decoration-color text-
    decoration-line text-decoration-style text-emphasis text-indent text-overflow text-shadow text-transform
    text-underline-offset unicode-bidi vertical-align visibility white-space width word-break word-spacing word-
    wrap writing-mode
""")
URL_PROPERTIES = frozenset({"background", "background-image", "list-style", "list-style-image"})
FONT_PROPERTIES = frozenset({"font", "font-family"})
# Nothing may leave the flow: a mail must not lay itself over what the reader trusts.
POSITIONS = frozenset({"static", "relative"})
FUNCTIONS = words("""
    rgb rgba hsl hsla calc min max clamp linear-gradient radial-gradient repeating-linear-gradient repeat minmax
""")
# Viewport heights would feed back into a frame that is as high as its content.
UNITS = words("% px em rem ex ch pt pc in cm mm q deg rad grad turn fr vw s ms dpi dpcm dppx x") | {""}
PSEUDO = words("""
    hover link visited active focus first-child last-child only-child first-of-type last-of-type empty root
    first-line first-letter
""")
