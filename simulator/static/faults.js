// @ts-check
import { h } from "./dom.js";

/** What can go wrong with a phone: how it takes a call (one at a time), and whether texts reach it. */
const CALL_FAULTS = [
  ["", "Works"],
  ["no_answer", "Does not answer"],
  ["busy", "Busy"],
  ["voicemail", "Voicemail that talks"],
  ["failed", "No coverage"],
];
const STOP = "opted_out";
const SHORT = { no_answer: "Does not answer", busy: "Busy", voicemail: "Voicemail", failed: "No coverage",
  reject: "Rejects calls", opted_out: "Texted STOP" };

/** The choices as a form. `onChange` gets every fault with true or false. */
export class FaultMenu {
  /** @param {string} number @param {(faults: PhoneFaults) => void} onChange */
  constructor(number, onChange) {
    this.choices = CALL_FAULTS.map(([fault, label]) => choice("radio", `fault ${number}`, fault, label));
    this.stop = choice("checkbox", null, STOP, "Texted STOP");
    this.el = h("fieldset", { class: "faults", onchange: () => onChange(this.#chosen()) },
      h("legend", {}, "When this phone is called"), ...this.choices.map(({ el }) => el),
      h("hr"), this.stop.el);
  }

  /** @param {PhoneFaults} faults */
  update(faults) {
    const active = CALL_FAULTS.find(([fault]) => fault && faults[fault])?.[0] ?? "";
    for (const { input } of this.choices) input.checked = input.value === active;
    this.stop.input.checked = Boolean(faults[STOP]);
  }

  #chosen() {
    const chosen = Object.fromEntries(this.choices.filter(({ input }) => input.value)
      .map(({ input }) => [input.value, input.checked]));
    return { ...chosen, [STOP]: this.stop.input.checked };
  }
}

/** @param {string} type @param {string | null} name @param {string} fault @param {string} label */
function choice(type, name, fault, label) {
  const input = h("input", { type, name, value: fault, "data-fault": fault || "none" });
  return { input, el: h("label", { class: "option" }, input, h("span", {}, label)) };
}

/**
 * The faults in force, in a few words; empty when the phone works.
 * @param {PhoneFaults} faults
 */
export function faultWords(faults) {
  return Object.entries(SHORT).filter(([fault]) => faults[fault]).map(([, words]) => words).join(", ");
}
