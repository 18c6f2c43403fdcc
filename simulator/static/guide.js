// @ts-check
import { pinOf } from "./describe.js";
import { h, memory, setAttr, setText, show, uptime } from "./dom.js";
import { icon } from "./icons.js";
import { nextStep } from "./next.js";
import { LAST, storyOf } from "./story.js";

// So long a press may take to show; then it is offered again.
const AGAIN_S = 15;

/**
 * "Try this": six steps that tick off by themselves as they happen, and a button for the one that comes next. What was
 * once reached stays ticked for this ticket.
 */
export class Guide {
  /** @type {HTMLElement[]} */
  steps;
  /** @type {{ done: number, ticket: string | null }} */
  story;
  /** @type {PhoneState | undefined} */
  customer;
  /** @type {Step | null | undefined} */
  next;
  /** @type {string | null} */
  key;
  /** @type {{ key: string, at: number } | null} */
  pressed;

  /** @param {HTMLElement} el @param {App} app */
  constructor(el, app) {
    this.el = el;
    this.app = app;
    this.story = { done: 0, ticket: null };
    this.dismissed = memory.get("guide.dismissed", false);
    this.steps = [];
    this.list = h("ol", { class: "guide-steps" });
    this.action = h("button", { type: "button", class: "guide-do", "data-action": "guide-do", onclick: () => this.#press() });
    el.append(h("h2", {}, "Try this"), this.list, this.action,
      h("button", { type: "button", class: "tool", "aria-label": "Close the guide", "data-action": "guide-close",
        onclick: () => this.open(false) }, icon("close")));
  }

  /** @param {boolean} wanted */
  open(wanted) {
    this.dismissed = !wanted;
    memory.set("guide.dismissed", this.dismissed);
    show(this.el, wanted && this.customer !== undefined, this.app.desk);
    this.app.layout();
  }

  /** @param {PhoneState[]} phones */
  update(phones) {
    const customer = phones.find((phone) => phone.role === "customer" && pinOf(phone));
    if (!customer) return;
    if (this.customer === undefined) this.#write(customer);
    this.customer = customer;
    const peers = this.app.peersOf(customer);
    const together = peers.length > 0;
    const story = storyOf(customer, phones, together);
    const same = story.ticket !== null && story.ticket === this.story.ticket;
    this.story = { ...story, done: same ? Math.max(story.done, this.story.done) : story.done };
    const joined = phones.filter((phone) => this.app.peersOf(phone).length > 0);
    this.#offer(nextStep(customer, phones, story, { together, peers: joined, quiet: this.app.quietFor(story.at), age: this.app.age }));
    this.#patch();
    show(this.el, !this.dismissed);
  }

  /** @param {PhoneState} customer */
  #write(customer) {
    const words = [`Call as ${customer.name}`, `Type the PIN ${pinOf(customer)} #`, "Press 1, then 1: critical",
      "Answer as the technician, press 1", "Talk, then hang up", "Close with a note"];
    this.steps = words.map((text, at) => h("li", { "data-step": at + 1 },
      h("span", { class: "step-mark", "aria-hidden": "true" }, icon("check"), h("b", {}, String(at + 1))), h("span", {}, text)));
    this.list.append(...this.steps);
  }

  /**
   * A step is the same one as long as nothing has been asked, said or sent on its phone since.
   * @param {Step | null} next
   */
  #offer(next) {
    this.next = next;
    const { phone, verb, words } = next ?? {};
    const received = phone?.texts.filter((text) => text.direction === "in").length;
    this.key = phone ? [verb, words, phone.number, phone.call?.sid, phone.call?.state, phone.call?.asks?.id, received].join() : null;
  }

  #press() {
    const { phone, verb, body } = this.next ?? {};
    if (!this.key || !phone || !verb || this.action.disabled) return;
    this.pressed = { key: this.key, at: uptime() };
    this.#patch();
    this.app.reveal(phone.number);
    const shown = this.app.phone(phone.number);
    const doing = verb === "press" ? shown.press(String(body?.digits)) : shown.do(verb, body);
    doing.then((done) => {
      if (done) return;
      this.pressed = null;
      this.#patch();
    });
  }

  #patch() {
    const { done } = this.story;
    this.steps.forEach((el, at) => {
      setAttr(el, "data-done", at < done ? "yes" : "no");
      setAttr(el, "aria-current", at === done ? "step" : null);
    });
    const pending = this.pressed && this.pressed.key === this.key && uptime() - this.pressed.at < AGAIN_S;
    if (!pending) this.pressed = null;
    // At the end the button does nothing: a hand that was on its way to the last step would close what it wants to read.
    setText(this.action, this.next?.words ?? "Done");
    setAttr(this.action, "disabled", this.key === null || Boolean(pending));
    setAttr(this.el, "data-finished", this.next === null && done === LAST);
  }
}
