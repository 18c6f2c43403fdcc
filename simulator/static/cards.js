import { stateOf } from "./describe.js";

const RANKS = { ringing: 0, dialing: 1, talking: 1, ended: 2 };

/** Move without losing focus, scrolling or an open menu, where the browser can. */
function move(parent, el, before) {
  if (el.isConnected && parent.moveBefore) parent.moveBefore(el, before);
  else parent.insertBefore(el, before);
}

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
  constructor(live, idle, roomy) {
    this.live = live;
    this.idle = idle;
    this.roomy = roomy;
    this.cards = [];
    roomy.addEventListener("change", () => this.arrange());
  }

  /** `cards` are phones of the page, in the order of the directory. */
  show(cards) {
    this.live.replaceChildren();
    this.idle.replaceChildren();
    this.cards = cards;
    this.states = new Map();
    this.arrange();
  }

  /** `phones` as the simulator tells them. */
  update(phones) {
    this.states = new Map(phones.map((phone) => [phone.number, stateOf(phone)]));
    this.arrange();
  }

  arrange() {
    const focus = document.activeElement;
    const rank = (card) => RANKS[this.states.get(card.number)] ?? null;
    const live = this.roomy.matches ? this.cards.filter((card) => rank(card) !== null).sort((one, other) => rank(one) - rank(other)) : [];
    const idle = this.cards.filter((card) => !live.includes(card));
    place(this.live, live.map((card) => card.el));
    place(this.idle, idle.map((card) => card.el));
    for (const card of this.cards) card.feed.restore();
    this.live.hidden = live.length === 0;
    for (const card of this.cards) card.fold(this.roomy.matches && this.states.get(card.number) === "idle");
    if (focus !== document.activeElement && focus?.isConnected) focus.focus({ preventScroll: true });
  }
}
