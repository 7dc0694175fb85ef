/** The words of a problem-details answer; of a request that is not valid, what is wrong with each part of it. */
interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly errors?: readonly { readonly parameter: string; readonly message: string }[];
}

export async function problemMessage(response: Response): Promise<string> {
  const fallback = `The API answered ${response.status}.`;
  if (!(response.headers.get('content-type') ?? '').startsWith('application/problem+json')) return fallback;
  const { title, detail, errors = [] } = (await response.json()) as Problem;
  const wrong = errors.map(({ parameter, message }) => `${parameter} ${message}`).join('; ');
  return [detail ?? title ?? fallback, wrong].filter((part) => part !== '').join(' ');
}
