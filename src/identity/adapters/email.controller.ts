import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Problems } from '#libs/problems/problem.dto.js';
import { TokenInvalid } from '../domain/errors.js';
import { VerifyEmail } from '../use-cases/verify-email.js';
import { Public } from './access.js';
import { VerifyEmailRequest } from './passwords.dto.js';

@ApiTags('Account')
@Controller('api/auth/email')
export class EmailController {
  constructor(private readonly verifyEmail: VerifyEmail) {}

  @Post('verify')
  @HttpCode(204)
  @Public()
  @ApiOperation({
    operationId: 'verifyEmail',
    summary: 'Let a new account work, by the token that was mailed to it',
  })
  @ApiNoContentResponse()
  @Problems(TokenInvalid.problem)
  async verify(@Body() { token }: VerifyEmailRequest): Promise<void> {
    await this.verifyEmail.execute(token);
  }
}
