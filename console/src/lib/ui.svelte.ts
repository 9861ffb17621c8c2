// What the page itself shows: which panel lies over the lower zones, which page of the rail is open (-1: none, where they lie over the monitor), what was refused last.
import { act } from './run.svelte';
import type { Done, Request } from './wire';
import { t } from './words';

export type Panel = 'menu' | 'alarms' | 'goto' | 'keys' | 'note' | 'sensors' | 'save' | 'trends' | 'loops';
export const ui = $state({ panel: null as Panel | null, page: innerWidth < 900 ? -1 : 2, refused: '' });
let forget = 0;

/** Ask, and say in the time line what was refused; it stands there for some seconds and moves nothing. */
export async function ask(request: Request): Promise<Done> {
  const done = await act(request);
  clearTimeout(forget);
  ui.refused = done.ok ? '' : refusal(done);
  if (!done.ok) forget = window.setTimeout(() => { ui.refused = ''; }, 6000);
  return done;
}
export function refusal(done: Done): string {
  return [t(done.error ?? 'refused'), done.allowed ? t('allowed: {range}', { range: done.allowed }) : '', done.hint ? t(done.hint) : ''].filter(Boolean).join('. ');
}
