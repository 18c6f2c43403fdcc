// @ts-check
import { fetchJson } from "./api.js";
import { h, memory, setAttr, show, uptime } from "./dom.js";
import { icon } from "./icons.js";

const DEFAULTS = { no_answer: 45, then_every: 300 };
const RETRY_S = 5;
const IMPATIENT = { no_answer: 10, then_every: 60 };

/** The switch that shortens the paging times, shown in as many places as asked for. */
export class PagingSwitch {
  /** @type {string | null} */
  address;
  /** @type {PagingTimes | null} */
  times;
  /** @type {HTMLButtonElement[]} */
  buttons;
  /** @type {number} */
  askedAt;

  /**
   * `changed` is called when the times have been read.
   * @param {(work: Promise<unknown>) => unknown} report @param {() => void} changed
   */
  constructor(report, changed) {
    this.report = report;
    this.changed = changed;
    this.address = null;
    this.times = null;
    this.buttons = [];
    this.askedAt = -RETRY_S;
  }

  button() {
    const made = h("button", { type: "button", class: "switch", role: "switch", "data-impatient": "", hidden: true,
      title: "The next person is called when a phone has rung for 10 s; whoever answers may listen as long as ever. After the last round everybody is called every 60 s.",
      onclick: () => this.toggle() },
    icon("hare"), h("span", {}, "Impatient: rings 10 s, not 45 s"), h("i", { class: "knob", "aria-hidden": "true" }));
    this.buttons.push(made);
    return made;
  }

  /** @param {string | null} address */
  use(address) {
    const wanted = address || null;
    const settled = wanted === null || this.times !== null || uptime() - this.askedAt < RETRY_S;
    if (wanted === this.address && settled) return;
    this.address = wanted;
    this.askedAt = uptime();
    this.#show(null);
    if (wanted !== null) fetchJson(wanted).then((times) => this.#show(times), (error) => console.info(error.message));
  }

  get on() {
    return this.times !== null && this.times.no_answer <= IMPATIENT.no_answer;
  }

  toggle() {
    if (this.times === null || this.address === null) return;
    if (!this.on) memory.set("patience", pick(this.times));
    const wanted = this.on ? pick(memory.get("patience", DEFAULTS)) : IMPATIENT;
    this.report(fetchJson(this.address, { body: wanted }).then((times) => this.#show(times)));
  }

  /** @param {PagingTimes | null} times */
  #show(times) {
    const news = JSON.stringify(times) !== JSON.stringify(this.times);
    this.times = times;
    for (const button of this.buttons) {
      show(button, times !== null);
      setAttr(button, "aria-checked", String(this.on));
    }
    if (news) this.changed();
  }
}

/**
 * Of the gateway's times those that the switch changes.
 * @param {PagingTimes} times
 */
function pick(times) {
  return { no_answer: times.no_answer, then_every: times.then_every };
}
