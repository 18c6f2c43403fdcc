// @ts-check
import { stateOf } from "./describe.js";
import { h, setAttr, shortName } from "./dom.js";

// So many customers are told by their whole names, side by side.
const IN_A_ROW = 4;

/** Which customer's phone is in front: a button for each. */
export class Chooser {
  /** @type {Map<string, HTMLElement>} */
  buttons = new Map();

  /**
   * `choose` gets the number of the customer who is wanted.
   * @param {HTMLElement} el @param {(number: string) => void} choose
   */
  constructor(el, choose) {
    this.el = el;
    this.choose = choose;
  }

  /** @param {PhoneState[]} customers */
  show(customers) {
    const brief = customers.length > IN_A_ROW;
    this.buttons = new Map(customers.map(({ number, name, note }) => [number, h("button", { type: "button", "data-choose": number,
      "aria-label": name, title: note, onclick: () => this.choose(number) }, h("span", {}, brief ? shortName(name) : name))]));
    this.el.replaceChildren(...this.buttons.values());
  }

  /** @param {string | null} number */
  has(number) {
    return number !== null && this.buttons.has(number);
  }

  /** @param {string} number */
  mark(number) {
    for (const [one, button] of this.buttons) setAttr(button, "aria-pressed", String(one === number));
  }

  /** @param {PhoneState[]} customers */
  update(customers) {
    for (const phone of customers) {
      const button = this.buttons.get(phone.number);
      if (button) setAttr(button, "data-call", stateOf(phone));
    }
  }
}
