// What this reader chose, kept in the browser. Texts and numbers read it, so a choice changes the whole page at once.
import type { Quantity } from './wire';

export interface Choice { pressure: 'mmHg' | 'kPa'; airway: 'cmH2O' | 'mbar'; haemoglobin: 'g/dL' | 'g/L' | 'mmol/L'; language: string; theme: string }
const first: Choice = { pressure: 'mmHg', airway: 'cmH2O', haemoglobin: 'g/dL', language: 'en', theme: 'dark' };
const PLACE = 'perfuse';

function kept(): Partial<Choice> {
  try { return JSON.parse(localStorage.getItem(PLACE) ?? '{}') as Partial<Choice>; } catch { return {}; }
}
export const chosen: Choice = $state({ ...first, ...kept() });
/** What the server says about each quantity. */
export const quantities: Record<string, Quantity> = $state({});
/** The words of the chosen language. */
export const spoken = $state({ table: {} as Record<string, string> });

/** A theme is a file of tokens in `themes` that console.css takes in; what the style sheets hold can be chosen. */
export const themes: string[] = [...new Set([...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
  .flatMap((rule) => (rule instanceof CSSStyleRule ? [...rule.selectorText.matchAll(/^\[data-theme="?([\w-]+)"?\]$/g)] : [])).map((found) => found[1]))];

export function choose<K extends keyof Choice>(what: K, value: Choice[K]): void {
  chosen[what] = value;
  if (what === 'theme') wear();
  try { localStorage.setItem(PLACE, JSON.stringify(chosen)); } catch { /* a browser that keeps nothing: the choice holds for this visit */ }
}
export function wear(): void { document.documentElement.dataset.theme = themes.includes(chosen.theme) ? chosen.theme : first.theme; }
