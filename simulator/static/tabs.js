// @ts-check
import { avatar, h, initials, setAttr, setText, shortName } from "./dom.js";
import { icon } from "./icons.js";
import { stateOf } from "./describe.js";

/** At phone width one phone fills the screen; these tabs, and swiping, go from one to the next. */
export class Tabs {
  /** @type {Map<string, Tab>} */
  tabs;
  /** @type {Map<string, number>} */
  seen;

  /** @param {HTMLElement} nav @param {HTMLElement} desk */
  constructor(nav, desk) {
    this.nav = nav;
    this.desk = desk;
    this.tabs = new Map();
    this.seen = new Map();
    this.watcher = new IntersectionObserver((entries) => this.#scrolled(entries), { root: desk, threshold: 0.6 });
  }

  /**
   * Add a tab for a pane of the desk. `index` colours the avatar; null for the ticket.
   * @param {string} key @param {HTMLElement} pane @param {string} name @param {number | null} index
   */
  add(key, pane, name, index) {
    const badge = h("span", { class: "badge" });
    const face = index === null ? h("span", { class: "avatar" }, icon("ticket")) : avatar(name, index);
    const label = h("span", { class: "tab-name" }, shortName(name));
    const button = h("button", { type: "button", class: "tab", "data-tab": key, onclick: () => this.go(key) }, face, label, badge);
    this.tabs.set(key, { button, badge, pane, name, face, label, current: false });
    this.nav.append(button);
    this.watcher.observe(pane);
  }

  /** @param {string} key */
  tab(key) {
    const tab = this.tabs.get(key);
    if (!tab) throw new TypeError(`There is no tab ${key}.`);
    return tab;
  }

  remove() {
    this.watcher.disconnect();
    this.tabs.clear();
    this.nav.replaceChildren();
  }

  /** @param {string} key */
  go(key) {
    this.tabs.get(key)?.pane.scrollIntoView({ behavior: "smooth", block: "nearest", inline: "start" });
  }

  /**
   * Show under a tab how its phones are: `phones` are all that share the pane.
   * @param {string} key @param {PhoneState[]} phones
   */
  update(key, phones) {
    const tab = this.tab(key);
    const states = phones.map(stateOf);
    const state = ["ringing", "talking", "dialing"].find((one) => states.includes(one)) ?? "idle";
    const received = phones.reduce((sum, phone) => sum + phone.texts.filter((text) => text.direction === "in").length, 0);
    const seen = this.seen.get(key) ?? received;
    const read = tab.current || seen > received ? received : seen;
    this.seen.set(key, read);
    const unread = received - read;
    setAttr(tab.button, "data-call", state);
    setText(tab.badge, unread > 0 ? String(unread) : "");
    setAttr(tab.button, "aria-label", [tab.name, state === "idle" ? null : state, unread > 0 ? `${unread} new texts` : null].filter(Boolean).join(", "));
  }

  /**
   * The customers share one tab, which carries the name of the chosen one.
   * @param {string} key @param {string} name
   */
  rename(key, name) {
    const tab = this.tab(key);
    tab.name = name;
    setText(tab.face, initials(name));
    setText(tab.label, shortName(name));
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #scrolled(entries) {
    for (const entry of entries) {
      for (const tab of this.tabs.values()) {
        if (tab.pane !== entry.target) continue;
        tab.current = entry.isIntersecting;
        setAttr(tab.button, "aria-current", entry.isIntersecting ? "true" : null);
        if (entry.isIntersecting) {
          setText(tab.badge, "");
          this.#bring(tab.button);
        }
      }
    }
  }

  /** @param {HTMLButtonElement} button */
  #bring(button) {
    const left = button.offsetLeft - (this.nav.clientWidth - button.offsetWidth) / 2;
    this.nav.scrollTo({ left, behavior: "smooth" });
  }
}
