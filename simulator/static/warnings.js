// @ts-check
import { h, setText, show } from "./dom.js";
import { icon } from "./icons.js";
import { panel, popover } from "./popover.js";

const SHOWN = 50;

/** What the simulator found wrong with the gateway's answers: a small count, and the list behind it. */
export class Warnings {
  /** @type {string | null} */
  known;

  /** @param {HTMLElement} slot */
  constructor(slot) {
    this.count = h("span", {});
    this.button = h("button", { type: "button", class: "tool warnings", "data-warnings": "", hidden: true }, icon("warning"), this.count);
    this.list = h("ul", { class: "warning-list" });
    this.known = null;
    slot.append(this.button, popover(this.button, panel("Warnings of the telephone network", this.list)));
  }

  /** @param {NetworkWarning[]} warnings */
  update(warnings) {
    const key = JSON.stringify(warnings);
    if (key === this.known) return;
    this.known = key;
    show(this.button, warnings.length > 0);
    setText(this.count, String(warnings.length));
    this.button.setAttribute("aria-label", `${warnings.length} warnings of the telephone network`);
    this.list.replaceChildren(...warnings.slice(-SHOWN).reverse().map(({ level, code, text }) =>
      h("li", { "data-level": level ?? "warning" }, code ? h("code", {}, String(code)) : null, h("span", {}, text))));
  }
}
