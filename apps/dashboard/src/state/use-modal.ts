/** A dialog that is open as long as its component is there; closed, the focus is back on what opened it. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    // Taken out of the page without this, it would leave the focus nowhere.
    return () => shown?.close();
  }, []);
  return dialog;
}
