// @ts-check
import { stateOf } from "./describe.js";
import { setText } from "./dom.js";

/** Nobody should miss a phone that begins to ring, or a text: brought into view, and told to screen readers. */
export class News {
  /** @type {Set<number> | null} */
  texts;

  /**
   * `bring` gets the number of a phone that has begun to ring.
   * @param {HTMLElement} el @param {(number: string) => void} bring
   */
  constructor(el, bring) {
    this.el = el;
    this.bring = bring;
    this.ringing = new Set();
    this.texts = null;
  }

  /** @param {PhoneState[]} phones */
  update(phones) {
    const now = phones.filter((phone) => stateOf(phone) === "ringing");
    const fresh = now.filter((phone) => !this.ringing.has(phone.number));
    this.ringing = new Set(now.map((phone) => phone.number));
    fresh.slice(0, 1).forEach(({ number }) => this.bring(number));
    const received = phones.flatMap((phone) => phone.texts.filter((text) => text.direction === "in").map(({ id }) => ({ id, name: phone.name })));
    const before = this.texts;
    const newTexts = before === null ? [] : received.filter(({ id }) => !before.has(id)).map(({ name }) => name);
    this.texts = new Set(received.map(({ id }) => id));
    const words = [...fresh.map(({ name }) => `${name}'s phone rings.`), ...new Set(newTexts.map((name) => `Text for ${name}.`))];
    if (words.length > 0) setText(this.el, words.join(" "));
  }
}
