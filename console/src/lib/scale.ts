// Scale of a wave: as the layout says, widened in whole steps while the signal leaves it. It comes back when the signal fits with room to spare.
import { player } from './sweep';

const WATCHED = 3, ROOM = 0.1;                             // s that are looked at; share of the scale that must be free before it comes back
const sizes = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];
const widened = new Map<string, [number, number]>();

export function scaleOf(channel: string, lo: number, hi: number): [number, number] {
  const range = player.range(channel, WATCHED * player.rate), key = `${channel} ${lo} ${hi}`, now = widened.get(key) ?? [lo, hi];
  if (!range) return now;
  const [low, high] = range, room = ROOM * (hi - lo), step = sizes.find((s) => s >= (hi - lo) / 6) ?? 500;
  if (low >= now[0] && high <= now[1]) {
    if (now[0] === lo && now[1] === hi || low < lo + (lo === now[0] ? 0 : room) || high > hi - (hi === now[1] ? 0 : room)) return now;
    widened.delete(key);
    return [lo, hi];
  }
  const next: [number, number] = [low < now[0] ? Math.floor(low / step) * step : now[0], high > now[1] ? Math.ceil(high / step) * step : now[1]];
  widened.set(key, next);
  return next;
}
