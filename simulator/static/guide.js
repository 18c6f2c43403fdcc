import { h, memory, setAttr, setText, show } from "./dom.js";
import { icon } from "./icons.js";
import { pinOf, pressedOn, stateOf } from "./phone.js";

const LAST = 5;
const HELLO = "Good evening. All our phones have been down since midnight.";

/**
 * "Try this": five steps that tick off by themselves as they happen. What was once reached stays ticked until the
 * simulator is started afresh.
 */
export class Guide {
  constructor(el, app) {
    this.el = el;
    this.app = app;
    this.done = 0;
    this.dismissed = memory.get("guide.dismissed", false);
    this.steps = [];
    this.list = h("ol", { class: "guide-steps" });
    this.action = h("button", { type: "button", class: "guide-do", "data-action": "guide-do", onclick: () => this.run?.() });
    el.append(h("h2", {}, "Try this"), this.list, this.action,
      h("button", { type: "button", class: "tool", "aria-label": "Close the guide", "data-action": "guide-close",
        onclick: () => this.open(false) }, icon("close")));
  }

  open(wanted) {
    this.dismissed = !wanted;
    memory.set("guide.dismissed", this.dismissed);
    show(this.el, wanted && this.customer !== undefined, this.app.desk);
    this.app.layout();
  }

  update(phones) {
    const customer = phones.find((phone) => phone.role === "customer" && pinOf(phone));
    if (!customer) return;
    if (this.customer === undefined) this.#write(customer);
    this.customer = customer;
    if (phones.every((phone) => phone.transcript.length === 0 && !phone.call)) this.done = 0;
    while (this.done < LAST && this.#reached(this.done + 1, phones)) this.done += 1;
    this.#patch(phones);
    show(this.el, !this.dismissed);
  }

  #write(customer) {
    const words = [`Call as ${customer.name}`, `Type the PIN ${pinOf(customer)} #`, "Press 1, then 1: critical",
      "Answer as the technician, press 1", "Talk, hang up, read the ticket"];
    this.steps = words.map((text, at) => h("li", { "data-step": at + 1 },
      h("span", { class: "step-mark", "aria-hidden": "true" }, icon("check"), h("b", {}, String(at + 1))), h("span", {}, text)));
    this.list.append(...this.steps);
  }

  /** Has this step happened, on what the phones show? */
  #reached(step, phones) {
    const pressed = pressedOn(this.customer);
    const pin = pressed.lastIndexOf(pinOf(this.customer));
    const together = this.app.peersOf(this.customer).length > 0;
    if (step === 1) return this.customer.call !== null || this.customer.transcript.length > 0;
    if (step === 2) return pin >= 0;
    if (step === 3) return /1.*1/s.test(pressed.slice(pin + pinOf(this.customer).length)) || together;
    if (step === 4) return together || this.customer.transcript.some(({ kind }) => kind === "heard");
    return !together && stateOf(this.customer) !== "talking";
  }

  #patch(phones) {
    this.steps.forEach((el, at) => {
      setAttr(el, "data-done", at < this.done ? "yes" : "no");
      setAttr(el, "aria-current", at === this.done ? "step" : null);
    });
    const [words, run] = this.#next(phones) ?? [null, null];
    this.run = run;
    show(this.action, words !== null);
    if (words !== null) setText(this.action, words);
    setAttr(this.el, "data-finished", this.done === LAST);
  }

  /** What the button beside the steps does for the one who would rather watch. */
  #next(phones) {
    const customer = this.app.phone(this.customer.number);
    const go = (work) => () => {
      this.app.reveal(this.customer.number);
      work();
    };
    const talking = stateOf(this.customer) === "talking";
    if (this.done === 0) return ["Call", go(() => customer.do("dial"))];
    if (this.done === 1 && talking) return ["Type it", go(() => customer.press(`${customer.pin}#`))];
    if (this.done === 2 && talking) return ["Press 1", go(() => customer.press("1"))];
    if (this.done === 3) return this.#nextForTechnician(phones);
    if (this.done === 4 && talking) return this.#nextInTalk(customer, go);
    if (this.done === LAST) return ["Close", () => this.open(false)];
    return null;
  }

  #nextInTalk(customer, go) {
    const sid = this.customer.call.sid;
    const spoke = this.customer.transcript.some((line) => line.kind === "spoke" && line.call === sid);
    if (spoke) return ["Hang up", go(() => customer.do("hangup"))];
    return ["Say hello", go(() => customer.do("speak", { text: HELLO }))];
  }

  #nextForTechnician(phones) {
    const ringing = phones.find((phone) => phone.role !== "customer" && stateOf(phone) === "ringing");
    const target = ringing ?? phones.find((phone) => phone.role !== "customer" && stateOf(phone) === "talking");
    if (!target) return null;
    const show = () => this.app.reveal(target.number);
    const phone = this.app.phone(target.number);
    if (ringing) return ["Answer", () => { show(); phone.do("answer"); }];
    return ["Press 1", () => { show(); phone.press("1"); }];
  }
}
