// Addresses of the server, relative to the page. Off loopback the page was opened with a token; every request carries it on.
const token = new URLSearchParams(location.search).get('token');

export function at(path: string): string {
  const url = new URL(path, new URL('.', location.href));
  if (token) url.searchParams.set('token', token);
  return url.href;
}
export function socketAt(path: string): string { return at(path).replace(/^http/, 'ws'); }
