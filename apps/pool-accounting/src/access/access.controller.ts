/** Who may get in, over the Nest transport. */
import { Controller, Inject } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  type Access,
  type AccessState,
  type GrantReply,
  type IdentifyReply,
  identifyRequestSchema,
  type KeySummary,
  loginRequestSchema,
  type LogoutReply,
  logoutRequestSchema,
  type ManageReply,
  manageRequestSchema,
  type OwnReply,
  ownRequestSchema,
  refreshRequestSchema,
  type SessionSummary,
  sessionsRequestSchema,
  Subject,
  type UserSummary,
} from '@otedama/contracts';
import { ACCESS } from '../tokens.ts';

@Controller()
export class AccessController {
  readonly #access: Access;

  constructor(@Inject(ACCESS) access: Access) {
    this.#access = access;
  }

  @MessagePattern(Subject.accessState)
  state(): Promise<AccessState> {
    return this.#access.state();
  }

  @MessagePattern(Subject.accessIdentify)
  identify(@Payload() request: unknown): Promise<IdentifyReply> {
    return this.#access.identify(identifyRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accessLogin)
  login(@Payload() request: unknown): Promise<GrantReply> {
    return this.#access.login(loginRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accessRefresh)
  refresh(@Payload() request: unknown): Promise<GrantReply> {
    return this.#access.refresh(refreshRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accessLogout)
  logout(@Payload() request: unknown): Promise<LogoutReply> {
    return this.#access.logout(logoutRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accessOwn)
  own(@Payload() request: unknown): Promise<OwnReply> {
    return this.#access.own(ownRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accessManage)
  manage(@Payload() request: unknown): Promise<ManageReply> {
    return this.#access.manage(manageRequestSchema.parse(request));
  }

  @MessagePattern(Subject.accessUsers)
  users(): Promise<UserSummary[]> {
    return this.#access.users();
  }

  @MessagePattern(Subject.accessKeys)
  keys(): Promise<KeySummary[]> {
    return this.#access.keys();
  }

  @MessagePattern(Subject.accessSessions)
  sessions(@Payload() request: unknown): Promise<SessionSummary[]> {
    return this.#access.sessions(sessionsRequestSchema.parse(request));
  }
}
