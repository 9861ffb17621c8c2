// How an alarm looks: its shape says the priority, the marks repeat it, the words name quantity and limit.
import { lasting } from './clock';
import { run } from './run.svelte';
import { shown, unitOf } from './units';
import type { Alarm, LimitLine, Priority } from './wire';
import { t } from './words';

export const bangs: Record<Priority, string> = { high: '!!!', medium: '!!', low: '!' };
export const priorities: Priority[] = ['high', 'medium', 'low'];
export const rank = (p: Priority): number => 3 - priorities.indexOf(p);

/** Classes of a block or a number that is in alarm. */
export function shape(alarm: Alarm | undefined): string {
  if (!alarm) return '';
  return alarm.state === 'seen' ? 'seen' : `${alarm.priority} ${alarm.state === 'latched' ? 'latched' : 'flash'}`;
}
/** '−168 mmHg, limit −150' */
export function detail(alarm: Alarm): string {
  if (alarm.state === 'seen') return t('seen after {time}', { time: lasting(alarm.seen ?? 0) });
  const over = alarm.state === 'latched' ? t('over now') : '', unit = unitOf(alarm.quantity);
  const value = alarm.value === null ? '' : `${shown(alarm.quantity, alarm.value)}${unit ? ` ${unit}` : ''}`;
  const limit = alarm.limit === null ? '' : t('limit {value}', { value: shown(alarm.quantity, alarm.limit) });
  return [over || value, limit].filter(Boolean).join(', ');
}

/** The limit of one line as it stands now: what was set here, else what the centre's file says. null is off. */
export function limitOf(line: LimitLine, priority: Priority): number | null {
  const set = run.state?.limits[line.quantity]?.[line.side]?.[priority];
  return set === undefined ? line[priority] : set;
}
/** The limits under a label: the first to be crossed on each side. '' where the quantity has none to edit. */
export function limitsText(quantity: string): string {
  const lines = (run.layout?.limits ?? []).filter((l) => l.quantity === quantity);
  if (lines.length === 0) return '';
  const nearest = (side: 'below' | 'above'): number | null => {
    const values = lines.filter((l) => l.side === side).flatMap((l) => priorities.map((p) => limitOf(l, p))).filter((v) => v !== null);
    return values.length === 0 ? null : side === 'below' ? Math.max(...values) : Math.min(...values);
  };
  const low = nearest('below'), high = nearest('above'), as = (v: number): string => shown(quantity, v).replace(/\.0+$/, '');
  if (low === null && high === null) return t('limits off');
  if (low === null) return `≤ ${as(high!)}`;
  return high === null ? `≥ ${as(low)}` : `${as(low)}–${as(high)}`;
}
