// Simulated time as it is written: day 1 begins at midnight before the run.
import { run } from './run.svelte';
import { t as say } from './words';

const two = (n: number): string => String(n).padStart(2, '0');
const parts = (t: number): [number, number, number, number] => {
  const s = Math.max(0, Math.floor(t + (run.hello?.clock ?? 0)));
  return [Math.floor(s / 86400) + 1, Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60, s % 60];
};
/** 'Day 1  08:03:20' */
export function clock(t: number): string { const [d, h, m, s] = parts(t); return `${say('Day {n}', { n: d })}  ${two(h)}:${two(m)}:${two(s)}`; }
/** 'Day 1 08:03' */
export function moment(t: number): string { const [d, h, m] = parts(t); return `${say('Day {n}', { n: d })} ${two(h)}:${two(m)}`; }
/** '08:03:20' */
export function time(t: number): string { const [, h, m, s] = parts(t); return `${two(h)}:${two(m)}:${two(s)}`; }
/** A duration: '0:14', '1:02:03'. */
export function lasting(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds)), h = Math.floor(s / 3600);
  return h ? `${h}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}
/** What was typed as a moment: '8:03', '08:03:20', '2 08:03' (with the day), '-10' (minutes back). undefined: not a time. */
export function moments(text: string, now: number): number | undefined {
  const back = /^\s*[-\u2212](\d+(?:\.\d+)?)\s*$/.exec(text);
  if (back) return Math.max(0, now - Number(back[1]) * 60);
  const found = /^\s*(?:\D*(\d+)\s+)?(\d{1,2}):(\d{2})(?::(\d{2}))?\s*$/.exec(text);
  if (!found) return undefined;
  const day = found[1] ? Number(found[1]) : parts(now)[0];
  return (day - 1) * 86400 + Number(found[2]) * 3600 + Number(found[3]) * 60 + Number(found[4] ?? 0) - (run.hello?.clock ?? 0);
}
