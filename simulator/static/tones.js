// @ts-check
// The sounds of a telephone, made on the spot: key tones and a soft ring.

const ROWS = [697, 770, 852, 941];
const COLUMNS = [1209, 1336, 1477];
const KEYS = "123456789*0#";
const KEY_S = 0.12;
const RING_EVERY_MS = 2600;

/** @type {AudioContext | null} */
let context = null;
/** @type {number | null} */
let ringing = null;

/** Browsers allow sound only after the person has touched the page. */
function audio() {
  if (!navigator.userActivation?.hasBeenActive) return null;
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  return context;
}

/** @param {number[]} frequencies @param {{ start?: number, seconds: number, volume: number }} facts */
function beep(frequencies, { start = 0, seconds, volume }) {
  const out = audio();
  if (!out) return;
  const gain = out.createGain();
  const from = out.currentTime + start;
  gain.gain.setValueAtTime(0, from);
  gain.gain.linearRampToValueAtTime(volume, from + 0.01);
  gain.gain.setValueAtTime(volume, from + seconds - 0.03);
  gain.gain.linearRampToValueAtTime(0, from + seconds);
  gain.connect(out.destination);
  for (const frequency of frequencies) {
    const tone = out.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(gain);
    tone.start(from);
    tone.stop(from + seconds);
  }
}

/** @param {string} key */
export function keyTone(key) {
  const index = KEYS.indexOf(key);
  if (index >= 0) beep([ROWS[Math.floor(index / 3)], COLUMNS[index % 3]], { seconds: KEY_S, volume: 0.04 });
}

/**
 * Ring as long as `on` stays true.
 * @param {boolean} on
 */
export function ring(on) {
  if (on === (ringing !== null)) return;
  if (!on) {
    clearInterval(ringing ?? undefined);
    ringing = null;
    return;
  }
  const once = () => {
    beep([659, 831], { seconds: 0.35, volume: 0.025 });
    beep([554, 740], { start: 0.42, seconds: 0.5, volume: 0.025 });
  };
  once();
  ringing = setInterval(once, RING_EVERY_MS);
}
