import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { NotFound } from '#libs/kernel/errors.js';
import { PageQuery } from '#libs/nest/page.dto.js';
import { Problems } from '#libs/problems/problem.dto.js';
import { CurrentActor, Roles, type Actor } from '../../identity/index.js';
import { ReadAccessLog } from '../use-cases/read-access-log.js';
import { AccessResponse, AccessLogResponse } from './audit.dto.js';

@ApiTags('Patients')
@Roles('patient')
@Controller('api/patient-profile/access-log')
export class AccessLogController {
  constructor(private readonly readAccessLog: ReadAccessLog) {}

  @Get()
  @ApiOperation({
    operationId: 'listOwnAccesses',
    summary: 'Read who looked at your card, the newest first',
  })
  @ApiOkResponse({ type: AccessLogResponse })
  @Problems(NotFound.problem)
  async list(
    @CurrentActor() actor: Actor,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<AccessLogResponse> {
    return AccessLogResponse.of(
      await this.readAccessLog.execute({ actor, limit, cursor }),
      AccessResponse.of,
    );
  }
}
