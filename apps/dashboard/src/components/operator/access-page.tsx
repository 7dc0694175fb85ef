/** Who may log in, and which keys programs have. */
import { useState } from 'preact/hooks';

import { KeysSection } from './keys-section.tsx';
import { Secret, type Told } from './secret.tsx';
import { UsersSection } from './users-section.tsx';

export function AccessPage() {
  const [told, setTold] = useState<Told>();
  return (
    <>
      {told !== undefined && <Secret told={told} onGone={() => setTold(undefined)} />}
      <UsersSection onTold={setTold} />
      <KeysSection onTold={setTold} />
    </>
  );
}
