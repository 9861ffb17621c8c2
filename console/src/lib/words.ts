// Words of the page. The English text is the key; another language is a file of English -> that language, from the server.
import { at } from './place';
import { choose, spoken } from './settings.svelte';

/** Take another language; 'en' needs no file. Without its file the page stays as it is. */
export async function speak(code: string): Promise<void> {
  if (code !== 'en') {
    const answer = await fetch(at(`words/${encodeURIComponent(code)}`)).catch(() => null);
    if (!answer?.ok) return;
    spoken.table = await answer.json();
  } else spoken.table = {};
  choose('language', code);
  document.documentElement.lang = code;
}

/** A text in the language of the page; `{name}` is filled from `values`. Words that no file knows stay English. */
export function t(text: string, values: Record<string, string | number> = {}): string {
  return (spoken.table[text] ?? text).replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}

/** A sentence of the server that ends in numbers, 'Speed 3300 → 3450': the words before them are translated. */
export function phrase(text: string): string {
  if (text in spoken.table) return t(text);
  const found = /^(\D+?)( [\d\u2212-].*)$/.exec(text);
  return found ? t(found[1]!) + found[2]! : text;
}
