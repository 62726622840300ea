import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BodyExamples } from '#libs/nest/body-examples.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { WeakPassword, WrongPassword } from '../domain/errors.js';
import type { Actor } from '../domain/user.js';
import { ChangePassword } from '../use-cases/change-password.js';
import { CurrentActor, SignedIn } from './access.js';
import { ChangePasswordRequest } from './passwords.dto.js';

@ApiTags('Account')
@Controller('api/auth/password')
export class PasswordsController {
  constructor(private readonly changePassword: ChangePassword) {}

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
  @Problems(WrongPassword.problem, WeakPassword.problem)
  async change(@CurrentActor() actor: Actor, @Body() body: ChangePasswordRequest): Promise<void> {
    await this.changePassword.execute({ actor, ...body.toInput() });
  }
}
