// Alarm sounds: bursts of pulses by priority. Browsers let a page sound only after its reader has touched it.
import { rank } from './alarms';
import type { Alarm, Priority } from './wire';

// Onsets of the pulses in s, length of a pulse, pitch in Hz, and after how long the burst comes again.
const bursts: Record<Priority, { onsets: number[]; long: number; pitch: number; again: number; loud: number }> = {
  high: { onsets: [0, 0.2, 0.4, 0.75, 0.95, 1.5, 1.7, 1.9, 2.25, 2.45], long: 0.13, pitch: 880, again: 6, loud: 0.28 },
  medium: { onsets: [0, 0.35, 0.7], long: 0.2, pitch: 660, again: 12, loud: 0.2 },
  low: { onsets: [0, 0.4], long: 0.2, pitch: 440, again: 30, loud: 0.14 },
};
const HARMONICS = [1, 0.5, 0.35, 0.25, 0.15];              // several of them, so that the place of the sound can be heard

let context: AudioContext | null = null, last = -Infinity, before: Priority | null = null, silencedAt = 0;

/** Whether the browser still waits for a touch. */
export function blocked(): boolean { return context?.state !== 'running'; }

/** Call from a click or key of the reader. */
export function wake(): Promise<void> {
  context ??= new AudioContext();
  return context.resume();
}

function pulse(sound: AudioContext, at: number, long: number, pitch: number, loud: number): void {
  const gain = sound.createGain();
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(loud, at + 0.02);
  gain.gain.setValueAtTime(loud, at + long - 0.03);
  gain.gain.linearRampToValueAtTime(0, at + long);
  gain.connect(sound.destination);
  HARMONICS.forEach((share, i) => {
    const voice = sound.createOscillator(), part = sound.createGain();
    voice.frequency.value = pitch * (i + 1);
    part.gain.value = share / 2.25;
    voice.connect(part).connect(gain);
    voice.start(at);
    voice.stop(at + long);
  });
}

const highest = (alarms: Alarm[]): Priority | null => alarms.filter((a) => a.state === 'active').map((a) => a.priority).sort((a, b) => rank(b) - rank(a))[0] ?? null;

/** The reader paused audio: only an alarm higher than those of this moment sounds. */
export function silence(alarms: Alarm[]): void { const now = highest(alarms); silencedAt = now ? rank(now) : 0; }

/** Call often: sounds the highest active alarm when it has just come or when its burst is due again. */
export function sound(alarms: Alarm[], paused: boolean): void {
  const now = highest(alarms), risen = now !== null && (before === null || rank(now) > rank(before));
  before = now;
  if (now === null || !context || blocked() || (paused && rank(now) <= silencedAt)) return;
  const { onsets, long, pitch, again, loud } = bursts[now];
  if (!risen && context.currentTime - last < again) return;
  last = context.currentTime;
  onsets.forEach((onset) => pulse(context!, last + 0.05 + onset, long, pitch, loud));
}
