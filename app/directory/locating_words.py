"""The vocabulary of the confidentiality lint: postcode areas, grid squares, streets, landmarks, map sites.

Kept apart from the rules so that a curator who meets a false alarm or a miss finds the word to change.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


POSTCODE_AREAS = _words("""AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G
    GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX
    PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR
    WS WV XM YO ZE""")
"""Royal Mail's areas with the forces' BF and the special BX and XM (Postcode Address File, Programmers' Guide)."""

INWARD_LETTERS = frozenset("abdefghjlnpqrstuwxyz")
"""The last two letters of a postcode are never C, I, K, M, O or V (BS 7666)."""

GRID_SQUARES = _words("""HP HT HU HW HX HY HZ NA NB NC ND NF NG NH NJ NK NL NM NN NO NR NS NT NU NW NX NY NZ OV SD SE SH SJ SK SM SN SO SP SR
    SS ST SU SV SW SX SY SZ TA TF TG TL TM TQ TR TV""")
"""Squares of the National Grid with land in them. SC, the Isle of Man, is left out: it opens Scottish charity numbers."""

GRID_SQUARES_THAT_ARE_WORDS = frozenset({"no", "so"})

STREETS = _words("street road rd lane avenue ave crescent terrace grove mews boulevard highway parade")
"""Mean a street wherever they follow a name."""

STREETS_WITH_A_NUMBER = _words(
    "st close drive dr court ct place way square sq hill park view gardens gdns green walk rise row cottages croft gate house"
)
"""Mean a street after a house number and a name with capitals; alone they are everyday words."""

NOT_A_STREET_BEFORE = _words("""angels based children culture dealing drinking drugs engagement food gang gangs homeless homelessness level life light
    lighting link outreach pastors pastor population prostitution safe safety sex sleepers sleeping smart team teams wise work
    worker workers traffic accident safety""")
"""Follow "street" or "road" where a kind of work is meant, not an address."""

ORDINARY = _words("""a an and any are as at back bed beds being between busy bus by case children city clients country county cycle day days
    dead each every families family fast female first for from girls hour hours high his her in into is living long main male
    men minute minutes month months new next night nights of off on one open or other our over own people per place places
    police public quiet residential right rocky rooms safe same second side single slow some spaces that the their this to
    under unit units up victims we week weeks who with women working wrong year years young your youth crown magistrates
    supreme coroners no not survivors adults adult""")
"""Cannot be the name of a street when written small."""

PREPOSITIONS = _words("on in off along down up at near from opposite behind beside to of")

DIRECTIONS = tuple(
    tuple(phrase.split())
    for phrase in (
        "behind", "opposite", "beside", "alongside", "above", "below", "beneath", "underneath", "overlooking", "near", "nearby",
        "adjacent to", "next to", "close to", "across from", "in front of", "at the back of", "round the back of",
        "around the back of", "to the rear of", "minutes from", "minute from", "walk from", "minutes walk", "minute walk", "drive from", "yards from",
        "metres from", "meters from", "mile from", "miles from", "away from", "walking distance of", "walking distance from",
        "stone s throw from", "stones throw from", "down from", "along from", "up from", "just past", "north of",
        "south of", "east of", "west of", "left of", "streets from", "street from", "roads from", "backs onto", "backs on to", "backing onto", "right of", "first left after", "first right after", "just off",
    )
)  # fmt: skip
"""Lead to a place when a landmark follows within a few words."""

DIRECTIONS_ALONE = tuple(
    tuple(phrase.split())
    for phrase in (
        "next door to", "across the road from", "over the road from", "across the street from", "around the corner from",
        "round the corner from", "on the corner", "corner of", "turn left", "turn right", "left at the", "right at the",
        "doors down from", "doors along from", "doors away from", "doors from",
    )
)  # fmt: skip
"""Lead to a place whatever follows."""

LANDMARKS = _words("""abbey airport aldi arena asda bakery bank bar barracks bridge bullring butcher butchers bookmaker bookmakers cafe canal
    cathedral cemetery chapel chemist chippy church cinema clinic college crematorium depot factory fort garage gatehouse
    greengrocer greggs gurdwara gym gymnasium hairdresser hairdressers hospital hotel ikea kfc launderette laundrette library
    lidl mcdonalds mandir market memorial mill monument morrisons mosque museum nursery offlicence park pharmacy playground
    pub quarry racecourse reservoir restaurant roundabout sainsbury sainsburys school shop showroom stadium station
    statue subway supermarket surgery synagogue takeaway temple tesco theatre tower university viaduct
    warehouse waitrose wetherspoon wetherspoons zoo office offices""")
"""One of a kind, or nearly, in a district. Plurals are left out: "close to shops and schools" leads nowhere."""

NOT_A_LANDMARK_BEFORE = _words("""admission age aged appointment leaving year years nurse holiday holidays policy hours officer officers report force
    forces discharge account details statement staff worker workers uniform fees run place""")
"""After a landmark word, show that an age, a paper or a person is meant."""

ESTATES = frozenset({("industrial", "estate"), ("trading", "estate"), ("business", "park"), ("retail", "park"),
                     ("science", "park"), ("enterprise", "park"), ("shopping", "centre"), ("railway", "station"),
                     ("train", "station"), ("tram", "stop"), ("metro", "station"), ("bus", "station"), ("coach", "station"),
                     ("tower", "block")})  # fmt: skip
"""With a name before them, a landmark without any direction."""

PAPER_AND_LEVELS = _words("""a3 a4 a5 paper poster posters leaflet leaflets form forms sheet sheets flyer flyers card cards level levels size sized format
    booklet booklets page pages english esol exam certificate course class standard document copy copies print envelope
    folder accession countries country nationals national migrants states citizens grade section version appendix annex
    annexe visa""")
"""Beside A4, B1 or DA1 show that paper, a language level, a form or a law is meant, not a road or a postcode."""

MAP_HOSTS = _words("""apple.com/maps arcgis.com bing.com/maps bingmaps.com citymapper.com earth.google.com g.co g.page gaode.com ge0.me goo.gl
    google.com/maps gridreferencefinder.com here.com here.we komoot.com map.what3words.com mapbox.com mapcarta.com maps.me
    mapq.st mapquest.com mapy.cz moovitapp.com multimap.com openstreetmap.org opentopomap.org ordnancesurvey.co.uk
    osm.org osm.to osmaps.com plus.codes share.here.com streetmap.co.uk viamichelin.co.uk w3w.co w3w.io waze.com
    what3words.com wego.here.com bit.ly cutt.ly is.gd ow.ly rb.gy t.co tiny.cc tinyurl.com qrco.de""")
"""Sites that show one place, and shorteners, which do not say where they lead. After a slash, the part of a site meant."""

WHAT3WORDS_HOSTS = ("w3w.co", "w3w.io", "what3words.com")

TOP_LEVEL_DOMAINS = _words("""uk com org net gov info charity nhs police edu int eu co io app help support foundation ngo ong me tv wales scot cymru
    london gle ie de fr pl ro al vn pdf doc docx xls xlsx csv html example""")
"""Three words with dots that end so are a web address or a file, not a what3words address."""
