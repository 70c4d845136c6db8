/* <support-finder>: care and support for survivors of modern slavery, found inside anybody's page.
 *
 * It loads one public list and looks through it here, so that nobody learns what is sought; only a whole postcode leaves
 * the page, to learn its council area. Nothing is stored. Values become text and never HTML.
 */
(() => {
  "use strict";
  // The reviewed languages, and the English words, are put in when the file is served (messages/*.json).
  const LANGUAGES = {};
  const ENGLISH = {};

  const script = document.currentScript || document.querySelector('script[src*="/widget/v1."]');
  if (!script || customElements.get("support-finder")) return;
  const SERVICE = new URL("..", script.src).href;
  const EXIT = "https://www.bbc.co.uk/weather";
  const QUIET = { credentials: "omit", referrerPolicy: "no-referrer" };
  const WHOLE_POSTCODE = /^[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}$/i;
  const SHAPES = { accepting: "●", limited: "◐", full: "■", closed_temporarily: "■", waiting_list: "□" };
  // Services shown before somebody asks for more.
  const FIRST = 10;
  const RELOAD_MS = 300000;
  const LOOK_MS = 30000;

  const STYLE = `
:host { display: block }
.sf { all: initial; color-scheme: inherit; display: block; position: relative;
  --ink: #0b0c0c; --paper: #fff; --grey: #50565a; --line: #80868b; --red: #b3202c; --green: #00703c;
  --brand: var(--sf-brand, #2b3a67); --link: var(--sf-link, #1a4a8a);
  color: var(--ink); background: var(--paper); overflow-wrap: anywhere;
  font: max(16px, 1.1875rem)/1.4 var(--sf-font, system-ui, "Noto Sans", Arial, sans-serif) }
@supports (color: light-dark(#000, #fff)) { .sf {
  --ink: light-dark(#0b0c0c, #f3f2f1); --paper: light-dark(#fff, #15181c); --grey: light-dark(#50565a, #b9bec3);
  --red: light-dark(#b3202c, #ff9aa2); --green: light-dark(#00703c, #7fd6a4);
  --brand: var(--sf-brand, light-dark(#2b3a67, #8fa3e0)); --link: var(--sf-link, light-dark(#1a4a8a, #9cc3ff)) } }
.sf * { box-sizing: border-box }
.sf [hidden] { display: none !important }
.body { padding: 0 1em 1em; border: 1px solid var(--line); border-top: 4px solid var(--brand) }
h1, h2, h3, h4, h5, h6 { font-size: 1.15em; line-height: 1.25; margin: 1em 0 .4em }
.title { font-size: 1.4em }
p, ul { margin: .5em 0 }
a { color: var(--link); display: inline-block; min-height: 24px }
:focus-visible { outline: 3px solid #fd0; box-shadow: inset 0 0 0 3px #0b0c0c }
.leave { position: sticky; top: 0; z-index: 9; display: flex; gap: .5em; align-items: center; justify-content: flex-end; background: var(--paper); padding: .25em 0 }
.leave span { font-size: .8em; color: var(--grey) }
.leave button { flex: none }
a, button, summary, input, select, [tabindex] { scroll-margin-top: 5em }
bdi { display: inline-block; max-width: 100% }
button, .call, summary { font: inherit; font-weight: 700; min-height: 44px; padding: .5em 1em; cursor: pointer }
button, .call { display: inline-block; border: 2px solid transparent; background: #00703c; color: #fff; text-decoration: none }
.exit { background: #b3202c }
.plain { background: none; color: var(--link); border-color: currentcolor }
.danger, .note { border-inline-start: 8px solid var(--red); padding: .1em .75em }
.note { border-color: #c79a00 }
label { display: block; font-weight: 700; margin-top: .75em }
input, select { font: inherit; color: inherit; background: var(--paper); width: 100%; max-width: 24em; min-height: 44px;
  padding: .4em; border: 2px solid var(--ink) }
form button { margin-top: 1em }
.hint, .by { color: var(--grey); font-size: .85em; margin: 0; display: block; font-weight: 400 }
.error { color: var(--red); font-weight: 700; display: block }
.list { list-style: none; padding: 0 }
.card { border: 1px solid var(--line); border-inline-start: 8px solid var(--brand); padding: .25em .75em .75em; margin: 0 0 1em }
.card > p { margin: .3em 0 }
.status { font-weight: 700 }
.status.accepting, .status.limited { color: var(--green) }
.status.full, .status.closed_temporarily { color: var(--red) }
summary { padding-inline: 0; color: var(--link) }
dt { font-weight: 700 }
dd { margin: 0 0 .5em }
.foot { font-size: .7em; color: var(--grey) }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); border: 0; white-space: nowrap }
@media print { .leave, form, button, .unseen, .now { display: none !important } .card { break-inside: avoid } }`;
  const PRINT_STYLE = "body { font: 14pt/1.4 sans-serif } p { margin: 0 0 .5em } b { font-size: 1.3em } div { break-inside: avoid }";

  /** An element; functions among its attributes listen, and children that are text stay text. */
  const h = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (typeof value === "function") made.addEventListener(key, value);
      else if (value != null && value !== false) made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.flat(9).filter((child) => child != null && child !== false));
    return made;
  };
  const isWeb = (address) => /^https?:\/\//i.test(address || "");
  const number = (text) => h("bdi", { dir: "ltr" }, text);
  /** The address of a number: to ring, or to write to. */
  const dial = (text, type) => type !== "whatsapp" && `${type && type !== "voice" ? "sms" : "tel"}:${text.replace(/[^\d+]/g, "")}`;
  /** Words of the services themselves, which are English whatever the language of the page. */
  const english = (text) => h("span", { lang: "en", dir: "auto" }, text);
  const styled = (target, css, realm = window) => {
    try {
      // A strict policy of the page lets these through, and no <style>.
      const sheet = new realm.CSSStyleSheet();
      sheet.replaceSync(css);
      target.adoptedStyleSheets = [sheet];
    } catch {
      (target.head || target).append(h("style", {}, css));
    }
  };

  /** Nothing is left to see before the next page is even asked for, and this one is not what Back leads to. */
  const leave = (address) => {
    const quiet = h("meta", { name: "referrer", content: "no-referrer" });
    document.documentElement.replaceChildren(h("head", {}, quiet, h("title", {}, "…")));
    const target = isWeb(address) ? address : EXIT;
    try {
      top.location.replace(target);
    } catch {
      location.replace(target);
    }
  };
  let shifts = [];
  let exit = EXIT;
  addEventListener("keydown", (event) => {
    if (event.key !== "Shift") shifts = [];
    else if (!event.repeat) {
      shifts = [...shifts, Date.now()].filter((at) => at > Date.now() - 5000);
      if (shifts.length > 2) leave(exit);
    }
  }, true);

  const read = async (path, options) => {
    const answer = await fetch(SERVICE + path, { ...QUIET, ...options, signal: AbortSignal.timeout?.(15000) });
    return [answer.status, await answer.json()];
  };
  /** By the clock that goes on while a machine sleeps; one that was set back has passed everything. */
  const isPast = (at, ms) => Math.abs(Date.now() - at) > ms;
  let shared = [0];
  /** The public list; several finders on one page load it once. */
  const snapshot = async () => {
    if (isPast(shared[0], 5000)) shared = [Date.now(), read("v1/snapshot", { cache: "no-cache" })];
    const [status, list] = await shared[1];
    if (status !== 200) throw new Error("no list");
    return list;
  };

  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: "Europe/London", day: "2-digit", month: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  /** "17:00", or "26/11 17:00" on another day, in digits alone: browsers lack the words of many languages. */
  const moment = (text, now) => {
    const [day, hour] = clock.format(new Date(text)).split(", ");
    return `\u2066${clock.format(now).startsWith(day) ? hour : `${day} ${hour}`}\u2069`;
  };

  class Finder {
    constructor(host) {
      this.host = host;
      this.root = host.attachShadow({ mode: "open" });
      // Whatever a browser lacks, what the page carries is seen.
      this.root.append(document.createElement("slot"));
      this.chosen = { age: "", need: "", language: "", place: null };
      this.limit = FIRST;
      if (isWeb(host.dataset.exit)) exit = host.dataset.exit;
      const level = Number(host.dataset.heading);
      this.level = level >= 1 && level <= 4 ? level : 2;
      const wanted = (host.closest("[lang]")?.lang || "en").toLowerCase();
      this.speak([wanted, wanted.split("-")[0]].find((one) => Object.keys(LANGUAGES).includes(one)) || "en");
      addEventListener("pageshow", () => this.look());
      document.addEventListener("visibilitychange", () => document.hidden || this.look());
    }

    /** Everything anew in another language; without its words, in English. */
    async speak(language, focused) {
      [this.language, this.words] = ["en", { direction: "ltr", messages: ENGLISH }];
      if (language !== "en") {
        const [status, words] = await read(`widget/v1/messages/${language}`).catch(() => []);
        if (status === 200) [this.language, this.words] = [language, words];
      }
      this.frame();
      this.list ? this.build() : this.load();
      if (focused) this.root.getElementById(focused)?.focus();
    }

    t(key, values = {}) {
      let text = this.words.messages[key] ?? ENGLISH[key] ?? key;
      if (typeof text === "object") text = text[new Intl.PluralRules(this.language).select(values.count)] ?? text.other;
      return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
    }

    heading(deeper, attributes, ...children) {
      return h(`h${this.level + deeper}`, attributes, ...children);
    }

    call(text, dialled = text, id = null, type = "voice") {
      const href = dial(dialled, type);
      return h(href ? "a" : "span", { class: href && "call", href, id }, `${this.t(`use_${type}`)} `, number(text));
    }

    /** What stands there whatever happens: the way out, 999, and the numbers that the page itself carries. */
    frame() {
      this.content = h("div", {}, h("p", { role: "status" }, this.t("loading")), h("slot"));
      const leaving = h("button", { type: "button", class: "exit", click: () => leave(this.host.dataset.exit) }, this.t("exit"));
      this.wrapper = h("div", { class: "sf", lang: this.language, dir: this.words.direction },
        h("div", { class: "leave" }, h("span", {}, this.t("exit_hint")), leaving),
        h("div", { class: "body" },
          this.heading(0, { class: "title" }, this.t("title")),
          h("p", { class: "danger" }, h("b", {}, `${this.t("danger")} `, h("a", { href: "tel:999" }, number("999")), ".")),
          h("p", { class: "hint" }, this.t("history")),
          this.content));
      this.root.replaceChildren(this.wrapper);
      styled(this.root, STYLE);
    }

    /** Never before the moment at which the list was made, and never back: a clock that is slow keeps nothing fresh. */
    now() {
      return Math.max(Date.now() + this.slow, this.since + performance.now() - this.mark);
    }

    async load() {
      this.asked = Date.now();
      let before;
      try {
        const list = await snapshot();
        const isSame = this.list && JSON.stringify([this.list.services, this.list.always]) === JSON.stringify([list.services, list.always]);
        before = { ...this };
        this.slow = Math.max(0, Date.parse(list.generated_at) - Date.now());
        [this.since, this.mark] = [Date.now() + this.slow, performance.now()];
        this.end = Date.parse(list.valid_until);
        this.list = list;
        isSame ? this.update() : this.build();
        this.ready = true;
      } catch {
        shared = [0];
        // A list that cannot be shown must not stop the clock of the one that is.
        if (this.ready) return before ? Object.assign(this, before).build() : this.update();
        this.list = null;
        const again = h("button", { type: "button", class: "plain", click: () => this.again() }, this.t("again"));
        this.content.replaceChildren(h("p", { class: "note", role: "status" }, this.t("failed")), h("slot"), again);
      }
    }

    async again() {
      this.frame();
      await this.load();
      (this.list ? this.count : this.content.lastChild).focus();
    }

    /** After a sleep, a way back, or half a minute: what is over is over, and every five minutes the list is asked for anew. */
    look() {
      if (!this.host.isConnected || !this.list) return;
      this.update();
      if (!document.hidden && isPast(this.asked, RELOAD_MS)) this.load();
    }

    build() {
      const t = (...words) => this.t(...words);
      const { list, chosen } = this;
      this.areas = new Map(list.areas.map((area) => [area.code, area]));
      this.services = new Map(list.services.map((service) => [service.id, service]));
      if (!this.built) {
        this.built = true;
        const { need, borough } = this.host.dataset;
        if (list.needs.some((one) => one.code === need)) chosen.need = need;
        const area = list.areas.find((one) => one.home && borough && (one.code === borough || one.name === borough));
        if (area) chosen.place = { codes: [area.code] };
      }
      const open = [...this.root.querySelectorAll("details[open]")].map((one) => one.id);
      const focused = this.root.activeElement?.id;
      const typed = this.postcode?.value || "";
      this.shownFor = null;

      this.cards = list.services.map((service) => this.card(service));
      this.status = h("p", { class: "unseen", role: "status" });
      this.count = this.heading(1, { tabindex: "-1", id: "count" });
      this.where = h("p", { class: "note", hidden: true }, t("outside"));
      this.children = h("div", { class: "note" });
      this.none = h("p", {}, `${t("none")} `, h("button", { type: "button", class: "plain", click: () => this.choose({ place: null }) }, t("widen")));
      this.more = h("button", { type: "button", class: "plain", click: () => this.showMore() });
      this.content.replaceChildren(...[
        list.demonstration && h("p", { class: "note" }, t("demonstration")),
        this.form(),
        this.status, this.count, this.where, this.children,
        h("ul", { class: "list", role: "list" }, this.cards.map((card) => card.row)),
        this.none, this.more,
        h("p", {}, t("promise")),
        this.heading(1, {}, t("always")),
        h("ul", { class: "list", role: "list" }, list.always.map((line) =>
          h("li", { class: "card" },
            h("p", {}, h("b", {}, english(line.name))),
            line.description && h("p", { class: "by" }, english(line.description)),
            this.call(line.phone)))),
        h("button", { type: "button", class: "plain", click: () => this.print() }, t("print")),
        h("p", { class: "foot" }, english(list.attribution)),
      ].filter(Boolean));
      open.forEach((id) => this.root.getElementById(id)?.setAttribute("open", ""));
      this.postcode.value = typed;
      this.update();
      if (focused) this.root.getElementById(focused)?.focus();
    }

    form() {
      const { list, chosen } = this;
      const t = (...words) => this.t(...words);
      const select = (name, label, first, options, changed) => {
        const field = h("select", { id: name, autocomplete: "off", change: () => changed(field.value) },
          h("option", { value: "" }, first),
          options.map(([value, text]) => h("option", { value, lang: name === "age" ? null : "en" }, text)));
        return [h("label", { for: name }, label), field];
      };
      const home = list.areas.filter((area) => area.home).map((area) => [area.code, area.name]);
      this.postcode = h("input", { id: "postcode", type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", "aria-describedby": "hint" });
      this.error = h("span", { class: "error", id: "error", hidden: true });
      const names = Object.entries(LANGUAGES);
      const form = h("form", { novalidate: true, autocomplete: "off", submit: (event) => { event.preventDefault(); this.find(); } },
        names.length > 1 && [h("label", { for: "interface" }, t("interface")),
          h("select", { id: "interface", change: (event) => this.speak(event.target.value, "interface") },
            names.map(([code, name]) => h("option", { value: code, lang: code, selected: code === this.language }, name)))],
        h("p", { class: "hint" }, t("private")),
        select("age", t("age"), t("age_any"), [["adult", t("adult")], ["child", t("child")]], (age) => this.choose({ age })),
        select("need", t("need"), t("any"), list.needs.map((one) => [one.code, one.name]), (need) => this.choose({ need })),
        h("label", { for: "postcode" }, t("postcode")), h("span", { class: "hint", id: "hint" }, t("postcode_hint")), this.error, this.postcode,
        select("area", t("area"), t("everywhere"), home, (code) => this.choose({ place: code ? { codes: [code] } : null })),
        select("language", t("language"), t("any_language"),
          list.languages.map((one) => [one.code, one.autonym === one.name ? one.name : `${one.autonym} (${one.name})`]),
          (language) => this.choose({ language })),
        h("button", {}, t("find")));
      this.fields = Object.fromEntries(["age", "need", "area", "language"].map((name) => [name, form.querySelector(`#${name}`)]));
      return form;
    }

    /** The chosen values into the fields: a place that is no borough is an entry of its own there. */
    fill() {
      const { fields, chosen } = this;
      const codes = chosen.place?.codes || [];
      for (const name of ["age", "need", "language"]) fields[name].value = chosen[name];
      fields.area.querySelector("#place")?.remove();
      if (chosen.place?.name) fields.area.append(h("option", { id: "place", value: "place" }, chosen.place.name));
      fields.area.value = chosen.place?.name ? "place" : codes[0] || "";
    }

    choose(change) {
      Object.assign(this.chosen, change);
      this.limit = FIRST;
      this.fault(null);
      this.update();
      this.status.textContent = this.count.textContent;
    }

    fault(key) {
      this.error.hidden = !key;
      this.error.replaceChildren(...(key ? [h("span", { class: "unseen" }, `${this.t("error")} `), this.t(key)] : []));
      this.postcode.setAttribute("aria-describedby", key ? "hint error" : "hint");
      key ? this.postcode.setAttribute("aria-invalid", "true") : this.postcode.removeAttribute("aria-invalid");
      if (key) this.postcode.focus();
    }

    /** A whole postcode is sent, for its areas alone, and does not stay on the screen. */
    async find() {
      const postcode = this.postcode.value.trim();
      if (!postcode) {
        this.fault(null);
        return this.count.focus();
      }
      if (!WHOLE_POSTCODE.test(postcode)) return this.fault("postcode_form");
      const body = JSON.stringify({ postcode });
      const headers = { "Content-Type": "application/json" };
      const { place: before } = this.chosen;
      const [status, place] = await read("v1/place", { method: "POST", body, headers, cache: "no-store" }).catch(() => []);
      // Whoever has chosen or typed something else meanwhile is not taken back.
      if (this.chosen.place !== before || this.postcode.value.trim() !== postcode) return;
      if (status !== 200) return this.fault(status === 422 ? "postcode_unknown" : "postcode_failed");
      this.postcode.value = "";
      const codes = place.local_authorities.map((one) => one.code);
      const isHome = codes.length === 1 && this.areas.get(codes[0])?.home;
      const name = isHome ? null : place.local_authorities.map((one) => one.name).join(", ");
      Object.assign(this.chosen, { place: { codes, name, outside: place.in_area === "no" } });
      this.limit = FIRST;
      this.fault(null);
      this.update();
      this.count.focus();
    }

    showMore() {
      const next = this.matching[this.limit];
      this.limit += FIRST;
      this.update();
      next?.name.focus();
    }

    /** 2 covers the place, 1 may cover it, 0 does not. */
    covers({ coverage }) {
      const codes = this.chosen.place?.codes;
      if (!codes || coverage.everywhere) return 2;
      const inside = codes.filter((code) => coverage.areas.some((area) => this.areas.get(area)?.authorities.includes(code)));
      if (inside.length === codes.length) return 2;
      return inside.length || codes.some((code) => coverage.may_cover.includes(code)) ? 1 : 0;
    }

    fits(service) {
      const { age, need, language } = this.chosen;
      const { minimum_age: minimum, maximum_age: maximum } = service.eligibility;
      if (need && !service.needs.includes(need)) return false;
      if (language && language !== "eng" && !service.languages.includes(language) && service.interpreter === "no") return false;
      if (age === "adult" && maximum !== null && maximum < 18) return false;
      if (age === "child" && (minimum > 17 || service.needs.some((one) => this.list.accommodation_needs.includes(one)))) return false;
      return this.covers(service) > 0;
    }

    /** What is shown of capacity at a moment: a figure past its time is unknown, whatever the list says. */
    capacity(service, now) {
      const { status, confirmed_at: confirmed, valid_until: until } = service.capacity;
      if (service.confidential) return ["assess_first"];
      if (status === "unknown" || !(now < Math.min(Date.parse(until), this.end))) return ["unknown"];
      const [begin, finish] = [Date.parse(confirmed), Date.parse(until)];
      const key = now < begin + (finish - begin) / 3 ? "updated" : "ageing";
      return [status, this.t(key, { time: moment(confirmed, now) }), begin + (finish - begin) / 3, finish];
    }

    opening({ open }, now) {
      const until = open.until ? Date.parse(open.until) : this.end;
      if (open.now === null || !(now < Math.min(until, this.end))) return [""];
      const key = `${open.now ? "open" : "closed"}${open.until ? "_until" : open.now ? "_always" : ""}`;
      return [this.t(key, { time: open.until && moment(open.until, now) }), until];
    }

    /** What depends on the moment and on what is chosen; nothing else is touched, so nobody loses their place. */
    update() {
      const now = this.now();
      const say = (element, text) => { if (element.textContent !== text) element.textContent = text; element.hidden = !text; };
      let next = Infinity;
      this.matching = [];
      for (const card of this.cards) {
        const [status, words = "", ...changes] = this.capacity(card.service, now);
        const [opening, until] = this.opening(card.service, now);
        next = Math.min(next, ...[...changes, until, this.end].filter((at) => at > now));
        if (card.status.dataset.status !== status) {
          card.status.dataset.status = status;
          card.status.className = `status ${status}`;
          card.status.replaceChildren(h("span", { "aria-hidden": "true" }, `${SHAPES[status] || "○"} `), this.t(status));
        }
        say(card.age, words);
        say(card.opening, opening);
        card.may.hidden = this.covers(card.service) !== 1;
        if (this.fits(card.service)) this.matching.push(card);
      }
      const shown = new Set(this.matching.slice(0, this.limit));
      for (const card of this.cards) card.row.hidden = !shown.has(card);
      const rest = this.matching.length - shown.size;
      say(this.count, this.t("found", { count: this.matching.length }));
      say(this.more, rest > 0 ? this.t("more", { count: Math.min(rest, FIRST) }) : "");
      this.none.hidden = this.matching.length > 0;
      this.none.lastChild.hidden = !this.chosen.place;
      this.where.hidden = !this.chosen.place?.outside;
      const chosen = JSON.stringify(this.chosen);
      if (this.shownFor !== chosen) {
        this.shownFor = chosen;
        this.childCard();
        this.fill();
      }
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.look(), Math.max(0, Math.min(LOOK_MS, next - now)));
    }

    /** Whom to ring first for a child: shown unless somebody said that they are of age. A council's own needs a place. */
    childCard() {
      const { age, place } = this.chosen;
      const isNear = (service) => this.covers(service) > 0
        && (place || service.coverage.everywhere || service.coverage.areas.some((code) => this.areas.get(code)?.authorities.length > 1));
      const called = this.list.children.services.map((id) => this.services.get(id)).filter((service) => service && isNear(service));
      this.children.hidden = age === "adult";
      this.children.replaceChildren(
        this.heading(1, {}, this.t("children")),
        h("p", {}, english(this.list.children.message), !place && ` ${this.t("children_area")}`),
        h("ul", {}, called.map((service) => h("li", {}, english(service.name), ": ", service.phones.length
          ? service.phones.map((phone, position) => [this.call(phone.number, phone.e164, `k${service.id}${position}`, phone.phone_type), " "])
          : this.t("number_unknown")))));
    }

    card(service) {
      const t = (...words) => this.t(...words);
      const id = `s${service.id}`;
      const { sex_accepted: sex, minimum_age: minimum, maximum_age: maximum } = service.eligibility;
      const ages = minimum ? (maximum === null ? "ages_from" : "ages_between") : maximum === null ? null : "ages_to";
      const who = [(sex === "women" || sex === "men") && t(sex), ages && t(ages, { minimum, maximum })].filter(Boolean).join(" · ");
      const card = {
        service,
        name: this.heading(2, { tabindex: "-1" }, english(service.name)),
        status: h("span"), age: h("span"), opening: h("p", { class: "now" }), may: h("p", {}, t("may_cover")),
      };
      card.row = h("li", { class: "card" },
        card.name,
        h("p", { class: "by" }, english(service.organization.name), service.confidential && ` · ${t("confidential")}`),
        h("p", { class: "now" }, card.status, " ", card.age),
        h("p", {}, this.covered(service)), card.may,
        who && h("p", {}, who),
        card.opening,
        service.phones.map((phone, position) => h("p", {}, this.call(phone.number, phone.e164, `${id}c${position}`, phone.phone_type),
          phone.description && h("span", { class: "hint" }, english(phone.description)))),
        this.details(service, id));
      return card;
    }

    covered({ coverage }) {
      if (coverage.everywhere) return this.t("covers_all");
      const names = coverage.areas.map((code) => this.areas.get(code)?.name).filter(Boolean).sort();
      if (!names.length) return this.t("may_cover");
      const areas = names.slice(0, 4).join(", ");
      return this.t("covers", { areas: names.length > 4 ? this.t("areas_more", { areas, count: names.length - 4 }) : areas });
    }

    details(service, id) {
      const t = (...words) => this.t(...words);
      const known = new Map(this.list.languages.map((one) => [one.code, one.autonym]));
      const languages = service.languages.map((code) => h("bdi", { lang: Intl.getCanonicalLocales(code)[0] }, known.get(code) || code));
      const spoken = [...languages, service.interpreter !== "no" && t(`interpreter_${service.interpreter}`)].filter(Boolean);
      const flow = service.information_flow;
      const facts = [
        [t("hours"), service.hours.length ? service.hours.map((line) => h("div", {}, english(line))) : t("hours_unknown")],
        [t("languages"), spoken.flatMap((one, position) => [position ? ", " : "", one])],
        [t("police"), t(`flow_${flow.police}`)],
        [t("enforcement"), t(`flow_${flow.home_office_enforcement}`)],
      ];
      return h("details", { id: `${id}d` }, h("summary", { id: `${id}m` }, t("how")),
        this.wayIn(service),
        h("dl", {}, facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
        isWeb(service.url) && h("p", {}, h("a", { href: service.url, rel: "noreferrer", id: `${id}w` }, t("website"))));
    }

    wayIn({ referral_route: route, phones }) {
      if (!route) return h("p", {}, this.t(phones.length ? "route_ring" : "route_none"));
      const { channel, contact } = route;
      const text = this.t(`route_${channel}`, { contact: `\u2068${contact || ""}\u2069`, service: `\u2068${route.via_service_name}\u2069` });
      return [
        h("p", {}, channel === "web_form" && isWeb(contact) ? h("a", { href: contact, rel: "noreferrer" }, text)
          : channel === "via_service" && contact ? [`${text} `, this.call(contact)] : text),
        route.name.includes(" ") && h("p", { class: "hint" }, english(route.name)),
      ];
    }

    /** A small page of numbers alone, which says nowhere what it is from. */
    print() {
      const lines = [
        ...this.matching.flatMap(({ service }) => service.phones.map((phone) => [phone.number, service.name, phone.phone_type])),
        ...this.list.always.map((line) => [line.phone, line.name]),
      ];
      const frame = h("iframe", { class: "unseen", title: this.t("print_title"), tabindex: "-1" });
      frame.addEventListener("load", () => {
        const { contentDocument: page, contentWindow: view } = frame;
        page.title = this.t("print_title");
        styled(page, PRINT_STYLE, view);
        page.body.append(...lines.map(([digits, name, type]) => h("div", {}, h("p", {}, type !== "voice" && type && `${this.t(`use_${type}`)} `, h("b", {}, number(digits)), ` ${name}`))));
        view.addEventListener("afterprint", () => frame.remove());
        view.print();
      }, { once: true });
      this.wrapper.querySelector("iframe")?.remove();
      this.wrapper.append(frame);
    }
  }

  const begin = (host) => {
    if (!host.shadowRoot) host.finder = new Finder(host);
    else host.finder?.look();
  };
  customElements.define("support-finder", class extends HTMLElement {
    connectedCallback() {
      begin(this);
    }
  });
  const beginAll = () => document.querySelectorAll("[data-support-finder]").forEach(begin);
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", beginAll) : beginAll();
})();
