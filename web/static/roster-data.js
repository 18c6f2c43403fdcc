// Talking to the server: JSON both ways, and errors as sentences that can be shown as they are.

const LIMIT_MS = 15_000;
const TOKEN = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
const UNREADABLE = "The gateway's answer could not be read. Try again in a minute.";

let warnings = [];

/**
 * The server said no. `field` names the input that is wrong, if one is; `questions`: what is asked before it is saved;
 * `changed`: somebody else was faster.
 */
export class Refusal extends Error {
  constructor(words, { status = 0, field = null, confirm = false, changed = false, questions = [] } = {}) {
    super(words);
    Object.assign(this, { status, field, confirm, changed, questions });
  }
}

export function get(address) {
  return ask("GET", address);
}

/** What is worth a word about it, such as nobody behind the first, is kept for `warningsOfLast`. */
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

/** A body that says as well to which questions the answer is yes, and what is sent otherwise by a better choice. */
export function accepting(body, accepted) {
  return { ...body, ...(accepted?.change ?? {}), accept: accepted?.keys ?? [] };
}

async function ask(method, address, body) {
  const options = { method, headers: { Accept: "application/json" } };
  if (method !== "GET") {
    options.headers["Content-Type"] = "application/json";
    options.headers["X-CSRFToken"] = TOKEN;
    options.body = JSON.stringify(body ?? {});
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

async function answer(address, options) {
  try {
    return await fetch(address, { ...options, signal: AbortSignal.timeout(LIMIT_MS) });
  } catch (error) {
    console.info("No answer:", error.message);
    throw new Refusal("The gateway does not answer. Nothing was lost: try again in a moment.");
  }
}

function refusal(status, found) {
  const words = {
    400: "This page is too old to save from. Load it again; copy what you have typed first.",
    401: "You are signed out. Sign in again in another tab, then save once more: what you have typed stays here.",
    403: "Your account may not do that.",
    404: "The gateway does not know that yet.",
  };
  const said = typeof found?.error === "string" ? found.error : null;
  return new Refusal(said ?? words[status] ?? UNREADABLE, { status, ...pick(found) });
}

function pick(found) {
  return {
    field: found?.field ?? null, confirm: found?.confirm === true, changed: found?.changed === true,
    questions: found?.questions ?? [],
  };
}
