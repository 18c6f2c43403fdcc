// @ts-check
import { fetchJson } from "./api.js";
import { h, setAttr, setText, show, uptime } from "./dom.js";
import { icon } from "./icons.js";
import { panel, popover } from "./popover.js";

const REFRESH_MS = 15_000;
const PRESETS = [
  ["Sunday 02:00", "Deep in the night"],
  ["Monday 10:30", "Office hours"],
  ["Saturday 12:00", "Staffed for Gold and Platinum"],
  ["Christmas day 03:00", "A holiday, before nine"],
];
const CHRISTMAS = "Christmas day 03:00";

/** The pretended time of the gateway, which can be set. Hidden where the gateway has no such clock. */
export class Clock {
  /** @type {string | null} */
  address;
  /** @type {HTMLInputElement} */
  input;
  /** @type {HTMLElement} */
  error;
  /** @type {HTMLElement} */
  zone;
  /** @type {HTMLElement} */
  panel;
  /** @type {string} */
  zoneName;
  /** @type {number | undefined} */
  base;
  /** @type {number} */
  readAt;

  /** @param {HTMLElement} slot */
  constructor(slot) {
    this.address = null;
    this.time = h("span", { class: "clock-time" }, "--:--");
    this.long = h("span", { class: "clock-long" });
    this.short = h("span", { class: "clock-short" });
    this.day = h("span", { class: "clock-day" }, this.long, this.short);
    this.staffed = h("span", { class: "clock-staffed" });
    this.button = h("button", { type: "button", class: "clock", "data-clock": "", title: "Set the pretended time" },
      icon("moon"), this.time, h("span", { class: "clock-more" }, this.day, this.staffed), icon("down"));
    slot.append(this.button, this.#panel());
    this.slot = slot;
    slot.hidden = true;
    setInterval(() => this.tick(), 1000);
    setInterval(() => document.hidden || this.refresh(), REFRESH_MS);
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
  }

  #panel() {
    const presets = PRESETS.map(([name, meaning]) => h("button", { type: "button", class: "preset", "data-clock-preset": name,
      onclick: () => this.set(name === CHRISTMAS ? this.#christmas() : name) }, h("b", {}, name), h("small", {}, meaning)));
    this.input = h("input", { type: "text", name: "time", autocomplete: "off", placeholder: "Tuesday 18:00", "data-clock-input": "",
      "aria-label": "Weekday and time, or a date and time" });
    this.error = h("p", { class: "error", role: "alert" });
    const form = h("form", { class: "row", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      this.set(this.input.value.trim());
    } }, this.input, h("button", { type: "submit", class: "small", "data-clock-set": "" }, "Set"));
    this.zone = h("p", { class: "hint" });
    this.panel = panel("Pretend it is…", h("div", { class: "presets" }, ...presets), form, this.error, this.zone);
    return popover(this.button, this.panel, { onOpen: () => setText(this.error, "") });
  }

  /**
   * Where the clock is read and set; null or absent where there is none.
   * @param {string | null} address
   */
  use(address) {
    const wanted = address || null;
    if (wanted === this.address) return;
    this.address = wanted;
    show(this.slot, false);
    this.refresh();
  }

  async refresh() {
    if (this.address === null) return;
    await fetchJson(this.address).then((now) => this.#show(now), (error) => console.info(error.message));
  }

  /** @param {string} words */
  async set(words) {
    if (!words || this.address === null) return;
    try {
      this.#show(await fetchJson(this.address, { body: { set: words } }));
      this.input.value = "";
      this.panel.hidePopover();
    } catch (error) {
      setText(this.error, error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {ClockFace} now */
  #show(now) {
    this.zoneName = now.zone;
    this.base = Date.parse(now.now);
    this.readAt = uptime();
    setText(this.staffed, now.staffed ? "Office staffed" : "After hours");
    setAttr(this.button, "data-staffed", now.staffed ? "yes" : "no");
    setText(this.zone, `The gateway believes it too. Time zone ${now.zone}.`);
    this.tick();
    show(this.slot, true);
  }

  tick() {
    if (this.base === undefined) return;
    const now = this.#now();
    /** @type {(options: Intl.DateTimeFormatOptions) => string} */
    const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: this.zoneName, ...options }).format(now);
    const weekday = format({ weekday: "short" });
    setText(this.time, format({ hour: "2-digit", minute: "2-digit", second: "2-digit" }));
    // Of British months one has four letters.
    const month = new Intl.DateTimeFormat("en-US", { timeZone: this.zoneName, month: "short" }).format(now);
    const date = `${format({ day: "numeric" })} ${month}`;
    setText(this.long, `${weekday} ${date} ${format({ year: "numeric" })}`);
    setText(this.short, `${weekday} ${date}`);
    setAttr(this.button, "aria-label", `Pretended time: ${this.long.textContent}, ${format({ hour: "2-digit", minute: "2-digit" })}, ${this.staffed.textContent}. Set it`);
  }

  #now() {
    return new Date((this.base ?? 0) + (uptime() - this.readAt) * 1000);
  }

  /** Three in the morning of the next Christmas day, on the gateway's wall clock. */
  #christmas() {
    const [year, month, day] = new Intl.DateTimeFormat("en-CA", { timeZone: this.zoneName }).format(this.#now()).split("-").map(Number);
    const next = month === 12 && day > 25 ? year + 1 : year;
    return `${next}-12-25T03:00:00${offsetOf(new Date(Date.UTC(next, 11, 25, 2)), this.zoneName)}`;
  }
}

/**
 * The zone's offset from UTC at an instant, as ISO 8601 writes it.
 * @param {Date} instant @param {string} timeZone
 */
function offsetOf(instant, timeZone) {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "longOffset" }).formatToParts(instant);
  const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  return name === "GMT" ? "+00:00" : name.replace("GMT", "");
}
