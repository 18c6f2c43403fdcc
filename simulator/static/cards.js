// @ts-check
import { stateOf } from "./describe.js";

/** @type {Record<string, number>} */
const RANKS = { ringing: 0, dialing: 1, talking: 1, ended: 2 };
const IDLE = 3;

/**
 * Move without losing focus, scrolling or an open menu, where the browser can.
 * @param {HTMLElement} parent @param {HTMLElement} el @param {Element | null} before
 */
function move(parent, el, before) {
  if (el.isConnected && parent.moveBefore) parent.moveBefore(el, before);
  else parent.insertBefore(el, before);
}

/** @param {HTMLElement} parent @param {HTMLElement[]} wanted */
function place(parent, wanted) {
  wanted.forEach((el, at) => {
    if (parent.children[at] !== el) move(parent, el, parent.children[at] ?? null);
  });
}

/**
 * The team's phones: those with a call on top, ringing ones before all others, and below them those that are idle.
 * At phone width each fills the screen, and they stay in the order of their tabs.
 */
export class Cards {
  /** @type {Card[]} */
  cards;
  /** @type {Map<string, string>} */
  states;

  /** @param {HTMLElement} live @param {HTMLElement} idle @param {MediaQueryList} roomy */
  constructor(live, idle, roomy) {
    this.live = live;
    this.idle = idle;
    this.roomy = roomy;
    this.cards = [];
    this.states = new Map();
    roomy.addEventListener("change", () => this.arrange());
  }

  /**
   * `cards` are phones of the page, in the order of the directory.
   * @param {Card[]} cards
   */
  show(cards) {
    this.live.replaceChildren();
    this.idle.replaceChildren();
    this.cards = cards;
    this.states = new Map();
    this.arrange();
  }

  /**
   * `phones` as the simulator tells them.
   * @param {PhoneState[]} phones
   */
  update(phones) {
    this.states = new Map(phones.map((phone) => [phone.number, stateOf(phone)]));
    this.arrange();
  }

  arrange() {
    const focus = document.activeElement;
    const rank = (/** @type {Card} */ card) => RANKS[this.states.get(card.number) ?? ""] ?? IDLE;
    const live = this.roomy.matches ? this.cards.filter((card) => rank(card) < IDLE).sort((one, other) => rank(one) - rank(other)) : [];
    const idle = this.cards.filter((card) => !live.includes(card));
    place(this.live, live.map((card) => card.el));
    place(this.idle, idle.map((card) => card.el));
    for (const card of this.cards) card.feed.restore();
    this.live.hidden = live.length === 0;
    for (const card of this.cards) card.fold(this.roomy.matches && this.states.get(card.number) === "idle");
    if (focus instanceof HTMLElement && focus !== document.activeElement && focus.isConnected) focus.focus({ preventScroll: true });
  }
}
