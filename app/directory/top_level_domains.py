"""Endings of web addresses: what tells "Safe-Now.pl" from the end of one sentence and the beginning of the next.

The two-letter codes of countries (ISO 3166-1 as IANA delegates them, written down in November 2026), and of the others those under
which charities, councils and services for people, or whoever poses as one, are found.
"""

_COUNTRIES = """
ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl
cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt
gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv
ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm
pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to
tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw
"""
_OTHERS = """
app biz blog care center chat church click cloud com community coop cymru dev edu email foundation gov health help info international
life link live london media mobi name net news ngo online ong org page pro scot shop site social space store support team tech top
wales website wiki work world xyz zone
"""

TOP_LEVEL_DOMAINS = frozenset((_COUNTRIES + _OTHERS).split())
