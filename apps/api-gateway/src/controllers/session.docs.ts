import {
  confirmTotpSchema,
  credentialsSchema,
  doneSchema,
  endedSchema,
  givenSessionSchema,
  newPasswordSchema,
  proofSchema,
  recoveryCodesSchema,
  refreshSchema,
  totpSchema,
  whoSchema,
} from '../access/schemas.ts';
import { type ResourceDocs, SERVICE_PROBLEMS } from '../docs/describe.ts';
import type { SessionController } from './session.controller.ts';

const common = { tag: 'access', problems: [400, 401, 403, ...SERVICE_PROBLEMS] };
const own = { ...common, problems: [...common.problems, 409] };

export const sessionDocs: ResourceDocs<SessionController> = {
  schemas: {
    Who: whoSchema,
    Credentials: credentialsSchema,
    Refresh: refreshSchema,
    Session: givenSessionSchema,
    Ended: endedSchema,
    Proof: proofSchema,
    NewPassword: newPasswordSchema,
    ConfirmTotp: confirmTotpSchema,
    Totp: totpSchema,
    RecoveryCodes: recoveryCodesSchema,
    Done: doneSchema,
  },
  routes: {
    who: {
      ...common,
      summary: 'Who asks, and whether there is anybody to log in as.',
      reply: 'Who',
      problems: SERVICE_PROBLEMS,
    },
    login: {
      ...common,
      summary:
        'Logs in. 401 of type code-needed asks for a one-time code, 403 of type new-password-needed for a password of your own.',
      body: 'Credentials',
      reply: 'Session',
    },
    refresh: {
      ...common,
      summary: 'A new access token, and a refresh token in the place of the one that is shown.',
      body: 'Refresh',
      reply: 'Session',
    },
    logout: { ...common, summary: 'Ends the session whose token or cookie comes along.', reply: 'Ended' },
    setPassword: {
      ...own,
      summary: 'Another password; ends every other session of the user.',
      body: 'NewPassword',
      reply: 'Done',
    },
    beginTotp: {
      ...own,
      summary: 'A secret for an authenticator app, which counts from its first code on.',
      body: 'Proof',
      reply: 'Totp',
    },
    confirmTotp: {
      ...own,
      summary: 'Asks for one-time codes from now on; answers recovery codes, each good once.',
      body: 'ConfirmTotp',
      reply: 'RecoveryCodes',
    },
    removeTotp: { ...own, summary: 'No one-time codes any more.', body: 'Proof', reply: 'Done' },
    endOthers: { ...own, summary: 'Ends every other session of the user.', body: 'Proof', reply: 'Done' },
  },
};
