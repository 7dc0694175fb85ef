import { useEffect, useState } from 'preact/hooks';

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for who cannot see the row. */
  readonly label: string;
}

const CONFIRM_MS = 1_500;

/** Absent where the browser offers no clipboard (plain HTTP from another machine): the full text is a tooltip. */
export function CopyButton({ text, label }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), CONFIRM_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  if (!('clipboard' in navigator)) return null;
  const copy = (): void => {
    // A refusal (no focus, no permission) leaves the button as it was.
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <button type="button" class="copy" onClick={copy} aria-label={isCopied ? 'Copied' : `Copy ${label}`}>
      <svg viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
        {isCopied ? <path d="M3 8.5l3.2 3.2L13 5" /> : <path d="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" />}
      </svg>
    </button>
  );
}
