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

const seams = [': ', ', ', ' · ', ' \u2192 '], tails = /^(.+) (low|high|over|open|clamped|closed|starts|below|above)$/;
/** A sentence that the server put together, 'Speed 3300 → 3450', 'Drainage pressure low': its pieces are translated one by one. */
export function phrase(text: string): string {
  if (text in spoken.table) return spoken.table[text];
  for (const seam of seams) if (text.includes(seam)) return text.split(seam).map(phrase).join(seam);
  const seen = /^(.+) seen after (.+)$/.exec(text);
  if (seen) return `${phrase(seen[1])} ${t('seen after {time}', { time: seen[2] })}`;
  const course = /^Course ([A-Z]+) from here$/.exec(text);
  if (course) return t('Course {id} from here', { id: course[1] });
  const tail = tails.exec(text);
  if (tail) return `${phrase(tail[1])} ${t(tail[2])}`;
  const counted = /^(\D+?) ([\d\u2212-].*)$/.exec(text);
  return counted ? `${t(counted[1])} ${counted[2]}` : text;
}
