// @ts-check
import { h, setAttr } from "./dom.js";

const KEYS = [["1", ""], ["2", "abc"], ["3", "def"], ["4", "ghi"], ["5", "jkl"], ["6", "mno"], ["7", "pqrs"],
  ["8", "tuv"], ["9", "wxyz"], ["*", ""], ["0", "+"], ["#", ""]];
/** @type {Record<string, string>} */
const NAMES = { "*": "star", "#": "hash" };
const FLASH_MS = 160;

/** The twelve keys of a telephone. `onKey` gets the character. */
export class Keypad {
  /** @param {(key: string) => void} onKey */
  constructor(onKey) {
    this.onKey = onKey;
    this.buttons = new Map(KEYS.map(([key, letters]) => [key, keyButton(key, letters, () => this.onKey(key))]));
    this.el = h("div", { class: "keypad", role: "group", "aria-label": "Keypad" }, ...this.buttons.values());
  }

  /**
   * `wanted`: the other side is waiting for a key right now.
   * @param {boolean} enabled @param {boolean} wanted
   */
  update(enabled, wanted) {
    for (const button of this.buttons.values()) setAttr(button, "disabled", !enabled);
    this.el.classList.toggle("wanted", wanted);
  }

  /**
   * A key of the computer's keyboard. True when it was one of the twelve.
   * @param {string} key
   */
  type(key) {
    const button = this.buttons.get(key);
    if (!button || button.disabled) return false;
    button.classList.add("down");
    setTimeout(() => button.classList.remove("down"), FLASH_MS);
    this.onKey(key);
    return true;
  }
}

/** @param {string} key @param {string} letters @param {() => void} onclick */
function keyButton(key, letters, onclick) {
  const name = NAMES[key] ?? key;
  return h("button", { type: "button", class: "key", "data-action": `key-${name}`, "aria-label": `Key ${name}`, onclick },
    h("b", {}, key === "*" ? "✱" : key), h("small", {}, letters));
}
