// @ts-check
import { h, setAttr, show } from "./dom.js";
import { icon } from "./icons.js";

/** @type {Record<string, string>} */
const NAMES = { "*": "✱" };

/** The PIN where one is asked for, and the keys that the prompt names, each to be pressed at once. */
export class Offers {
  /**
   * `pin` is that of the phone's note, or null; `onKeys` gets what is pressed.
   * @param {string | null} pin @param {(keys: string) => void} onKeys
   */
  constructor(pin, onKeys) {
    this.pin = pin;
    this.onKeys = onKeys;
    this.shown = "";
    this.el = h("div", { class: "offers", role: "group", "aria-label": "What can be pressed now", hidden: true });
  }

  /**
   * `asks` as the simulator tells it, null when nobody listens. A hidden chip hands the focus to `fallback`.
   * @param {Asked | null} asks @param {HTMLElement} fallback
   */
  update(asks, fallback) {
    const pin = Boolean(asks?.pin) && this.pin !== null;
    const keys = (asks?.keys ?? []).slice(0, 6);
    const key = JSON.stringify([pin, keys]);
    if (key === this.shown) return;
    this.shown = key;
    const chips = [...(pin ? [this.#pinChip()] : []), ...keys.map((offer) => this.#chip(offer))];
    const hadFocus = this.el.contains(document.activeElement);
    this.el.replaceChildren(...chips);
    show(this.el, chips.length > 0);
    if (hadFocus) fallback.focus({ preventScroll: true });
  }

  #pinChip() {
    const chip = h("button", { type: "button", class: "chip pin", "data-action": "type-pin",
      onclick: () => this.#press(chip, `${this.pin}#`) }, icon("key"), `Type PIN ${this.pin} #`);
    return chip;
  }

  /** @param {Offer} facts */
  #chip({ keys, words }) {
    const chip = h("button", { type: "button", class: "chip offer", "data-offer": keys, onclick: () => this.#press(chip, keys) },
      h("b", {}, [...keys].map((one) => NAMES[one] ?? one).join(" ")));
    if (words) chip.append(h("span", {}, words));
    setAttr(chip, "title", words || null);
    return chip;
  }

  /**
   * A second press would type into the next question.
   * @param {HTMLButtonElement} chip @param {string} keys
   */
  #press(chip, keys) {
    chip.disabled = true;
    this.onKeys(keys);
  }
}
