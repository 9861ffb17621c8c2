// Addresses of the server, relative to the page. What the page was opened with, a token off loopback or a role, every request carries on.
const given = new URLSearchParams(location.search), carried = ['token', 'role'] as const;

export function at(path: string): string {
  const url = new URL(path, new URL('.', location.href));
  for (const name of carried) if (given.get(name)) url.searchParams.set(name, given.get(name)!);
  return url.href;
}
export function socketAt(path: string): string { return at(path).replace(/^http/, 'ws'); }
