import { Body, Controller, Get, HttpCode, Post, StreamableFile } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BodyExamples } from '#libs/nest/body-examples.js';
import { jsonStream } from '#libs/nest/json-stream.js';
import { Problems } from '#libs/problems/problem.dto.js';
import {
  CurrentActor,
  LastAdmin,
  SignedIn,
  TooManyTries,
  WrongPassword,
  type Actor,
} from '../../identity/index.js';
import { OpenAppointments } from '../../scheduling/index.js';
import { CloseAccount } from '../use-cases/close-account.js';
import { ExportPersonalData } from '../use-cases/export-personal-data.js';
import { CloseAccountRequest, PersonalDataResponse } from './privacy.dto.js';

@ApiTags('Account')
@SignedIn()
@Controller('api/auth/me')
export class PrivacyController {
  constructor(
    private readonly exportPersonalData: ExportPersonalData,
    private readonly closeAccount: CloseAccount,
  ) {}

  @Get('export')
  @ApiOperation({
    operationId: 'exportOwnData',
    summary: 'Read all that is held about you, as one document',
    description: 'At most five a minute. A list may change while it is written.',
  })
  @ApiOkResponse({
    type: PersonalDataResponse,
    headers: { 'Content-Disposition': { description: 'Names a file.', schema: { type: 'string' } } },
  })
  async export(@CurrentActor() actor: Actor): Promise<StreamableFile> {
    const members = PersonalDataResponse.membersOf(await this.exportPersonalData.execute(actor));
    return new StreamableFile(jsonStream(members), {
      type: 'application/json; charset=utf-8',
      disposition: 'attachment; filename="cybermed-export.json"',
    });
  }

  @Post('close')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'closeOwnAccount',
    summary: 'Close your account, for good',
    description:
      'Visits to come of a patient are cancelled; a doctor has none first. Your email is free again. What medicine has to keep stays, without your name and contacts.',
  })
  @BodyExamples(CloseAccountRequest, { 'With your password': { password: 'demo-password' } })
  @ApiNoContentResponse()
  @Problems(WrongPassword.problem, TooManyTries.problem, OpenAppointments.problem, LastAdmin.problem)
  async close(@CurrentActor() actor: Actor, @Body() { password }: CloseAccountRequest): Promise<void> {
    await this.closeAccount.execute({ actor, password });
  }
}
