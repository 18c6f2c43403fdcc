import { memory } from "./dom.js";
import { keyTone, ring } from "./tones.js";

const CHARACTERS_A_SECOND = 14;
const SLOWEST = 0.9;
const FASTEST = 1.9;
const TOO_LATE_S = 1;

/**
 * What the person hears. One phone at a time holds the ear: the one last acted on. Sentences are spoken as fast as the
 * simulator takes to say them, and cut off with them when a key is pressed over a prompt.
 */
export class Voice {
  constructor() {
    this.muted = memory.get("muted", false);
    this.number = null;
    this.saying = null;
    this.synthesis = window.speechSynthesis ?? null;
    window.addEventListener("pagehide", () => this.quiet());
  }

  mute(muted) {
    this.muted = muted;
    memory.set("muted", muted);
    if (muted) {
      this.quiet();
      ring(false);
    }
  }

  /** Give the ear to a phone. True when it moved. */
  listenTo(number) {
    if (this.number === number) return false;
    this.number = number;
    this.quiet();
    return true;
  }

  key(key) {
    if (!this.muted) keyTone(key);
  }

  /** Follow the state: speak what the phone at the ear hears now, and ring while any phone rings. */
  follow(phones) {
    ring(!this.muted && phones.some((phone) => phone.call?.state === "ringing"));
    const call = phones.find((phone) => phone.number === this.number)?.call ?? null;
    const sentence = call?.hears_now ?? null;
    if (sentence === null) {
      this.quiet();
      return;
    }
    const key = `${call.sid} ${sentence}`;
    if (key === this.saying || this.muted || !this.synthesis) return;
    this.quiet();
    this.saying = key;
    if (call.hears_for > TOO_LATE_S) this.speak(sentence, call);
  }

  speak(sentence, call) {
    const utterance = new SpeechSynthesisUtterance(sentence);
    utterance.lang = call.hears_language ?? "en-GB";
    const rate = sentence.length / CHARACTERS_A_SECOND / call.hears_for;
    utterance.rate = Math.min(FASTEST, Math.max(SLOWEST, rate));
    this.synthesis.speak(utterance);
  }

  quiet() {
    if (this.saying === null) return;
    this.saying = null;
    this.synthesis?.cancel();
  }
}
