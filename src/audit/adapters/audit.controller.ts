import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '../../identity/index.js';
import { ListAudit } from '../use-cases/list-audit.js';
import { AuditRecordResponse, AuditQueryRequest, AuditRecordsResponse } from './audit.dto.js';

@ApiTags('Admin')
@Roles('admin')
@Controller('api/admin/audit')
export class AuditController {
  constructor(private readonly listAudit: ListAudit) {}

  @Get()
  @ApiOperation({
    operationId: 'listAudit',
    summary: 'Read who did what, the newest first',
    description: 'Each page that is read is recorded, too.',
  })
  @ApiOkResponse({ type: AuditRecordsResponse })
  async list(@Query() query: AuditQueryRequest): Promise<AuditRecordsResponse> {
    return AuditRecordsResponse.of(await this.listAudit.execute(query.toQuery()), AuditRecordResponse.of);
  }
}
