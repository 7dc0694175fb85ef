import type { Role } from '@otedama/contracts';

/** What each of them may. */
const ROLES: readonly (readonly [Role, string])[] = [
  ['viewer', 'Viewer: looks'],
  ['operator', 'Operator: mining and bans too'],
  ['admin', 'Admin: everything'],
];

export function RoleField({ testId }: { readonly testId: string }) {
  return (
    <label>
      Role
      <select name="role" data-testid={testId}>
        {ROLES.map(([role, text]) => (
          <option key={role} value={role}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Of the field above. */
export const roleIn = (data: FormData): Role =>
  ROLES.find(([role]) => role === data.get('role'))?.[0] ?? 'viewer';
