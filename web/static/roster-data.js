// @ts-check
// Talking to the server: JSON both ways, and errors as sentences that can be shown as they are.

const LIMIT_MS = 15_000;
/** @type {HTMLMetaElement | null} */
const TOKEN = document.querySelector('meta[name="csrf-token"]');
const UNREADABLE = "The gateway's answer could not be read. Try again in a minute.";

/** @type {string[]} */
let warnings = [];

/**
 * The server said no. `field` names the input that is wrong, if one is; `questions`: what is asked before it is saved;
 * `changed`: somebody else was faster.
 */
export class Refusal extends Error {
  /** @param {string} words @param {Partial<RefusalFacts>} [facts] */
  constructor(words, { status = 0, field = null, confirm = false, changed = false, questions = [] } = {}) {
    super(words);
    this.status = status;
    this.field = field;
    this.confirm = confirm;
    this.changed = changed;
    this.questions = questions;
  }
}

/** @param {string} address */
export function get(address) {
  return ask("GET", address);
}

/**
 * What is worth a word about it, such as nobody behind the first, is kept for `warningsOfLast`.
 * @param {string} method @param {string} address @param {Sent} body
 */
export async function send(method, address, body) {
  const found = await ask(method, address, body);
  warnings = found.warnings ?? [];
  return found;
}

/** Of the last change that was saved; told once. */
export function warningsOfLast() {
  const told = warnings;
  warnings = [];
  return told;
}

/**
 * A body that says as well to which questions the answer is yes, and what is sent otherwise by a better choice.
 * @param {Sent} body @param {Accepted} accepted
 */
export function accepting(body, accepted) {
  return { ...body, ...(accepted?.change ?? {}), accept: accepted?.keys ?? [] };
}

/** @param {string} method @param {string} address @param {Sent} [body] */
async function ask(method, address, body = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  /** @type {RequestInit} */
  const options = { method, headers };
  if (method !== "GET") {
    headers["Content-Type"] = "application/json";
    headers["X-CSRFToken"] = TOKEN?.content ?? "";
    options.body = JSON.stringify(body);
  }
  const response = await answer(address, options);
  const found = await response.json().catch(() => null);
  if (!response.ok) {
    const refused = refusal(response.status, found);
    document.dispatchEvent(new CustomEvent("roster-refused", { detail: refused }));
    throw refused;
  }
  if (found === null) throw new Refusal(UNREADABLE);
  return found;
}

/** @param {string} address @param {RequestInit} options */
async function answer(address, options) {
  try {
    return await fetch(address, { ...options, signal: AbortSignal.timeout(LIMIT_MS) });
  } catch (error) {
    console.info("No answer:", error);
    throw new Refusal("The gateway does not answer. Nothing was lost: try again in a moment.");
  }
}

/** @param {number} status @param {any} found */
function refusal(status, found) {
  /** @type {Record<number, string>} */
  const words = {
    400: "This page is too old to save from. Load it again; copy what you have typed first.",
    401: "You are signed out. Sign in again in another tab, then save once more: what you have typed stays here.",
    403: "Your account may not do that.",
    404: "The gateway does not know that yet.",
  };
  const said = typeof found?.error === "string" ? found.error : null;
  return new Refusal(said ?? words[status] ?? UNREADABLE, { status, ...pick(found) });
}

/**
 * @param {any} found
 * @returns {Partial<RefusalFacts>}
 */
function pick(found) {
  return {
    field: found?.field ?? null, confirm: found?.confirm === true, changed: found?.changed === true,
    questions: found?.questions ?? [],
  };
}
