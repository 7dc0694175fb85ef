/** The words of a problem-details answer. */
export async function problemMessage(response: Response): Promise<string> {
  const fallback = `The API answered ${response.status}.`;
  if (!(response.headers.get('content-type') ?? '').startsWith('application/problem+json')) return fallback;
  const { title, detail } = (await response.json()) as { title?: string; detail?: string };
  return detail ?? title ?? fallback;
}
