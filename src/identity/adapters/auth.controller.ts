import { Body, Controller, Get, HttpCode, Patch, Post, Res } from '@nestjs/common';
import {
  ApiAcceptedResponse,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { BodyExamples } from '#libs/nest/body-examples.js';
import { Network } from '#libs/nest/network.js';
import { Problems } from '#libs/problems/problem.dto.js';
import {
  EmailTaken,
  InvalidCredentials,
  InvalidRefreshToken,
  TooManyTries,
  WeakPassword,
} from '../domain/errors.js';
import type { Actor } from '../domain/user.js';
import { LogIn } from '../use-cases/log-in.js';
import { LogOut } from '../use-cases/log-out.js';
import { ReadAccount } from '../use-cases/read-account.js';
import { RefreshSession } from '../use-cases/refresh-session.js';
import { OpenAccount } from '../use-cases/open-account.js';
import { UpdateAccount } from '../use-cases/update-account.js';
import { CurrentActor, Public, SignedIn } from './access.js';
import {
  LogInRequest,
  LogInResponse,
  RefreshRequest,
  RegisterRequest,
  TokensResponse,
  UpdateAccountRequest,
  UserResponse,
} from './auth.dto.js';

@ApiTags('Account')
@Controller('api/auth')
export class AuthController {
  constructor(
    private readonly openAccount: OpenAccount,
    private readonly logIn: LogIn,
    private readonly refreshSession: RefreshSession,
    private readonly logOut: LogOut,
    private readonly readAccount: ReadAccount,
    private readonly updateAccount: UpdateAccount,
  ) {}

  @Post('register')
  @Public()
  @ApiOperation({ operationId: 'registerUser', summary: 'Open an account as a doctor or a patient' })
  @ApiCreatedResponse({ type: UserResponse })
  @ApiAcceptedResponse({
    description:
      'Emails are verified here: the account works when the token that is mailed was used. There is no body.',
  })
  @BodyExamples(RegisterRequest, {
    'A patient': {
      email: 'ada.newman@example.org',
      password: 'a tree in the wind',
      first_name: 'Ada',
      last_name: 'Newman',
      is_patient: true,
    },
    'A doctor': {
      email: 'grace.lindt@example.org',
      password: 'a tree in the wind',
      first_name: 'Grace',
      last_name: 'Lindt',
      gender: 'female',
      is_doctor: true,
    },
  })
  @Problems(EmailTaken.problem, WeakPassword.problem)
  async register(
    @Body() body: RegisterRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UserResponse | undefined> {
    const user = await this.openAccount.execute(body.toInput());
    if (user !== undefined) return UserResponse.of({ user, doctor: null, patient: null });
    void reply.status(202);
    return undefined;
  }

  @Post('login')
  @HttpCode(200)
  @Public()
  @ApiOperation({ operationId: 'logIn', summary: 'Open a session' })
  @ApiOkResponse({ type: LogInResponse })
  @BodyExamples(LogInRequest, {
    'A demo patient': { email: 'lena.fischer@demo.cybermed.example', password: 'demo-password' },
    'A demo doctor': { email: 'clara.sommer@demo.cybermed.example', password: 'demo-password' },
    'The demo admin': { email: 'admin@demo.cybermed.example', password: 'demo-password' },
  })
  @Problems(InvalidCredentials.problem, TooManyTries.problem)
  async login(@Body() body: LogInRequest, @Network() network: string | null): Promise<LogInResponse> {
    return LogInResponse.of(await this.logIn.execute({ ...body.toInput(), network }));
  }

  @Post('login/refresh')
  @HttpCode(200)
  @Public()
  @ApiOperation({ operationId: 'refreshSession', summary: 'Exchange a refresh token for the next pair' })
  @ApiOkResponse({ type: TokensResponse })
  @Problems(InvalidRefreshToken.problem)
  async refresh(@Body() body: RefreshRequest): Promise<TokensResponse> {
    return TokensResponse.of(await this.refreshSession.execute(body.refresh));
  }

  @Post('logout')
  @HttpCode(204)
  @SignedIn()
  @ApiOperation({ operationId: 'logOut', summary: 'End the session of this token' })
  @ApiNoContentResponse()
  async logout(@CurrentActor() actor: Actor): Promise<void> {
    await this.logOut.execute(actor);
  }

  @Get('me')
  @SignedIn()
  @ApiOperation({ operationId: 'getOwnAccount', summary: 'Read your own account' })
  @ApiOkResponse({ type: UserResponse })
  async me(@CurrentActor() actor: Actor): Promise<UserResponse> {
    return UserResponse.of(await this.readAccount.execute(actor.userId));
  }

  @Patch('me')
  @SignedIn()
  @ApiOperation({ operationId: 'updateOwnAccount', summary: 'Change your name or gender' })
  @ApiOkResponse({ type: UserResponse })
  @BodyExamples(UpdateAccountRequest, { 'Another first name': { first_name: 'Lena Marie' } })
  async updateMe(@CurrentActor() actor: Actor, @Body() body: UpdateAccountRequest): Promise<UserResponse> {
    await this.updateAccount.execute({ userId: actor.userId, change: body.toInput() });
    return UserResponse.of(await this.readAccount.execute(actor.userId));
  }
}
