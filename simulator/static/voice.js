// @ts-check
import { memory, uptime } from "./dom.js";
import { keyTone, ring } from "./tones.js";

const CHARACTERS_A_SECOND = 14;
const SLOWEST = 0.9;
const FASTEST = 1.9;
const TOO_LATE_S = 1;
const TOO_HURRIED = 2.2;
const LANGUAGE = "en-GB";

/**
 * What the person hears. One phone at a time holds the ear: the one last acted on. Sentences are spoken as fast as the
 * simulator takes to say them, and cut off with them when a key is pressed over a prompt.
 */
export class Voice {
  /** @type {string | null} */
  number;
  /** @type {string | null} */
  saying;
  /** @type {SpeechSynthesis | null} */
  synthesis;
  /** @type {number} */
  until;

  constructor() {
    this.muted = memory.get("muted", false);
    this.number = null;
    this.saying = null;
    this.synthesis = window.speechSynthesis ?? null;
    window.addEventListener("pagehide", () => this.quiet());
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    memory.set("muted", muted);
    if (muted) {
      this.quiet();
      ring(false);
    }
  }

  /**
   * Give the ear to a phone. True when it moved.
   * @param {string} number
   */
  listenTo(number) {
    if (this.number === number) return false;
    this.number = number;
    this.quiet();
    return true;
  }

  /** @param {string} key */
  key(key) {
    if (!this.muted) keyTone(key);
  }

  /**
   * Follow the state, `age` seconds old: speak what the phone at the ear hears, and ring while any phone rings.
   * @param {PhoneState[]} phones @param {number} age
   */
  follow(phones, age) {
    ring(!this.muted && phones.some((phone) => phone.call?.state === "ringing"));
    const call = phones.find((phone) => phone.number === this.number)?.call ?? null;
    const sentence = call?.hears_now ?? null;
    if (call === null || sentence === null) {
      this.quiet();
      return;
    }
    const left = (call.hears_for ?? 0) - age;
    const until = uptime() + left;
    const same = this.saying === `${call.sid} ${sentence}` && until < this.until + TOO_LATE_S;
    if (same || this.muted || !this.synthesis) return;
    this.quiet();
    this.saying = `${call.sid} ${sentence}`;
    this.until = until;
    if (left > TOO_LATE_S) this.#speak(withoutSpeaker(sentence, phones), left);
  }

  /** @param {string} sentence @param {number} seconds */
  #speak(sentence, seconds) {
    const utterance = new SpeechSynthesisUtterance(sentence);
    utterance.lang = LANGUAGE;
    const rate = sentence.length / CHARACTERS_A_SECOND / seconds;
    if (rate > TOO_HURRIED) return;
    utterance.rate = Math.min(FASTEST, Math.max(SLOWEST, rate));
    this.synthesis?.speak(utterance);
  }

  quiet() {
    if (this.saying === null) return;
    this.saying = null;
    this.synthesis?.cancel();
  }
}

/**
 * In a caption "Ada Rossi: Good evening" the name tells who speaks; the ear hears the words alone.
 * @param {string} sentence @param {PhoneState[]} phones
 */
function withoutSpeaker(sentence, phones) {
  const speaker = phones.find(({ name }) => sentence.startsWith(`${name}: `));
  return speaker ? sentence.slice(speaker.name.length + 2) : sentence;
}
