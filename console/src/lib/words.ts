// Words of the page. The English text is the key; another language is a file of English -> that language, from the server.
let table: Record<string, string> = {};
export let language = 'en';

/** Take another language; 'en' needs no file. */
export async function speak(code: string): Promise<void> {
  table = code === 'en' ? {} : await (await fetch(`words/${code}`)).json();
  language = code;
  document.documentElement.lang = code;
}

/** A text in the language of the page; `{name}` is filled from `values`. Words that no file knows stay English. */
export function t(text: string, values: Record<string, string | number> = {}): string {
  return (table[text] ?? text).replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
}
