// @ts-check
import { act } from "./api.js";
import { describe, lastWords, patienceOf, pinOf, stateOf, stateWords } from "./describe.js";
import { avatar, h, minutes, setAttr, setText, show, uptime } from "./dom.js";
import { FaultMenu, faultWords } from "./faults.js";
import { Feed } from "./feed.js";
import { icon } from "./icons.js";
import { Keypad } from "./keypad.js";
import { Offers } from "./offers.js";
import { panel, popover } from "./popover.js";

const BUSY_STATES = new Set(["dialing", "ringing", "talking"]);

/**
 * Is the line taken?
 * @param {PhoneState} phone
 */
export function busy(phone) {
  return BUSY_STATES.has(stateOf(phone));
}

/** One telephone on the screen. `app` is told of everything the person does: see softphone.js. */
export class Phone {
  /** @type {Feed} */
  feed;
  /** @type {Keypad} */
  keypad;
  /** @type {Offers} */
  offers;
  /** @type {HTMLElement} */
  sub;
  /** @type {HTMLElement} */
  fault;
  /** @type {HTMLElement} */
  last;
  /** @type {HTMLElement} */
  state;
  /** @type {HTMLElement} */
  time;
  /** @type {HTMLButtonElement} */
  ear;
  /** @type {boolean} */
  opened;
  /** @type {HTMLButtonElement | undefined} */
  folder;
  /** @type {FaultMenu} */
  faults;
  /** @type {HTMLButtonElement} */
  dial;
  /** @type {HTMLButtonElement} */
  answer;
  /** @type {HTMLButtonElement} */
  decline;
  /** @type {HTMLButtonElement} */
  hangup;
  /** @type {HTMLButtonElement} */
  speak;
  /** @type {HTMLButtonElement} */
  send;
  /** @type {HTMLInputElement} */
  input;
  /** @type {HTMLFormElement} */
  form;
  /** @type {CallState | null} */
  call;
  /** @type {number} */
  measuredAt;
  /** @type {string | undefined} */
  was;
  /** @type {Patience | null} */
  patience;

  /** @param {PhoneState} phone @param {App} app @param {number} index */
  constructor(phone, app, index) {
    this.number = phone.number;
    this.app = app;
    this.pin = pinOf(phone);
    this.#parts(phone);
    this.el = h("article", { class: "phone", tabindex: "-1", "data-phone": phone.number, "data-role": phone.role,
      "aria-label": `${phone.name}'s phone` }, this.#head(phone, index), this.feed.el, this.offers.el, this.keypad.el, this.#bar());
    this.el.addEventListener("pointerdown", () => app.listenTo(this.number), { capture: true });
    this.el.addEventListener("keydown", (event) => this.#typed(event));
  }

  /** @param {PhoneState} phone */
  #parts(phone) {
    this.feed = new Feed({ empty: phone.role === "customer" ? "All quiet. Call the hotline to begin." : "All quiet.",
      onQuickReply: (reply, unfinished) => (unfinished ? this.compose(`${reply} `) : this.do("text", { body: reply })) });
    this.keypad = new Keypad((key) => this.press(key));
    this.offers = new Offers(this.pin, (keys) => this.press(keys));
  }

  /** @param {PhoneState} phone @param {number} index */
  #head(phone, index) {
    this.sub = h("p", { class: "phone-sub" });
    this.fault = h("p", { class: "phone-fault" });
    this.last = h("p", { class: "phone-last" });
    this.state = h("span", { class: "state" });
    this.time = h("span", { class: "state-time" });
    this.ear = this.#button("listen", "Listen to this phone", "ear", () => this.app.listenTo(this.number));
    this.ear.className = "tool ear";
    return h("header", { class: "phone-head" },
      avatar(phone.name, index),
      h("div", { class: "phone-who" }, h("h3", {}, phone.name), this.state, this.sub, this.time, this.fault, this.last),
      this.ear, ...(phone.role === "customer" ? [] : [this.#foldButton(phone)]), ...this.#menu(phone));
  }

  /** @param {PhoneState} phone */
  #foldButton(phone) {
    this.opened = false;
    this.folder = h("button", { type: "button", class: "tool folder", "data-action": "fold", "aria-label": `Show all of ${phone.name}'s phone`,
      "aria-expanded": "false", hidden: true, onclick: () => {
        this.opened = !this.opened;
        this.app.layout();
      } }, icon("down"));
    return this.folder;
  }

  /** @param {PhoneState} phone */
  #menu(phone) {
    this.faults = new FaultMenu(phone.number, (faults) => this.do("faults", faults));
    const withheld = h("button", { type: "button", class: "wide", "data-action": "dial-withheld", onclick: () => {
      menu.hidePopover();
      this.do("dial", { from_anonymous: true });
    } }, "Call with the number withheld");
    const menu = panel(phone.name, h("p", { class: "hint" }, phone.number), phone.note ? h("p", { class: "hint" }, phone.note) : null,
      this.faults.el, withheld);
    const button = h("button", { type: "button", class: "tool", "data-action": "menu",
      "aria-label": `Faults and more for ${phone.name}` }, icon("more"));
    return [button, popover(button, menu)];
  }

  #bar() {
    this.dial = this.#button("dial", "Call the hotline", "call", () => this.do("dial"), "Call");
    this.answer = this.#button("answer", "Answer", "call", () => this.do("answer"), "Answer");
    this.decline = this.#button("decline", "Decline", "hangup", () => this.do("decline"), "Decline");
    this.hangup = this.#button("hangup", "Hang up", "hangup", () => this.do("hangup"), "Hang up");
    this.input = h("input", { type: "text", autocomplete: "off", "data-field": "message", enterkeyhint: "send" });
    this.speak = this.#button("speak", "Say it", "speak", () => this.#send("speak"));
    this.send = this.#button("send-text", "Send as a text message", "text", () => this.#send("text"));
    this.form = h("form", { class: "compose", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#send(this.talking ? "speak" : "text");
    } }, this.input, this.speak, this.send);
    return h("div", { class: "phone-bar" }, this.form,
      h("div", { class: "phone-actions" }, this.dial, this.answer, this.decline, this.hangup));
  }

  /**
   * The second click of a double click must not undo the first one: "Hang up" stands where "Call" stood.
   * @param {string} action @param {string} label @param {string} picture @param {() => void} onclick @param {string} [words]
   */
  #button(action, label, picture, onclick, words) {
    const children = words ? [icon(picture), h("span", {}, words)] : [icon(picture)];
    return h("button", { type: "button", class: `act act-${action}`, "data-action": action, "aria-label": label, title: label,
      onclick: (/** @type {MouseEvent} */ event) => event.detail > 1 || onclick() }, ...children);
  }

  /** @param {string} verb */
  #send(verb) {
    const words = this.input.value.trim();
    if (!words) {
      this.input.focus();
      return;
    }
    this.input.value = "";
    this.do(verb, verb === "text" ? { body: words } : { text: words });
  }

  /** @param {KeyboardEvent} event */
  #typed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
    if (this.keypad.type(event.key)) event.preventDefault();
  }

  /**
   * Act on this phone; it holds the ear from now on.
   * @param {string} verb @param {PhoneBody} [body]
   */
  do(verb, body) {
    this.app.listenTo(this.number);
    return this.app.report(act(this.number, verb, body));
  }

  /** @param {string} digits */
  press(digits) {
    for (const key of digits.length === 1 ? digits : "") this.app.voice.key(key);
    return this.do("press", { digits });
  }

  /** @param {string} words */
  compose(words) {
    this.input.value = words;
    this.input.focus();
  }

  get talking() {
    return this.was === "talking";
  }

  /**
   * A phone on which nothing goes on takes one line, until somebody opens it or writes on it.
   * @param {boolean} wanted
   */
  fold(wanted) {
    if (!this.folder) return;
    if (!wanted) this.opened = false;
    const writing = this.input.value !== "" || this.input === document.activeElement;
    show(this.folder, wanted);
    setAttr(this.folder, "aria-expanded", String(this.opened || writing));
    this.el.classList.toggle("folded", wanted && !this.opened && !writing);
  }

  /**
   * Patch what changed. `joined`: it talks with another phone on this page.
   * @param {PhoneState} phone @param {Shown} facts
   */
  update(phone, { joined, atEar, hotline, times, alone }) {
    const state = stateOf(phone);
    this.call = phone.call;
    this.measuredAt = uptime();
    this.was = state;
    this.patience = joined ? null : patienceOf(phone, times, alone);
    setAttr(this.el, "data-call", state);
    this.el.classList.toggle("joined", joined);
    this.el.classList.toggle("at-ear", atEar);
    setAttr(this.ear, "aria-pressed", String(atEar));
    this.#words(phone, joined || phone.call?.with !== hotline);
    this.#controls(state, phone);
    this.faults.update(phone.faults ?? {});
    this.feed.update(phone, atEar);
    this.tick();
  }

  /** @param {PhoneState} phone @param {boolean} person */
  #words(phone, person) {
    setText(this.sub, describe(phone));
    setAttr(this.sub, "title", `${phone.number} ${phone.note ?? ""}`);
    setText(this.fault, faultWords(phone.faults ?? {}));
    setText(this.last, lastWords(phone));
    setText(this.state, stateWords(phone, person));
    setAttr(this.state, "data-state", stateOf(phone));
    this.state.classList.toggle("recording", Boolean(phone.call?.recording));
    setAttr(this.state, "title", phone.call?.recording ? "Being recorded" : null);
  }

  /** @param {string} state @param {PhoneState} phone */
  #controls(state, phone) {
    const talking = state === "talking";
    show(this.dial, !BUSY_STATES.has(state), this.el);
    show(this.answer, state === "ringing", this.el);
    show(this.decline, state === "ringing", this.el);
    show(this.hangup, state === "dialing" || talking, this.el);
    show(this.speak, talking, this.el);
    this.offers.update(talking ? phone.call?.asks ?? null : null, this.el);
    this.keypad.update(talking, Boolean(phone.call?.gathering));
    const hint = talking ? "Say something" : "Text the hotline";
    setAttr(this.input, "placeholder", hint);
    setAttr(this.input, "aria-label", `${hint}, as ${phone.name}`);
  }

  /** Every second: how long the call has been in its state, or how long the page waits for it yet. */
  tick() {
    const running = this.call && BUSY_STATES.has(this.call.state);
    const since = (this.call?.since ?? 0) + uptime() - this.measuredAt;
    const { patience } = this;
    const left = patience ? `${minutes(Math.ceil(Math.max(0, patience.seconds - since)))} ${patience.words}` : null;
    setText(this.time, left ?? (running ? minutes(since) : ""));
    setAttr(this.time, "title", left !== null ? "Then the next person is called." : null);
  }
}
