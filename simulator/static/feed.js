// @ts-check
import { h, setAttr, setText } from "./dom.js";

const KEPT = 160;
const NEAR_BOTTOM_PX = 48;
const REPLY_CODE = /\b(ACK|PASS|DONE)\s+[A-Z0-9]{3,10}\b|\bReply OK(?:\s+[A-Z0-9]{3,10})?\b/g;
/** @type {Record<string, string>} */
const QUICK_REPLIES = { ACK: "Accept", PASS: "Pass on", DONE: "Done…", OK: "OK" };
const LINK = /(https?:\/\/[^\s<>"]*[^\s<>".,;:!?)])/;
const UNDELIVERED = new Set(["failed", "undelivered"]);

/** What one phone said, heard, pressed and texted, oldest first, following its end unless the person scrolled up. */
export class Feed {
  /** @type {Map<string, FeedItem>} */
  items;
  /** @type {HTMLElement | null} */
  live;

  /** @param {{ empty: string, onQuickReply: QuickReply }} facts */
  constructor({ empty, onQuickReply }) {
    this.onQuickReply = onQuickReply;
    this.items = new Map();
    this.list = h("ol", { class: "feed-list" });
    this.empty = h("p", { class: "feed-empty" }, empty);
    this.aloud = h("p", { class: "unseen" });
    this.el = h("div", { class: "feed", "data-captions": "", tabindex: "0", role: "log", "aria-live": "off",
      "aria-label": "Captions and texts" }, this.empty, this.list);
    this.pinned = true;
    this.top = 0;
    this.sizes = "";
    this.el.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    new ResizeObserver(() => this.#keepEnd()).observe(this.el);
    window.addEventListener("pageshow", () => this.#keepEnd());
  }

  /**
   * `atEar` decides whether a screen reader reads the captions of this phone.
   * @param {PhoneState} phone @param {boolean} atEar
   */
  update(phone, atEar) {
    this.#patch(entriesOf(phone));
    this.#mark(phone.call);
    setAttr(this.aloud, "aria-live", atEar ? "polite" : "off");
    setText(this.aloud, phone.call?.hears_now ?? "");
    this.empty.hidden = this.items.size > 0;
    this.#keepEnd();
  }

  /** @param {(FeedLine | FeedText)[]} entries */
  #patch(entries) {
    const wanted = new Set(entries.map((entry) => entry.key));
    for (const [key, item] of this.items) {
      if (!wanted.has(key)) {
        item.el.remove();
        this.items.delete(key);
      }
    }
    /** @type {Element | null} */
    let previous = null;
    for (const entry of entries) {
      const item = this.items.get(entry.key) ?? this.#add(entry);
      item.update(entry);
      /** @type {Element | null} */
      const expected = previous ? previous.nextElementSibling : this.list.firstElementChild;
      if (item.el !== expected) this.list.insertBefore(item.el, expected);
      previous = item.el;
    }
  }

  /**
   * @param {FeedLine | FeedText} entry
   * @returns {FeedItem}
   */
  #add(entry) {
    const item = isText(entry) ? textItem(entry, this.onQuickReply) : lineItem(entry);
    this.items.set(entry.key, item);
    return item;
  }

  /**
   * The line being spoken stands out, with a bar that runs as long as the simulator takes to say it.
   * @param {CallState | null} call
   */
  #mark(call) {
    const now = call?.hears_now ?? null;
    const lines = now === null ? [] : [...this.items.values()].filter((item) => item.spoken === now);
    const live = lines.at(-1)?.el ?? null;
    if (live === this.live) return;
    this.live?.classList.remove("live");
    this.live = live;
    if (!live || !call) return;
    live.style.setProperty("--seconds", `${Math.max(0.2, call.hears_for ?? 0).toFixed(2)}s`);
    live.classList.add("live");
  }

  /**
   * Only a person who scrolls up lets go of the end. The browser scrolls too, whenever the feed or what is in it changes
   * its size, above all while the page is being built up.
   */
  #scrolled() {
    const sizes = this.#measure();
    if (this.#nearBottom()) this.pinned = true;
    else if (this.el.scrollTop < this.top && sizes === this.sizes) this.pinned = false;
    this.top = this.el.scrollTop;
    this.sizes = sizes;
  }

  #measure() {
    return `${this.el.clientHeight} ${this.el.scrollHeight}`;
  }

  #nearBottom() {
    return this.el.scrollHeight - this.el.scrollTop - this.el.clientHeight < NEAR_BOTTOM_PX;
  }

  #keepEnd() {
    if (this.pinned) this.el.scrollTop = this.el.scrollHeight;
    this.top = this.el.scrollTop;
    this.sizes = this.#measure();
  }

  /** After the feed was out of the page for a moment, which takes it to its beginning. */
  restore() {
    const { top } = this;
    if (!this.pinned) this.el.scrollTop = top;
    this.#keepEnd();
  }
}

/**
 * @param {FeedLine | FeedText} entry
 * @returns {entry is FeedText}
 */
function isText(entry) {
  return entry.kind === "text";
}

/**
 * Transcript and texts as one list in order of time; keys typed one after the other become one line.
 * @param {PhoneState} phone
 */
function entriesOf(phone) {
  /** @type {(FeedLine | FeedText)[]} */
  const entries = [];
  for (const line of phone.transcript) {
    const last = entries.at(-1);
    if (line.kind === "pressed" && last && !isText(last) && last.kind === "pressed" && last.call === line.call) last.text += line.text;
    else entries.push({ key: `line ${line.id}`, ...line });
  }
  for (const text of phone.texts) entries.push({ key: `text ${text.id}`, kind: "text", text });
  const timeOf = (/** @type {FeedLine | FeedText} */ entry) => (isText(entry) ? entry.text.at : entry.at);
  return entries.sort((one, other) => timeOf(one) - timeOf(other)).slice(-KEPT);
}

/** @type {Record<string, string>} */
const LABELS = { said: "Hotline: ", heard: "Heard: ", spoke: "Said here: ", pressed: "Pressed ", played: "Plays ",
  note: "", warning: "Warning: " };

/** @param {FeedLine} entry */
function lineItem(entry) {
  const body = h("span", { class: "line-text" });
  const el = h("li", { class: `line line-${entry.kind}`, "data-kind": entry.kind },
    h("span", { class: "unseen" }, LABELS[entry.kind] ?? ""), body);
  const update = (/** @type {FeedLine} */ { text }) => {
    if (entry.kind === "pressed") patchKeys(body, text);
    else setText(body, text);
  };
  return { el, spoken: entry.kind === "said" || entry.kind === "heard" ? entry.text : null, update };
}

/** @param {HTMLElement} body @param {string} digits */
function patchKeys(body, digits) {
  for (let at = body.children.length; at < digits.length; at += 1) body.append(h("kbd", {}, digits[at]));
}

/** @param {FeedText} facts @param {QuickReply} onQuickReply */
function textItem({ text }, onQuickReply) {
  const incoming = text.direction === "in";
  const status = h("span", { class: "bubble-status" });
  const el = h("li", { class: `bubble bubble-${incoming ? "in" : "out"}`, "data-kind": "text" },
    h("span", { class: "unseen" }, incoming ? "Text received: " : "Text sent: "), h("p", {}, ...withLinks(text.body)), status);
  if (incoming) el.append(...quickReplies(text.body, onQuickReply));
  const update = (/** @type {FeedText} */ entry) => {
    const failed = UNDELIVERED.has(entry.text.status);
    setText(status, failed ? "Not delivered" : "");
    el.classList.toggle("failed", failed);
  };
  return { el, spoken: null, update };
}

/**
 * The words of a text, with web addresses as links that leave the phones where they are.
 * @param {string} words
 */
function withLinks(words) {
  return words.split(LINK).map((part, at) => (at % 2 ? h("a", { href: part, target: "_blank", rel: "noopener" }, part) : part));
}

/** @param {string} body @param {QuickReply} onQuickReply */
function quickReplies(body, onQuickReply) {
  const codes = [...body.matchAll(REPLY_CODE)];
  if (codes.length === 0) return [];
  const buttons = codes.map(([asked, word = "OK"]) => {
    const reply = asked.replace("Reply ", "");
    return h("button", { type: "button", class: "chip", title: `Text “${reply}”`, "data-reply": reply,
      onclick: (/** @type {{ currentTarget: HTMLButtonElement }} */ { currentTarget }) => answer(currentTarget,
        onQuickReply(reply, word === "DONE")) }, QUICK_REPLIES[word]);
  });
  return [h("div", { class: "bubble-replies" }, ...buttons)];
}

/**
 * What was sent is not sent twice, unless it could not be sent.
 * @param {HTMLButtonElement} button @param {Promise<boolean> | void} sending
 */
async function answer(button, sending) {
  if (!sending) return;
  button.disabled = true;
  button.disabled = await sending;
}
