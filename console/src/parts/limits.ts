// Limits of a quantity as they are written beside its number: the first one to be crossed on either side.
import { run } from '../lib/run.svelte';
import { shown } from '../lib/units';
import type { Priority } from '../lib/wire';
import { t } from '../lib/words';

const priorities: Priority[] = ['low', 'medium', 'high'];

/** Limits in force on one side, null where one is off; undefined where there is no alarm. */
function side(quantity: string, which: 'below' | 'above'): (number | null)[] | undefined {
  const line = run.layout?.limits.find((l) => l.quantity === quantity && l.side === which), changed = run.state?.limits[quantity]?.[which];
  if (!line && !changed) return undefined;
  return priorities.map((p) => (changed?.[p] !== undefined ? changed[p] : line?.[p]) ?? null);
}

/** '62–85', '≥ 90', '≤ 16', 'limits off'; '' where a quantity has none. */
export function limitText(quantity: string): string {
  const below = side(quantity, 'below'), above = side(quantity, 'above');
  if (!below && !above) return '';
  const given = (found: (number | null)[] | undefined): number[] => (found ?? []).filter((v): v is number => v !== null);
  const low = given(below), high = given(above);
  const from = low.length ? shown(quantity, Math.max(...low)) : '', to = high.length ? shown(quantity, Math.min(...high)) : '';
  if (from && to) return from.startsWith('−') || to.startsWith('−') ? `${from} … ${to}` : `${from}–${to}`;
  return from ? `≥ ${from}` : to ? `≤ ${to}` : t('limits off');
}
