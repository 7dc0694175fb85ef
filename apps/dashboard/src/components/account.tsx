/** Who is logged in, and the way in and out; nothing where the pool has no users. */
import { useEffect, useRef, useState } from 'preact/hooks';

import type { Credentials, LoginReply, Who } from '../api/session.ts';
import { Account, sessionApi } from '../state/account.ts';
import { LoginDialog } from './login-dialog.tsx';

/** That somebody has logged in here: not who, and no token. */
const MEMORY_KEY = 'otedama.logged-in';
const memory = {
  isLoggedIn: () => localStorage.getItem(MEMORY_KEY) !== null,
  set: (isLoggedIn: boolean) =>
    isLoggedIn ? localStorage.setItem(MEMORY_KEY, '1') : localStorage.removeItem(MEMORY_KEY),
};
const LOOK_MS = 30_000;

export interface AccountControl {
  /** Undefined: not known yet. */
  readonly who: Who | undefined;
  readonly logIn: (credentials: Credentials) => Promise<LoginReply>;
  readonly logOut: () => void;
  /** The API has refused what it allowed before. */
  readonly lookAgain: () => void;
}

/** `isConnected`: looks again when the API is back, which may know other users by then. */
export function useAccount(isConnected: boolean): AccountControl {
  const [who, setWho] = useState<Who>();
  const account = useRef<Account | undefined>(undefined);
  account.current ??= new Account({
    api: sessionApi,
    memory,
    isVisible: () => document.visibilityState === 'visible',
    now: () => Date.now(),
    onWho: setWho,
  });
  const { current } = account;
  useEffect(() => {
    const keepAlive = (): void => void current.keepAlive();
    const timer = setInterval(keepAlive, LOOK_MS);
    document.addEventListener('visibilitychange', keepAlive);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', keepAlive);
    };
  }, []);
  useEffect(() => {
    if (isConnected) void current.start();
  }, [isConnected]);
  return {
    who,
    logIn: (credentials) => current.logIn(credentials),
    logOut: () => void current.logOut(),
    lookAgain: () => void current.look(),
  };
}

export function AccountMenu({ who, logIn, logOut }: AccountControl) {
  const [isAsking, setAsking] = useState(false);
  if (who === undefined || !who.canLogIn) return null;
  if (who.identity?.kind === 'user') {
    return (
      <span class="account">
        <span title={who.identity.role} data-testid="account-name">
          {who.identity.name}
        </span>
        <button type="button" class="button small" data-testid="log-out" onClick={logOut}>
          Log out
        </button>
      </span>
    );
  }
  return (
    <>
      <button type="button" class="button small" data-testid="log-in" onClick={() => setAsking(true)}>
        Log in
      </button>
      {isAsking && <LoginDialog onLogin={logIn} onClose={() => setAsking(false)} />}
    </>
  );
}
