"""How far apart countries are at least, and whether somebody can have gone from one to the other in a time.

NAME        travel
PURPOSE     Tell a login that nobody can have travelled to (KA-25: faster than 900 km/h).
STRATEGIES  A country is a disc: its middle and the radius of a circle of its area. The distance of two is that of their
            middles without both radii, so neighbours and large countries are near: what is told is sure, not all is told.
LIMITS      Middles and areas are rounded public facts. A country that is not in the table is far from nowhere.
Must not know who travels.
"""

from math import asin, cos, pi, radians, sin, sqrt
from typing import Final

FASTEST_KMH: Final = 900
LEAST_KM: Final = 300
"""What a table of addresses may be wrong by at a border."""
EARTH_KM: Final = 6371.0
HOUR_MS: Final = 3_600_000

# Code, latitude and longitude of the middle in degrees, area in thousands of km².
_DATA: Final = """
AD 42.5 1.6 0.5|AE 24 54 84|AF 33 65 652|AL 41 20 29|AM 40 45 30|AO -12 18 1247|AR -34 -64 2780|AT 47.5 13.5 84
AU -25 134 7692|AZ 40.3 47.7 87|BA 44 18 51|BB 13.2 -59.5 0.4|BD 24 90 148|BE 50.6 4.6 31|BF 12.3 -1.7 274
BG 42.7 25.3 111|BH 26 50.5 0.8|BI -3.4 30 28|BJ 9.5 2.3 115|BN 4.5 114.7 6|BO -17 -65 1099|BR -10 -52 8516
BS 24.2 -76 14|BT 27.5 90.5 38|BW -22 24 582|BY 53.6 28 208|BZ 17.2 -88.6 23|CA 60 -100 9985|CD -3 23.5 2345
CF 6.6 20.9 623|CG -0.7 15 342|CH 46.9 8.2 41|CI 7.6 -5.5 322|CL -33 -71 756|CM 5.7 12.7 475|CN 35 104 9597
CO 4 -73 1142|CR 10 -84 51|CU 21.7 -79 110|CV 15.1 -23.6 4|CY 35 33.2 9|CZ 49.8 15.5 79|DE 51.2 10.4 358
DJ 11.7 42.6 23|DK 56 10 43|DO 18.9 -70.5 49|DZ 28 2.6 2382|EC -1.4 -78.4 284|EE 58.7 25.5 45|EG 26.5 29.8 1001
ER 15.3 38.8 118|ES 40.2 -3.6 506|ET 8.6 39.6 1104|FI 64.5 26.3 338|FJ -17.8 178 18|FO 62 -6.9 1.4|FR 46.6 2.5 552
GA -0.6 11.8 268|GB 54 -2.5 244|GE 42.2 43.5 70|GF 4 -53 84|GH 8 -1.2 239|GI 36.1 -5.4 0.1|GL 72 -41 2166
GM 13.4 -15.4 11|GN 10.4 -10.9 246|GQ 1.7 10.3 28|GR 39 22.5 132|GT 15.7 -90.4 109|GU 13.4 144.8 0.5|GW 12 -15 36
GY 4.8 -58.9 215|HK 22.35 114.15 1.1|HN 14.8 -86.6 112|HR 45.2 16 57|HT 19 -72.7 28|HU 47.2 19.4 93|ID -2.5 118 1905
IE 53.2 -8.1 70|IL 31.4 35 22|IM 54.2 -4.5 0.6|IN 22 79 3287|IQ 33 43.8 438|IR 32.5 54.3 1648|IS 65 -18.6 103
IT 42.8 12.1 301|JM 18.1 -77.3 11|JO 31.3 36.8 89|JP 37 138 378|KE 0.5 37.9 580|KG 41.5 74.6 200|KH 12.7 104.9 181
KM -11.9 43.6 2|KP 40.2 127.2 121|KR 36.4 127.8 100|KW 29.3 47.6 18|KZ 48.2 67.3 2725|LA 18.5 103.8 237|LB 33.9 35.9 10
LI 47.1 9.5 0.2|LK 7.6 80.7 66|LR 6.4 -9.3 111|LS -29.6 28.2 30|LT 55.3 23.9 65|LU 49.8 6.1 2.6|LV 56.9 24.9 65
LY 27 18 1760|MA 31.9 -6.3 447|MC 43.7 7.4 0.1|MD 47.2 28.5 34|ME 42.8 19.2 14|MG -19.4 46.7 587|MK 41.6 21.7 26
ML 17.3 -3.5 1240|MM 21.2 96.5 677|MN 46.8 103 1564|MO 22.16 113.56 0.1|MR 20.2 -10.3 1031|MT 35.9 14.4 0.3
MU -20.3 57.6 2|MV 3.7 73.2 0.3|MW -13.2 34.3 118|MX 23.9 -102.5 1964|MY 3.8 109.7 330|MZ -17.3 35.5 802|NA -22.1 17.2 826
NC -21.3 165.7 19|NE 17.4 9.4 1267|NG 9.6 8.1 924|NI 12.8 -85 130|NL 52.2 5.6 42|NO 64.5 14 385|NP 28.2 83.9 147
NZ -41.8 171.5 268|OM 20.6 56.1 310|PA 8.5 -80.1 75|PE -9.2 -74.4 1285|PF -17.7 -149.4 4|PG -6.5 145.2 463|PH 12 122.9 300
PK 29.9 69.3 881|PL 52.1 19.4 313|PR 18.2 -66.5 9|PS 31.9 35.2 6|PT 39.6 -8.5 92|PY -23.2 -58.4 407|QA 25.3 51.2 12
RE -21.1 55.5 2.5|RO 45.9 25 238|RS 44.2 20.8 77|RU 61 97 17098|RW -2 29.9 26|SA 24.1 44.5 2150|SB -8.9 159.6 29
SC -4.7 55.5 0.5|SD 16 30 1861|SE 62.8 16.7 450|SG 1.35 103.8 0.7|SI 46.1 14.8 20|SK 48.7 19.5 49|SL 8.6 -11.8 72
SM 43.9 12.5 0.1|SN 14.4 -14.5 197|SO 4.8 45.7 638|SR 4.1 -55.9 164|SS 7.3 30.2 644|SV 13.7 -88.9 21|SY 35 38.5 185
SZ -26.6 31.5 17|TD 15.3 18.6 1284|TG 8.5 1 57|TH 15.1 101 513|TJ 38.5 71 143|TL -8.8 125.8 15|TM 39.1 59.4 488
TN 34.1 9.6 164|TR 39.1 35.2 784|TT 10.5 -61.3 5|TW 23.75 121 36|TZ -6.3 34.8 947|UA 49 31.4 604|UG 1.3 32.4 242
US 39.8 -98.6 9834|UY -32.8 -56 176|UZ 41.8 63.1 447|VA 41.9 12.45 0.1|VE 7.1 -66.2 912|VN 16.6 106.3 331|VU -16.2 167.7 12
WS -13.8 -172.2 3|XK 42.6 20.9 11|YE 15.9 47.6 528|ZA -29 25.1 1221|ZM -13.5 27.8 753|ZW -19 29.9 391
"""


def _table() -> dict[str, tuple[float, float, float]]:
    found = {}
    for entry in _DATA.replace("\n", "|").split("|"):
        if entry:
            code, latitude, longitude, area = entry.split()
            found[code] = (radians(float(latitude)), radians(float(longitude)), sqrt(float(area) * 1000 / pi))
    return found


_PLACES: Final = _table()


def distance_km(one: str, other: str) -> float:
    """Return how far two countries (ISO 3166-1 alpha-2) are apart at least; 0 where one is not known."""
    a, b = _PLACES.get(one), _PLACES.get(other)
    if a is None or b is None or one == other:
        return 0.0
    # The haversine formula.
    half = sin((b[0] - a[0]) / 2) ** 2 + cos(a[0]) * cos(b[0]) * sin((b[1] - a[1]) / 2) ** 2
    return max(0.0, 2 * EARTH_KM * asin(min(1.0, sqrt(half))) - a[2] - b[2])


def is_impossible(one: str, other: str, milliseconds: int) -> bool:
    """Say whether nobody can have gone from one country to the other in this time."""
    distance = distance_km(one, other)
    return distance >= LEAST_KM and distance > FASTEST_KMH * max(0, milliseconds) / HOUR_MS
