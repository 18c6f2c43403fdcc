// @ts-check
// The control API of the simulator. Every address is relative to the page, so a reverse proxy may put it anywhere.

const API = new URL("api/", document.baseURI);
const WAIT_S = 20;
const POLL_LIMIT_MS = (WAIT_S + 15) * 1000;
const POST_LIMIT_MS = 15_000;
const RETRY_FIRST_MS = 400;
const RETRY_LONGEST_MS = 5_000;

/** What the server refused, in its own words, or that it could not be reached. */
export class ApiError extends Error {}

/**
 * Fetch JSON. Throws ApiError with a sentence a person can read.
 * @param {URL | string} address @param {{ body?: unknown, limit?: number }} [facts]
 */
export async function fetchJson(address, { body, limit = POST_LIMIT_MS } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  /** @type {RequestInit} */
  const options = { cache: "no-store", signal: AbortSignal.timeout(limit), headers };
  if (body !== undefined) {
    options.method = "POST";
    headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(address, options).catch(() => {
    throw new ApiError("The simulator cannot be reached.");
  });
  const answer = await response.json().catch(() => null);
  if (!response.ok || answer === null) {
    throw new ApiError(answer?.error ?? `The simulator answered with error ${response.status}.`);
  }
  return answer;
}

export function reset() {
  return fetchJson(new URL("reset", API), { body: {} });
}

/** @param {number} speed */
export function setSpeed(speed) {
  return fetchJson(new URL("speed", API), { body: { speed } });
}

/** @type {Map<string, Queue>} */
const queues = new Map();

/**
 * Do something on a phone. One phone's requests go out strictly one after the other, since a key overtaken by the
 * next one would type a wrong PIN; keys still waiting for their turn are sent together.
 * @param {string} number @param {string} verb @param {PhoneBody} [body]
 */
export function act(number, verb, body = {}) {
  const queue = queues.get(number) ?? { running: false, waiting: [] };
  queues.set(number, queue);
  const last = queue.waiting.at(-1);
  if (verb === "press" && last?.verb === "press") {
    last.body.digits = `${last.body.digits}${body.digits}`;
    return last.promise;
  }
  const { promise, resolve, reject } = settled();
  queue.waiting.push({ verb, body: { ...body }, promise, resolve, reject });
  if (!queue.running) drain(number, queue);
  return promise;
}

/** A promise and what settles it. */
function settled() {
  /** @type {(answer: unknown) => void} */
  let resolve = () => {};
  /** @type {(error: unknown) => void} */
  let reject = () => {};
  const promise = new Promise((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
}

/** @param {string} number @param {Queue} queue */
async function drain(number, queue) {
  queue.running = true;
  for (let job = queue.waiting.shift(); job !== undefined; job = queue.waiting.shift()) {
    const address = new URL(`phones/${encodeURIComponent(number)}/${job.verb}`, API);
    await fetchJson(address, { body: job.body }).then(job.resolve, job.reject);
  }
  queue.running = false;
}

/**
 * Follow the state for ever: `onState` gets each one, `onTrouble(true)` is called while the server is away.
 * After trouble the whole state is asked for at once, because a restarted server counts its versions anew.
 * @param {(state: NetworkState) => void} onState @param {(away: boolean) => void} onTrouble
 */
export async function follow(onState, onTrouble) {
  let version = null;
  let failures = 0;
  for (;;) {
    try {
      const state = await fetchJson(stateAddress(version), { limit: POLL_LIMIT_MS });
      version = state.version;
      if (failures > 0) onTrouble(false);
      failures = 0;
      onState(state);
    } catch (error) {
      if (!(error instanceof ApiError)) console.error(error);
      version = null;
      failures += 1;
      onTrouble(true);
      await backOff(failures);
    }
  }
}

/** @param {number | null} version */
function stateAddress(version) {
  const address = new URL("state", API);
  if (version !== null) address.search = `after=${version}&wait=${WAIT_S}`;
  return address;
}

/**
 * Wait longer after each failure, but try at once when the browser is back online or the page is looked at again.
 * @param {number} failures
 */
function backOff(failures) {
  const pause = Math.min(RETRY_FIRST_MS * 2 ** (failures - 1), RETRY_LONGEST_MS);
  return new Promise((/** @type {(_: void) => void} */ resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      window.removeEventListener("focus", done);
      resolve();
    };
    const timer = setTimeout(done, pause);
    window.addEventListener("online", done);
    window.addEventListener("focus", done);
  });
}
