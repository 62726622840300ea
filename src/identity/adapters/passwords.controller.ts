import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiAcceptedResponse, ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BodyExamples } from '#libs/nest/body-examples.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { TokenInvalid, TooManyTries, WeakPassword, WrongPassword } from '../domain/errors.js';
import type { Actor } from '../domain/user.js';
import { ChangePassword } from '../use-cases/change-password.js';
import { ForgotPassword } from '../use-cases/forgot-password.js';
import { ResetPassword } from '../use-cases/reset-password.js';
import { CurrentActor, Public, SignedIn } from './access.js';
import { ChangePasswordRequest, ForgotPasswordRequest, ResetPasswordRequest } from './passwords.dto.js';

@ApiTags('Account')
@Controller('api/auth/password')
export class PasswordsController {
  constructor(
    private readonly changePassword: ChangePassword,
    private readonly forgotPassword: ForgotPassword,
    private readonly resetPassword: ResetPassword,
  ) {}

  @Post('change')
  @HttpCode(204)
  @SignedIn()
  @ApiOperation({
    operationId: 'changeOwnPassword',
    summary: 'Change your password, and log out everywhere else',
  })
  @BodyExamples(ChangePasswordRequest, {
    'Another password': { current_password: 'demo-password', new_password: 'nine clouds over the lake' },
  })
  @ApiNoContentResponse()
  @Problems(WrongPassword.problem, WeakPassword.problem, TooManyTries.problem)
  async change(@CurrentActor() actor: Actor, @Body() body: ChangePasswordRequest): Promise<void> {
    await this.changePassword.execute({ actor, ...body.toInput() });
  }

  @Post('forgot')
  @HttpCode(202)
  @Public()
  @ApiOperation({
    operationId: 'forgetPassword',
    summary: 'Have a token mailed that sets a new password, if the email has an account',
  })
  @ApiAcceptedResponse({
    description: 'Noted; there is no body. Whether the email has an account is told to its mailbox alone.',
  })
  async forgot(@Body() { email }: ForgotPasswordRequest): Promise<void> {
    await this.forgotPassword.execute(email);
  }

  @Post('reset')
  @HttpCode(204)
  @Public()
  @ApiOperation({
    operationId: 'resetPassword',
    summary: 'Set a new password by a token that was mailed, and log out everywhere',
  })
  @ApiNoContentResponse()
  @Problems(TokenInvalid.problem, WeakPassword.problem)
  async reset(@Body() body: ResetPasswordRequest): Promise<void> {
    await this.resetPassword.execute(body.toInput());
  }
}
