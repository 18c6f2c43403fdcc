// @ts-check
import { follow, reset, setSpeed } from "./api.js";
import { Cards } from "./cards.js";
import { Chooser } from "./chooser.js";
import { Clock } from "./clock.js";
import { hears, lastNews, stateOf } from "./describe.js";
import { find, h, memory, setAttr, setText, show, uptime } from "./dom.js";
import { Guide } from "./guide.js";
import { icon } from "./icons.js";
import { News } from "./news.js";
import { PagingSwitch } from "./paging.js";
import { busy, Phone } from "./phone.js";
import { panel, popover } from "./popover.js";
import { Tabs } from "./tabs.js";
import { Voice } from "./voice.js";
import { Warnings } from "./warnings.js";
import { Wires } from "./wires.js";

const SPEEDS = [1, 2, 5];
const TOAST_MS = 6000;
const QUIET_MS = 1200;
const ROOMY = window.matchMedia("(min-width: 721px)");
const CUSTOMERS = "customers";
const TICKET = "ticket";

/** The page: it owns the phones, follows the simulator's state and hands each part what concerns it. */
class Softphone {
  /** @type {Map<string, Phone>} */
  phones = new Map();
  /** @type {NetworkState} */
  state;
  /** @type {string | null} */
  chosen;
  /** @type {number[]} */
  sentences = [];
  /** @type {Warnings} */
  warnings;
  /** @type {HTMLButtonElement} */
  muteButton;
  /** @type {HTMLButtonElement[]} */
  speeds;
  arrived = 0;
  troubleTimer = 0;

  constructor() {
    this.voice = new Voice();
    this.chosen = memory.get("customer", null);
    this.news = new News(find("announce"), (number) => ROOMY.matches && this.phone(number).el.scrollIntoView({ block: "nearest" }));
    this.cards = new Cards(find("team-live"), find("team-idle"), ROOMY);
    this.chooser = new Chooser(find("chooser"), (number) => this.#choose(number));
    this.desk = find("desk");
    this.tabs = new Tabs(find("tabs"), this.desk);
    this.wires = new Wires(find("wires"), this.desk);
    this.clock = new Clock(find("clock-slot"));
    this.paging = new PagingSwitch((work) => this.report(work), () => this.state && this.#patch());
    this.guide = new Guide(find("guide"), this);
    find("team-head").append(this.paging.button());
    this.#tools(find("tools"));
    setInterval(() => this.#tick(), 1000);
    follow((state) => this.#update(state), (away) => this.#trouble(away));
  }

  /** @param {HTMLElement} slot */
  #tools(slot) {
    this.warnings = new Warnings(slot);
    this.muteButton = h("button", { type: "button", class: "tool", "data-action": "mute", onclick: () => this.#mute(!this.voice.muted) },
      icon("sound"), icon("muted"));
    this.#mute(this.voice.muted);
    const help = h("button", { type: "button", class: "tool", "data-action": "guide", "aria-label": "Show the guide", title: "Show the guide",
      onclick: () => this.guide.open(this.guide.dismissed) }, icon("help"));
    const gear = h("button", { type: "button", class: "tool", "data-action": "settings", "aria-label": "Settings", title: "Settings" }, icon("gear"));
    slot.append(this.muteButton, help, gear, popover(gear, this.#settings()));
  }

  #settings() {
    this.speeds = SPEEDS.map((speed) => h("button", { type: "button", "data-speed": speed, onclick: () => this.report(setSpeed(speed)) }, `${speed}×`));
    const again = h("button", { type: "button", class: "wide", "data-action": "reset", onclick: () => this.report(reset()) }, "Hang up and clear every phone");
    return panel("Settings", h("p", { class: "legend" }, "How fast people speak and phones ring"),
      h("div", { class: "segments", role: "group", "aria-label": "Speed" }, ...this.speeds), this.paging.button(), again,
      h("p", { class: "hint" }, "With a phone in focus, the keys 0 to 9, * and # of your keyboard are its keypad."));
  }

  /** @param {boolean} muted */
  #mute(muted) {
    this.voice.mute(muted);
    setAttr(this.muteButton, "aria-pressed", String(muted));
    setAttr(this.muteButton, "aria-label", "Mute the voices");
    setAttr(this.muteButton, "title", muted ? "Voices are muted" : "Voices are on");
  }

  // What the parts ask of the page

  /** @param {string} number */
  phone(number) {
    const phone = this.phones.get(number);
    if (!phone) throw new TypeError(`There is no phone ${number} on this page.`);
    return phone;
  }

  /** @param {string} number */
  listenTo(number) {
    if (this.voice.listenTo(number) && this.state) this.#patch();
  }

  /**
   * Tell the person when something they asked for was refused; whether it was done.
   * @param {Promise<unknown>} work
   */
  report(work) {
    return work.then(() => true, (error) => {
      this.#toast(error.message);
      return false;
    });
  }

  /**
   * Bring a phone into view and give it the keyboard.
   * @param {string} number
   */
  reveal(number) {
    const phone = this.phone(number);
    if (this.#data(number)?.role === "customer") this.#choose(number);
    phone.el.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "start" });
    phone.el.focus({ preventScroll: true });
  }

  /**
   * The phones that this one talks with at the moment: those that name it, and that it names, as the far end.
   * @param {PhoneState} phone
   */
  peersOf(phone) {
    return this.state.phones.filter((one) => one !== phone && hears(one, phone) && hears(phone, one));
  }

  layout() {
    this.cards.arrange();
    this.wires.draw();
  }

  /** Seconds since the state was told. */
  get age() {
    return uptime() - this.arrived;
  }

  /**
   * Seconds since something happened on a phone of the team, or since `at`.
   * @param {number} at
   */
  quietFor(at) {
    const { phones } = this.state;
    return (phones[0]?.now ?? 0) + this.age - Math.max(at, lastNews(phones));
  }

  #tick() {
    this.phones.forEach((phone) => phone.tick());
    if (this.state) this.guide.update(this.state.phones);
  }

  /** @param {NetworkState} state */
  #update(state) {
    const known = [...this.phones.keys()].join();
    this.state = state;
    this.arrived = uptime();
    if (state.phones.map((phone) => phone.number).join() !== known) this.#build();
    this.clock.use(state.clock_url);
    this.paging.use(state.paging_url);
    this.#panel(state.panel_url || null);
    this.#board(state.board_url || null);
    this.warnings.update(state.warnings ?? []);
    setText(find("hotline"), state.hotline ?? "");
    for (const button of this.speeds) setAttr(button, "aria-pressed", String(Number(button.dataset.speed) === state.speed));
    show(find("connecting"), false);
    this.#bringCalled();
    this.#patch();
    this.news.update(state.phones);
    this.#fallSilent();
  }

  /** A sentence that has been said to its end is no news to the server: the page ends it by itself. */
  #fallSilent() {
    for (const timer of this.sentences) clearTimeout(timer);
    const calls = this.state.phones.flatMap(({ call }) => (call?.hears_now ? [call] : []));
    this.sentences = calls.map((call) => setTimeout(() => {
      call.hears_now = null;
      this.#patch();
    }, call.hears_for * 1000));
  }

  /** A customer who is called comes to the front, unless the one in front is on the phone. */
  #bringCalled() {
    const called = this.state.phones.find((phone) => phone.role === "customer" && stateOf(phone) === "ringing");
    const chosen = this.#data(this.chosen);
    if (called && called !== chosen && !(chosen && busy(chosen))) this.#choose(called.number);
  }

  #build() {
    const phones = this.state.phones;
    const customers = phones.filter((phone) => phone.role === "customer");
    const team = phones.filter((phone) => phone.role !== "customer");
    // The ticket's timeline counts people the same way, so a person has one colour on the whole page.
    const colour = (/** @type {PhoneState} */ phone) => (phone.role === "customer" ? -1 - customers.indexOf(phone) : team.indexOf(phone));
    this.phones = new Map(phones.map((phone) => [phone.number, new Phone(phone, this, colour(phone))]));
    find("customer-phones").replaceChildren(...customers.map(({ number }) => this.phone(number).el));
    this.cards.show(team.map(({ number }) => this.phone(number)));
    this.chooser.show(customers);
    this.tabs.remove();
    if (customers.length > 0) this.tabs.add(CUSTOMERS, find("customers"), customers[0].name, colour(customers[0]));
    for (const phone of team) this.tabs.add(phone.number, this.phone(phone.number).el, phone.name, colour(phone));
    this.tabs.add(TICKET, find("panel"), "Ticket", null);
    this.tabs.nav.hidden = false;
    this.#choose(this.chosen !== null && this.chooser.has(this.chosen) ? this.chosen : customers[0]?.number);
  }

  /** @param {string | undefined} number */
  #choose(number) {
    if (number === undefined) return;
    this.chosen = number;
    memory.set("customer", number);
    this.chooser.mark(number);
    for (const one of this.chooser.buttons.keys()) show(this.phone(one).el, one === number);
    this.tabs.rename(CUSTOMERS, this.#data(number)?.name ?? "");
    this.layout();
  }

  /** @param {string | null} number */
  #data(number) {
    return this.state.phones.find((phone) => phone.number === number);
  }

  #patch() {
    const { phones, hotline } = this.state;
    const pairs = new Map();
    const alone = phones.filter((phone) => phone.role !== "customer" && stateOf(phone) === "ringing").length === 1;
    for (const phone of phones) {
      const peers = this.peersOf(phone);
      const shown = this.phone(phone.number);
      shown.update(phone, { joined: peers.length > 0, hotline, atEar: this.voice.number === phone.number, times: this.paging.times, alone });
      for (const { number } of peers) {
        pairs.set([phone.number, number].sort().join(), [shown.el, this.phone(number).el]);
      }
    }
    this.cards.update(phones);
    this.#tabsAndChoices(phones);
    this.wires.connect([...pairs.values()]);
    this.guide.update(phones);
    this.voice.follow(phones, this.age);
  }

  /** @param {PhoneState[]} phones */
  #tabsAndChoices(phones) {
    const customers = phones.filter((phone) => phone.role === "customer");
    if (customers.length > 0) this.tabs.update(CUSTOMERS, customers);
    this.chooser.update(customers);
    for (const phone of phones.filter((each) => each.role !== "customer")) this.tabs.update(phone.number, [phone]);
  }

  /** @param {string | null} address */
  #panel(address) {
    const frame = find("panel-frame");
    show(find("panel"), address !== null);
    show(this.tabs.tab(TICKET).button, address !== null);
    this.desk.classList.toggle("without-panel", address === null);
    if (address !== null && frame.getAttribute("src") !== address) frame.setAttribute("src", address);
  }

  /** @param {string | null} address */
  #board(address) {
    const link = find("board");
    show(link, address !== null);
    if (address !== null) setAttr(link, "href", address);
  }

  /** @param {boolean} away */
  #trouble(away) {
    clearTimeout(this.troubleTimer);
    const bar = find("reconnecting");
    if (!away) {
      show(bar, false);
      return;
    }
    this.troubleTimer = setTimeout(() => {
      setText(bar, "Reconnecting…");
      show(bar, true);
    }, bar.hidden ? QUIET_MS : 0);
  }

  /** @param {string} message */
  #toast(message) {
    const toast = h("p", { class: "toast" }, message);
    find("toasts").append(toast);
    setTimeout(() => toast.remove(), TOAST_MS);
  }
}

new Softphone();
