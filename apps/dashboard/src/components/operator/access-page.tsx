/** Who may log in, and which keys programs have. */
import { KeysSection } from './keys-section.tsx';
import { UsersSection } from './users-section.tsx';

export function AccessPage() {
  return (
    <>
      <UsersSection />
      <KeysSection />
    </>
  );
}
