// Slow series of a course: what the server kept, and what has come since.
import { untrack } from 'svelte';
import { at } from '../lib/place';
import { run } from '../lib/run.svelte';
import type { Numbers, Series } from '../lib/wire';

type Values = (number | null)[];
export class Slow {
  t: number[] = [];
  values: Record<string, Values> = {};
  version = $state(0);
  from = 0;
  private names: string[] = [];
  private every = 1;
  private asked = 0;

  /** Fetch the last `seconds` of a course and keep what came meanwhile. */
  async load(course: string, names: string[], seconds: number, points: number, live = true): Promise<void> {
    const mine = ++this.asked, now = untrack(() => run.t), id = untrack(() => run.hello?.run);
    if (!id || names.length === 0) return;
    const from = now - seconds * 1.05, query = new URLSearchParams({ course, names: [...new Set(names)].join(','), from: String(from), to: String(live ? now + 5 : now + seconds), points: String(points) });
    const answer = await fetch(at(`api/runs/${encodeURIComponent(id)}/trends?${query}`)).catch(() => null);
    if (!answer?.ok || mine !== this.asked) return;
    const found = await answer.json() as Series, last = found.t.at(-1) ?? -1, tail = live ? this.t.findIndex((t) => t > last) : -1;
    const values: Record<string, Values> = {};
    for (const name of names) values[name] = [...(found.values[name] ?? found.t.map(() => null)), ...(tail >= 0 && this.values[name] ? this.values[name].slice(tail) : [])];
    this.t = [...found.t, ...(tail >= 0 ? this.t.slice(tail) : [])];
    // Where names are new the tail holds nothing for them.
    for (const name of names) while (values[name].length < this.t.length) values[name].push(null);
    this.values = values; this.names = names; this.every = seconds / points; this.from = from;
    this.version++;
  }
  /** Another run or moment: nothing of before may stand. */
  clear(): void { this.t = []; this.values = {}; this.asked++; this.version++; }

  /** The numbers of now; after a step back in time what lies ahead is dropped. */
  append(now: Numbers): void {
    const ahead = this.t.findIndex((t) => t > now.t);
    if (ahead >= 0) { this.t.length = ahead; for (const name of this.names) this.values[name].length = ahead; }
    if (this.names.length === 0 || now.t - (this.t.at(-1) ?? -Infinity) < this.every) return;
    this.t.push(now.t);
    for (const name of this.names) this.values[name].push(now.v[name] ?? null);
    const old = this.t.findIndex((t) => t >= this.from);
    if (old > 400) { this.t.splice(0, old); for (const name of this.names) this.values[name].splice(0, old); }
    untrack(() => this.version++);
  }

  /** The value at a moment, or null in a gap. */
  value(name: string, t: number): number | null {
    let lo = 0, hi = this.t.length - 1;
    if (hi < 0 || t < this.t[0] || t > this.t[hi] + 2 * this.every + 2) return null;
    while (lo < hi) { const mid = (lo + hi + 1) >> 1; if (this.t[mid] <= t) lo = mid; else hi = mid - 1; }
    return this.values[name]?.[lo] ?? null;
  }
  /** Line from a moment to another, as wide as `w`; the pen lifts over gaps. */
  path(name: string, from: number, to: number, w: number, y: (v: number) => number): string {
    const values = this.values[name];
    if (!values) return '';
    let d = '', pen = false;
    for (let i = 0; i < this.t.length; i++) {
      const t = this.t[i], v = values[i];
      if (t < from || t > to) continue;
      if (v === null || v === undefined) { pen = false; continue; }
      d += `${pen ? 'L' : 'M'}${((t - from) / (to - from) * w).toFixed(1)} ${y(v).toFixed(1)}`;
      pen = true;
    }
    return d;
  }
}

/** Ends of a scale. At least ten of the last digit and a tenth of the value: noise is not to look like news. */
export function span(values: Values, digits: number): [number, number] {
  let lo = Infinity, hi = -Infinity;
  for (const v of values) if (v !== null) { if (v < lo) lo = v; if (v > hi) hi = v; }
  if (lo > hi) return [0, 1];
  const least = Math.max(10 * 10 ** -digits, 0.1 * Math.max(Math.abs(lo), Math.abs(hi)));
  if (hi - lo < least) { const middle = (lo + hi) / 2; lo = middle - least / 2; hi = middle + least / 2; }
  return [lo, hi];
}
